// Trainer::Train: steps, validations and the callback, in this order.
#include <chrono>
#include <exception>

#include "microgpt/trainer.h"

namespace microgpt {
namespace {

TrainEvent TimedStep(Trainer& trainer) {
  using Clock = std::chrono::steady_clock;
  TrainEvent event;
  const Clock::time_point begin = Clock::now();
  event.step = trainer.Step();
  event.step_end = Clock::now();
  event.step_seconds =
      std::chrono::duration<double>(event.step_end - begin).count();
  return event;
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
    TrainEvent event = TimedStep(*this);
    const std::exception_ptr failure = ValidateIfDue(*this, event);
    if (on_step) go_on = on_step(event);
    if (failure != nullptr) std::rethrow_exception(failure);
  }
}

}  // namespace microgpt
