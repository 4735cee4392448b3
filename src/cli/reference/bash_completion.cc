#include <fmt/format.h>

#include <map>
#include <string>

#include "cli/command_flags.h"
#include "cli/command_list.h"
#include "cli/reference/completions.h"

namespace microgpt::cli {
namespace {

constexpr const char* kBegin =
    R"sh(# Completion of microgpt in bash. Made from the definitions of flags by the build.
_microgpt() {
  local current=${COMP_WORDS[COMP_CWORD]}
  local previous=${COMP_WORDS[COMP_CWORD - 1]}
  local command=train flags=
  COMPREPLY=()
  # "--flag=value" comes as three words.
  if [[ $current == "=" ]]; then
    current=
  elif [[ $previous == "=" ]]; then
    previous=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  if ((COMP_CWORD > 1)); then
    case ${COMP_WORDS[1]} in
      -*) ;;
      *) command=${COMP_WORDS[1]} ;;
    esac
  fi
  case "$command $previous" in
)sh";

constexpr const char* kEnd =
    R"sh(  if ((COMP_CWORD == 1)) && [[ $current != -* ]]; then
    flags=$commands
  fi
  mapfile -t COMPREPLY < <(compgen -W "$flags" -- "$current")
}
complete -F _microgpt microgpt
)sh";

// What bash does to complete the value of a flag.
std::string ActionFor(const Flag& flag) {
  if (!flag.choices.empty()) {
    std::string words;
    for (const std::string& choice : flag.choices) {
      words += (words.empty() ? "" : " ") + choice;
    }
    return "mapfile -t COMPREPLY < <(compgen -W \"" + words +
           "\" -- \"$current\")";
  }
  if (flag.path == PathKind::kNone) return ":";
  const std::string what = flag.path == PathKind::kFile ? "-f" : "-d";
  return "compopt -o filenames 2>/dev/null\n      "
         "mapfile -t COMPREPLY < <(compgen " +
         what + " -- \"$current\")";
}

// Flags with equal actions share a branch.
std::string ValueBranches() {
  std::map<std::string, std::string> patterns;
  for (const CommandFlags& command : FlagsOfCommands()) {
    for (const Flag& flag : command.flags) {
      if (flag.value_name.empty()) continue;
      for (const std::string& name : {flag.name, flag.short_name}) {
        if (name.empty()) continue;
        std::string& pattern = patterns[ActionFor(flag)];
        if (!pattern.empty()) pattern += " | \\\n      ";
        pattern += "\"" + command.command->name + " " + name + "\"";
      }
    }
  }
  std::string text;
  for (const auto& [action, pattern] : patterns) {
    text += fmt::format("    {})\n      {}\n      return\n      ;;\n", pattern,
                        action);
  }
  return text + "  esac\n";
}

std::string FlagBranches() {
  std::string text = "  case $command in\n";
  std::string commands;
  for (const CommandFlags& command : FlagsOfCommands()) {
    std::string names;
    for (const Flag& flag : command.flags) names += flag.name + " ";
    commands += command.command->name + " ";
    text += "    " + command.command->name + ")\n";
    if (command.operands.path != PathKind::kNone) {
      text +=
          "      if [[ $current != -* ]]; then\n"
          "        compopt -o filenames 2>/dev/null\n"
          "        mapfile -t COMPREPLY < <(compgen -" +
          std::string(command.operands.path == PathKind::kFile ? "f" : "d") +
          " -- \"$current\")\n"
          "        return\n"
          "      fi\n";
    }
    names.pop_back();
    text += "      flags=\"" + names + "\"\n      ;;\n";
  }
  commands.pop_back();
  return text + "  esac\n  local commands=\"" + commands + "\"\n";
}

}  // namespace

std::string BashCompletion() {
  return kBegin + ValueBranches() + FlagBranches() + kEnd;
}

}  // namespace microgpt::cli
