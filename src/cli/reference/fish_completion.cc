#include <string>
#include <string_view>

#include "cli/command_flags.h"
#include "cli/command_list.h"
#include "cli/reference/completions.h"

namespace microgpt::cli {
namespace {

std::string Quoted(std::string_view text) {
  std::string quoted = "'";
  for (const char letter : text) {
    if (letter == '\'' || letter == '\\') quoted += '\\';
    quoted += letter;
  }
  return quoted + "'";
}

std::string ActionFor(const Flag& flag) {
  if (!flag.choices.empty()) {
    std::string words;
    for (const std::string& choice : flag.choices) {
      words += (words.empty() ? "" : " ") + choice;
    }
    return " -x -a " + Quoted(words);
  }
  switch (flag.path) {
    case PathKind::kFile:
      return " -r -F";
    case PathKind::kFolder:
      return " -x -a '(__fish_complete_directories)'";
    case PathKind::kNone:
      break;
  }
  return flag.value_name.empty() ? "" : " -x";
}

std::string FlagLine(const std::string& condition, const Flag& flag) {
  std::string line = "complete -c microgpt" + condition;
  if (!flag.short_name.empty()) line += " -s " + flag.short_name.substr(1);
  return line + " -l " + flag.name.substr(2) + ActionFor(flag) + " -d " +
         Quoted(flag.help) + "\n";
}

std::string Condition(const std::string& command) {
  return " -n 'test (__microgpt_command) = " + command + "'";
}

}  // namespace

std::string FishCompletion() {
  std::string names;
  std::string lines;
  for (const CommandFlags& command : FlagsOfCommands()) {
    const CommandInfo& info = *command.command;
    names += " " + info.name;
    lines +=
        "complete -c microgpt -n 'test (count (commandline -opc)) -eq 1'"
        " -a " +
        info.name + " -d " + Quoted(info.summary) + "\n";
    const std::string condition = Condition(info.name);
    for (const Flag& flag : command.flags) lines += FlagLine(condition, flag);
    if (command.operands.path == PathKind::kFolder) {
      lines += "complete -c microgpt" + condition +
               " -a '(__fish_complete_directories)'\n";
    }
  }
  return "# Completion of microgpt in fish. Made from the definitions of flags "
         "by the build.\n"
         "function __microgpt_command\n"
         "    set -l words (commandline -opc)\n"
         "    if set -q words[2]; and contains -- $words[2]" +
         names +
         "\n"
         "        echo $words[2]\n"
         "    else\n"
         "        echo train\n"
         "    end\n"
         "end\n"
         "complete -c microgpt -f\n" +
         lines;
}

}  // namespace microgpt::cli
