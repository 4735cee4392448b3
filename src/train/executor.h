// The executors that run work on several threads.
#ifndef MICROGPT_TRAIN_EXECUTOR_H_
#define MICROGPT_TRAIN_EXECUTOR_H_

#include <memory>

#include "base/executor.h"
#include "microgpt/config.h"

namespace microgpt {

// REQUIRES: 1 <= num_workers <= kMaxThreads. Throws Error(kResources) if the
// threads cannot be started, Error(kUsage) if the kind was not built in.
std::unique_ptr<Executor> MakeExecutor(ExecutorKind kind, int num_workers);

}  // namespace microgpt

#endif  // MICROGPT_TRAIN_EXECUTOR_H_
