// One step, for all that keep a log of the run.
#ifndef MICROGPT_CLI_STEP_RECORD_H_
#define MICROGPT_CLI_STEP_RECORD_H_

#include <optional>

#include "microgpt/trainer.h"

namespace microgpt::cli {

struct StepRecord {
  StepResult result;
  double step_seconds = 0;
  double elapsed_seconds = 0;  // of all steps of this process so far
  std::optional<double> validation_loss = {};
};

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_STEP_RECORD_H_
