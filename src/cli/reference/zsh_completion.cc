#include <string>
#include <string_view>

#include "cli/command_flags.h"
#include "cli/command_list.h"
#include "cli/reference/completions.h"

namespace microgpt::cli {
namespace {

// In single quotes, within the brackets of _arguments.
std::string Quoted(std::string_view text) {
  std::string quoted;
  for (const char letter : text) {
    if (letter == '\'') {
      quoted += "'\\''";
    } else {
      if (letter == ':' || letter == '[' || letter == ']') quoted += '\\';
      quoted += letter;
    }
  }
  return quoted;
}

std::string ActionFor(const Flag& flag) {
  if (!flag.choices.empty()) {
    std::string words;
    for (const std::string& choice : flag.choices) {
      words += (words.empty() ? "" : " ") + choice;
    }
    return "(" + words + ")";
  }
  switch (flag.path) {
    case PathKind::kFile:
      return "_files";
    case PathKind::kFolder:
      return "_files -/";
    case PathKind::kNone:
      break;
  }
  return "";
}

// One argument of _arguments; two for a flag with a short name, which exclude
// each other.
std::string Specification(const Flag& flag) {
  const bool takes_value = !flag.value_name.empty();
  std::string rest = "[" + Quoted(flag.help) + "]";
  if (takes_value) {
    rest += ":" + Quoted(flag.value_name) + ":" + ActionFor(flag);
  }
  const std::string line = " \\\n      '";
  const std::string name = flag.name + (takes_value ? "=" : "");
  if (flag.short_name.empty()) return line + name + rest + "'";
  const std::string both = "(" + flag.short_name + " " + flag.name + ")";
  // A "+" lets the value of a short flag stand in the same word or the next.
  return line + both + flag.short_name + (takes_value ? "+" : "") + rest + "'" +
         line + both + name + rest + "'";
}

}  // namespace

std::string ZshCompletion() {
  std::string names;
  std::string described;
  std::string branches;
  for (const CommandFlags& command : FlagsOfCommands()) {
    const CommandInfo& info = *command.command;
    names += (names.empty() ? "" : "|") + info.name;
    described += "  '" + info.name + ":" + Quoted(info.summary) + "'\n";
    branches += "  " + info.name + ")\n    _arguments -S";
    for (const Flag& flag : command.flags) branches += Specification(flag);
    if (command.operands.path != PathKind::kNone) {
      branches += " \\\n      '*:" + Quoted(command.operands.value_name) +
                  (command.operands.path == PathKind::kFile ? ":_files'"
                                                            : ":_files -/'");
    }
    branches += "\n    ;;\n";
  }
  return "#compdef microgpt\n"
         "# Completion of microgpt in zsh. Made from the definitions of flags "
         "by the build.\n"
         "local command=train\n"
         "local -a commands\n"
         "commands=(\n" +
         described +
         ")\n"
         "if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then\n"
         "  _describe command commands\n"
         "  return\n"
         "fi\n"
         "case $words[2] in\n"
         "  " +
         names +
         ")\n"
         "    command=$words[2]\n"
         "    words=(\"$words[1]\" \"${(@)words[3,-1]}\")\n"
         "    (( CURRENT-- ))\n"
         "    ;;\n"
         "esac\n"
         "case $command in\n" +
         branches + "esac\n";
}

}  // namespace microgpt::cli
