// The configuration of a run as a file that --config takes.
#ifndef MICROGPT_CLI_RUN_CONFIG_H_
#define MICROGPT_CLI_RUN_CONFIG_H_

#include <optional>
#include <string>

#include "cli/options.h"
#include "microgpt/checkpoint.h"
#include "microgpt/config.h"

namespace microgpt::cli {

// In the folder of --out-dir.
inline constexpr const char* kRunConfigFile = "config.toml";

// Every option that a run like this one needs, with absolute paths: whatever
// the folder, environment and defaults of another time, the result is the same.
// Where to save is left out, and what the result does not depend on.
// options: complete, or merged with a checkpoint.
// Throws Error(kUsage) for a path that is not UTF-8.
std::string RunConfigText(const Options& options, int threads);

// Writes it into options.out_dir, if there is one and the file is not the same
// already; never over a file of that name that is not ours, which is said on
// stderr. For a resumed run, what a checkpoint does not keep is taken from the
// file of the run. Throws Error(kIo), or Error(kUsage) as above.
void WriteRunConfig(const Options& options, const TrainConfig& config,
                    const std::optional<Checkpoint>& checkpoint);

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_RUN_CONFIG_H_
