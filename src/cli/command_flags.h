// Which flags each command has.
#ifndef MICROGPT_CLI_COMMAND_FLAGS_H_
#define MICROGPT_CLI_COMMAND_FLAGS_H_

#include <vector>

#include "cli/command_list.h"
#include "cli/flag_table.h"
#include "cli/options.h"

namespace microgpt::cli {

// Registers the flags of options.command, which write into `options`; both must
// outlive the table.
void AddFlags(FlagTable& flags, Options& options);

// What flags say about themselves; their `set` and `get` must not be called.
struct CommandFlags {
  const CommandInfo* command;
  std::vector<Flag> flags;
  Operands operands;
};

// Of all commands, in order. Thread-safe.
const std::vector<CommandFlags>& FlagsOfCommands();

// The same, each name once. Thread-safe.
const std::vector<Flag>& EveryFlag();

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_COMMAND_FLAGS_H_
