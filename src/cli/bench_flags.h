// Flags of the bench command.
#ifndef MICROGPT_CLI_BENCH_FLAGS_H_
#define MICROGPT_CLI_BENCH_FLAGS_H_

#include "cli/flag_table.h"
#include "cli/options.h"

namespace microgpt::cli {

void AddBenchFlags(FlagTable& flags, Options& options);

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_BENCH_FLAGS_H_
