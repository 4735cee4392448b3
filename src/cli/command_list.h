// The commands of the program, as help, man page and completions show them.
#ifndef MICROGPT_CLI_COMMAND_LIST_H_
#define MICROGPT_CLI_COMMAND_LIST_H_

#include <string>
#include <vector>

#include "cli/options.h"

namespace microgpt::cli {

struct CommandExample {
  std::string command_line;  // "microgpt ..."
  std::string purpose;
};

struct CommandInfo {
  Command command;
  std::string name;
  std::string synopsis;     // what follows "microgpt "
  std::string summary;      // one line
  std::string description;  // a few sentences
  std::vector<CommandExample> examples;
};

// The first is the one that may be left out.
const std::vector<CommandInfo>& Commands();

// REQUIRES: not kPrintText.
const CommandInfo& InfoOf(Command command);

// Throws Error(kUsage) that suggests a name.
const CommandInfo& FindCommand(const std::string& name);

struct ExitStatus {
  std::string code;
  std::string meaning;
};

const std::vector<ExitStatus>& ExitStatuses();

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_COMMAND_LIST_H_
