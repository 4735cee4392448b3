// Which flags each command has.
#ifndef MICROGPT_CLI_COMMAND_FLAGS_H_
#define MICROGPT_CLI_COMMAND_FLAGS_H_

#include "cli/flag_table.h"
#include "cli/options.h"

namespace microgpt::cli {

// Registers the flags of options.command, which write into `options`; both must
// outlive the table.
void AddFlags(FlagTable& flags, Options& options);

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_COMMAND_FLAGS_H_
