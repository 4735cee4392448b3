#include "cli/help_text.h"

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace microgpt::cli {
namespace {

constexpr std::size_t kWidth = 80;
constexpr std::size_t kFlagColumn = 26;

// Words of `text` in lines, all but the first indented by `indent`; the first
// begins at column `at`.
std::string Wrapped(std::string_view text, std::size_t at, std::size_t indent) {
  std::string out;
  bool line_is_empty = true;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!line_is_empty && at + 1 + word.size() > kWidth) {
      out += "\n" + std::string(indent, ' ');
      at = indent;
      line_is_empty = true;
    }
    if (!line_is_empty) {
      out += ' ';
      ++at;
    }
    out += word;
    at += word.size();
    line_is_empty = false;
  }
  return out + "\n";
}

// `left` in the first column, `right` beside it, or below if it is too long.
std::string Row(const std::string& left, std::string_view right) {
  std::string row = "  " + left;
  if (row.size() + 2 > kFlagColumn) {
    row += "\n";
    row.append(kFlagColumn, ' ');
  } else {
    row.append(kFlagColumn - row.size(), ' ');
  }
  return row + Wrapped(right, kFlagColumn, kFlagColumn);
}

std::string CommandRows() {
  std::string text = "\nCommands:\n";
  for (const CommandInfo& info : Commands()) {
    text += "  microgpt " + info.synopsis + "\n" +
            std::string(kFlagColumn, ' ') + info.summary + "\n";
  }
  return text + Row("microgpt COMMAND --help", "the flags of a command");
}

std::string ExampleRows(const CommandInfo& command) {
  std::string text = "\nExamples:\n";
  for (const CommandExample& example : command.examples) {
    text += "  " + example.command_line + "\n" + std::string(kFlagColumn, ' ') +
            example.purpose + "\n";
  }
  return text;
}

std::string ExitCodes() {
  std::string text = "\nExit codes:\n";
  for (const ExitStatus& status : ExitStatuses()) {
    text += Row(status.code, status.meaning);
  }
  return text;
}

}  // namespace

std::string NamesOf(const Flag& flag) {
  std::string names =
      flag.short_name.empty() ? flag.name : flag.short_name + ", " + flag.name;
  if (!flag.value_name.empty()) names += " " + flag.value_name;
  return names;
}

std::string SourcesText() {
  return "Every flag can also be set by a variable of the environment, "
         "MICROGPT_N_EMBD=32 for --n-embd 32, and in a file of --config, "
         "n_embd = 32. A flag typed wins over the environment, the "
         "environment over the file, the file over --preset.";
}

std::vector<std::string> GroupsOf(const std::vector<Flag>& flags) {
  std::vector<std::string> groups;
  for (const Flag& flag : flags) {
    if (std::find(groups.begin(), groups.end(), flag.group) == groups.end()) {
      groups.push_back(flag.group);
    }
  }
  return groups;
}

std::string HelpText(const CommandInfo& command, const FlagTable& flags) {
  std::string text = Wrapped(command.description, 0, 0);
  text += "\nUsage: microgpt " + command.synopsis + "\n";
  if (command.command == Command::kTrain) text += CommandRows();
  if (flags.operands().values != nullptr) {
    text += "\n" + Row(flags.operands().value_name, flags.operands().help);
  }
  for (const std::string& group : GroupsOf(flags.flags())) {
    text += "\n" + group + ":\n";
    for (const Flag& flag : flags.flags()) {
      if (flag.group == group) text += Row(NamesOf(flag), Describe(flag));
    }
  }
  text += "\n" + Wrapped(SourcesText(), 0, 0);
  return text + ExampleRows(command) + ExitCodes();
}

}  // namespace microgpt::cli
