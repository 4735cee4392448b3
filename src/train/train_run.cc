// Trainer::Train: steps, validations and the callback, in this order.
#include <chrono>
#include <exception>

#include "microgpt/trainer.h"

namespace microgpt {
namespace {

StepResult TimedStep(Trainer& trainer, double& seconds) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point begin = Clock::now();
  const StepResult result = trainer.Step();
  seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  return result;
}

// What a validation has thrown waits until its step has been told.
std::exception_ptr ValidateIfDue(Trainer& trainer, TrainEvent& event) {
  if (!trainer.ValidationDue()) return nullptr;
  try {
    event.validation = trainer.Validate();
  } catch (...) {
    return std::current_exception();
  }
  return nullptr;
}

}  // namespace

TrainEnd Trainer::Train(const TrainCallback& on_step) {
  bool go_on = true;
  for (;;) {
    if (steps_done() >= config().num_steps) return TrainEnd::kDone;
    if (stopped_early()) return TrainEnd::kStoppedEarly;
    if (!go_on) return TrainEnd::kInterrupted;
    TrainEvent event;
    event.step = TimedStep(*this, event.step_seconds);
    const std::exception_ptr failure = ValidateIfDue(*this, event);
    if (on_step) go_on = on_step(event);
    if (failure != nullptr) std::rethrow_exception(failure);
  }
}

}  // namespace microgpt
