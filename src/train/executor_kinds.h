// The implementations behind MakeExecutor.
#ifndef MICROGPT_TRAIN_EXECUTOR_KINDS_H_
#define MICROGPT_TRAIN_EXECUTOR_KINDS_H_

#include <memory>

#include "train/executor.h"

namespace microgpt {

std::unique_ptr<Executor> MakeTbbExecutor(int num_workers);

// Plain threads, for race detectors that cannot see into oneTBB and for builds
// without it.
std::unique_ptr<Executor> MakeThreadExecutor(int num_workers);

}  // namespace microgpt

#endif  // MICROGPT_TRAIN_EXECUTOR_KINDS_H_
