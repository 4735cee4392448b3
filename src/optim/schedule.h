// The learning rate of every step.
#ifndef MICROGPT_OPTIM_SCHEDULE_H_
#define MICROGPT_OPTIM_SCHEDULE_H_

#include <cstdint>

#include "microgpt/config.h"

namespace microgpt {

// Learning rate of step `step` (from 0), as ScheduleConfig says. From step
// num_steps on, where r would be 1 or more, falling schedules stay at min_lr; a
// warm-up of num_steps or more goes on to its own end.
double LearningRate(const TrainConfig& config, std::int64_t step);

}  // namespace microgpt

#endif  // MICROGPT_OPTIM_SCHEDULE_H_
