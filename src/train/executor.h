// The executors that run work on several threads.
#ifndef MICROGPT_TRAIN_EXECUTOR_H_
#define MICROGPT_TRAIN_EXECUTOR_H_

#include <atomic>
#include <cstddef>
#include <exception>
#include <memory>
#include <mutex>

#include "base/executor.h"
#include "microgpt/config.h"

namespace microgpt {

// The indices of one ForEach, handed out in order, and its first exception.
// Thread-safe.
class IndexQueue {
 public:
  IndexQueue(std::size_t count, LoopBody body)
      : count_(count), body_(body), first_error_(count) {}

  // Runs the next index on the calling thread; false if none is left.
  bool RunNext(int worker) noexcept;

  // To be called when no thread uses the queue any more.
  void Rethrow();

 private:
  const std::size_t count_;
  LoopBody body_;
  std::atomic<std::size_t> next_{0};
  std::atomic<std::size_t> first_error_;  // lowest index that threw, or count_
  std::mutex error_mutex_;
  std::exception_ptr error_;
};

// REQUIRES: 1 <= num_workers <= kMaxThreads. Throws Error(kResources) if the
// threads cannot be started, Error(kUsage) if the kind was not built in.
std::unique_ptr<Executor> MakeExecutor(ExecutorKind kind, int num_workers);

}  // namespace microgpt

#endif  // MICROGPT_TRAIN_EXECUTOR_H_
