#include "cli/reference/man_page.h"

#include <fmt/format.h>

#include <string_view>

#include "cli/command_flags.h"
#include "cli/command_list.h"
#include "cli/help_text.h"
#include "cli/presets.h"
#include "microgpt/system.h"

namespace microgpt::cli {
namespace {

// Text that stands for itself; hyphens can be copied into a shell.
std::string Roff(std::string_view text) {
  std::string escaped;
  if (text.starts_with('.') || text.starts_with('\'')) escaped = "\\&";
  for (const char letter : text) {
    if (letter == '\\') {
      escaped += "\\e";
    } else if (letter == '-') {
      escaped += "\\-";
    } else if (letter == '"') {
      escaped += "\\(dq";
    } else {
      escaped += letter;
    }
  }
  return escaped;
}

// A tagged paragraph; both parts escaped already.
std::string Entry(const std::string& tag, const std::string& text) {
  return ".TP\n" + tag + "\n" + text + "\n";
}

std::string Bold(std::string_view text) { return "\\fB" + Roff(text) + "\\fR"; }

std::string Italic(std::string_view text) {
  return "\\fI" + Roff(text) + "\\fR";
}

std::string FlagEntry(const Flag& flag) {
  std::string tag;
  if (!flag.short_name.empty()) tag = Bold(flag.short_name) + ", ";
  tag += Bold(flag.name);
  if (!flag.value_name.empty()) tag += " " + Italic(flag.value_name);
  std::string text = Roff(Describe(flag)) + ".";
  if (!flag.example.empty()) {
    text += "\nFor example: " + Bold(flag.name + " " + flag.example) + ".";
  }
  return Entry(tag, text);
}

std::string CommandSection(const CommandFlags& command) {
  const CommandInfo& info = *command.command;
  std::string text = ".SH \"COMMAND " + Roff(info.name) + "\"\n" +
                     Bold("microgpt " + info.synopsis) + "\n.PP\n" +
                     Roff(info.description) + "\n";
  if (command.operands.values != nullptr) {
    text += Entry(Italic(command.operands.value_name),
                  Roff(command.operands.help) + ".");
  }
  for (const std::string& group : GroupsOf(command.flags)) {
    text += ".SS " + Roff(group) + "\n";
    for (const Flag& flag : command.flags) {
      if (flag.group == group) text += FlagEntry(flag);
    }
  }
  return text;
}

std::string Synopsis() {
  std::string text = ".SH SYNOPSIS\n";
  for (const CommandInfo& info : Commands()) {
    text += Bold("microgpt " + info.synopsis) + "\n.br\n";
  }
  return text + Bold("microgpt ") + Italic("COMMAND") + Bold(" --help") + "\n";
}

std::string CommandList() {
  std::string text = ".SH COMMANDS\n";
  for (const CommandInfo& info : Commands()) {
    text += Entry(Bold(info.name), Roff(info.summary) + ".");
  }
  return text;
}

std::string PresetList() {
  std::string text = ".SH PRESETS\n" + Bold("--preset") +
                     " gives flags these values where nothing else does.\n";
  for (const Preset& preset : Presets()) {
    std::string values;
    for (const PresetValue& value : preset.values) {
      values += (values.empty() ? ": " : " ") + value.flag + " " + value.text;
    }
    text += Entry(Bold(preset.name), Roff(preset.purpose + values) + ".");
  }
  return text;
}

std::string Environment() {
  std::string text = ".SH ENVIRONMENT\n" + Roff(SourcesText()) +
                     "\nAn empty variable is none. Switches take 1, 0, true or "
                     "false.\n";
  text += Entry(Bold("NO_COLOR"),
                "If it is set, no colour and no moving progress line.");
  for (const Flag& flag : EveryFlag()) {
    if (flag.is_variable) {
      text += Entry(Bold(flag.Variable()), "As " + Bold(flag.name) + ".");
    }
  }
  return text;
}

std::string Files() {
  return ".SH FILES\n" +
         Entry(Bold("input.txt"),
               Roff("In the current folder: the text to train on where no "
                    "--input is given.")) +
         Entry(Italic("DIR") + Bold("/generation-*"),
               Roff("Saved states of a run, in the folder of --out-dir.")) +
         Entry(Italic("DIR") + Bold("/config.toml"),
               Roff("The configuration of the run, for --config.")) +
         Entry(Italic("DIR") + Bold("/best"),
               Roff("The model with the least validation loss, a folder like "
                    "that of --out-dir."));
}

std::string Examples() {
  std::string text = ".SH EXAMPLES\n";
  for (const CommandInfo& info : Commands()) {
    for (const CommandExample& example : info.examples) {
      text += Entry(Bold(example.command_line), Roff(example.purpose) + ".");
    }
  }
  return text;
}

std::string ExitStatusList() {
  std::string text = ".SH \"EXIT STATUS\"\n";
  for (const ExitStatus& status : ExitStatuses()) {
    text += Entry(Bold(status.code), Roff(status.meaning) + ".");
  }
  return text;
}

}  // namespace

std::string ManPage() {
  // No date: it would differ between builds.
  std::string text = fmt::format(
      ".\\\" Made from the definitions of flags by the build.\n"
      ".TH MICROGPT 1 \"\" \"microgpt {}\" \"User Commands\"\n.SH NAME\n"
      "microgpt \\- train small GPT language models on CPUs\n",
      Version());
  text += Synopsis();
  text += ".SH DESCRIPTION\n" + Roff(Commands().front().description) + "\n" +
          "Results go to standard output, everything else to standard error.\n";
  text += CommandList();
  for (const CommandFlags& command : FlagsOfCommands()) {
    text += CommandSection(command);
  }
  return text + PresetList() + Environment() + Files() + ExitStatusList() +
         Examples();
}

}  // namespace microgpt::cli
