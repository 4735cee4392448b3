#include "cli/notes.h"

#include <fmt/format.h>

#include <string>

#include "cli/terminal.h"

namespace microgpt::cli {
namespace {

std::string WhatTheRateDoes(const TrainConfig& config) {
  const ScheduleConfig& schedule = config.schedule;
  if (schedule.kind == LrSchedule::kConstant) return "stays";
  return "falls to " + (schedule.min_lr > 0 ? fmt::format("{}", schedule.min_lr)
                                            : std::string("zero"));
}

}  // namespace

void NoteResume(const Trainer& trainer, const Checkpoint& checkpoint) {
  const CheckpointState& state = checkpoint.state();
  const std::int64_t steps = trainer.config().num_steps;
  PrintNote(fmt::format("resuming {} after step {} of {}", checkpoint.folder(),
                        state.progress.step, state.config.num_steps));
  if (steps != state.config.num_steps) {
    PrintNote(fmt::format(
        "the learning rate now {} over {} steps instead of {}",
        WhatTheRateDoes(trainer.config()), steps, state.config.num_steps));
  } else if (state.progress.step == steps) {
    PrintNote("all steps are done; a larger --num-steps would add some");
  }
}

void NoteEarlyStop(const Trainer& trainer, bool saved) {
  const ValidationProgress& found = trainer.validation();
  PrintNote(fmt::format(
      "stopped early after step {} of {}: no better validation loss than that "
      "of step {}, {} times in a row{}",
      trainer.steps_done(), trainer.config().num_steps, found.best_step,
      found.since_best,
      saved ? "; --resume with a larger --early-stop-patience, or 0, goes on"
            : ""));
}

}  // namespace microgpt::cli
