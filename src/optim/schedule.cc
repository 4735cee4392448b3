#include "optim/schedule.h"

#include "base/scalar_math.h"

namespace microgpt {

double LearningRate(const TrainConfig& config, std::int64_t step) {
  const ScheduleConfig& schedule = config.schedule;
  const double full = config.adam.learning_rate;
  const std::int64_t warmup = schedule.warmup_steps;
  if (step < warmup) {
    return full * static_cast<double>(step + 1) /
           static_cast<double>(warmup + 1);
  }
  if (schedule.kind == LrSchedule::kConstant) return full;
  if (step >= config.num_steps) return schedule.min_lr;
  const double r = static_cast<double>(step - warmup) /
                   static_cast<double>(config.num_steps - warmup);
  const double part =
      schedule.kind == LrSchedule::kCosine ? (1 + CosTurns(r / 2)) / 2 : 1 - r;
  return schedule.min_lr + (full - schedule.min_lr) * part;
}

}  // namespace microgpt
