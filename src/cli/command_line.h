// The arguments of the program, on top of CLI11.
#ifndef MICROGPT_CLI_COMMAND_LINE_H_
#define MICROGPT_CLI_COMMAND_LINE_H_

#include <string>
#include <vector>

#include "cli/flag_table.h"

namespace microgpt::cli {

struct TypedFlag {
  const Flag* flag;  // of the table
  std::string text;  // "true" for a switch
};

struct CommandLine {
  bool help = false;
  bool version = false;
  std::vector<TypedFlag> typed;  // each flag once
};

// Splits arguments into flags and values, and fills the operands of the table.
// CLI11 does no more: its own number parsing depends on the locale and names no
// range, and it lets configuration files win over the environment.
// `command`: for messages. Throws Error(kUsage).
CommandLine ParseCommandLine(const std::string& command, const FlagTable& flags,
                             std::vector<std::string> arguments);

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_COMMAND_LINE_H_
