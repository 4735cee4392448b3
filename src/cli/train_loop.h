// The steps of a run, with everything that happens between them.
#ifndef MICROGPT_CLI_TRAIN_LOOP_H_
#define MICROGPT_CLI_TRAIN_LOOP_H_

#include "cli/progress.h"
#include "cli/run_log.h"
#include "cli/saver.h"
#include "cli/train_report.h"
#include "cli/writer.h"
#include "microgpt/trainer.h"

namespace microgpt::cli {

// The parts of a run that its loop needs.
struct Run {
  Trainer& trainer;
  TrainReport& report;
  Progress& progress;
  Saver& saver;
  RunLog& log;
  const Writer& out;
  bool needs_stdout;     // nobody else keeps what it does
  bool shares_terminal;  // stdout is one, and maybe that of stderr
};

// Runs all steps, or those until validations find nothing better; false if a
// signal or a reader that went away ended it before.
bool RunSteps(Run& run);

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_TRAIN_LOOP_H_
