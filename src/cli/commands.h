// What the program does once the command line is understood.
#ifndef MICROGPT_CLI_COMMANDS_H_
#define MICROGPT_CLI_COMMANDS_H_

#include "cli/options.h"

namespace microgpt::cli {

// All return the exit code and throw Error.
int RunTrain(const Options& options);
int RunSample(const Options& options);
int RunEval(const Options& options);
int RunBench(const Options& options);
int RunInfo(const Options& options);
int RunReportPage(const Options& options);

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_COMMANDS_H_
