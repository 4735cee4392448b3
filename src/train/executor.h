// Runs independent pieces of work on several threads.
#ifndef MICROGPT_TRAIN_EXECUTOR_H_
#define MICROGPT_TRAIN_EXECUTOR_H_

#include <atomic>
#include <cstddef>
#include <exception>
#include <memory>
#include <mutex>

#include "base/function_ref.h"
#include "microgpt/config.h"

namespace microgpt {

// body(worker, index): no two running calls have the same worker, and
// 0 <= worker < num_workers().
using LoopBody = FunctionRef<void(int worker, std::size_t index)>;

// One caller at a time; the calling thread works too.
class Executor {
 public:
  virtual ~Executor() = default;

  int num_workers() const { return num_workers_; }

  // Calls body once for every index in [0, count). Indices are begun in
  // increasing order. If bodies throw, indices beyond are not begun any more
  // and the exception of the lowest throwing index is rethrown, whichever
  // thread it happened on. Returns when nothing runs any more.
  virtual void ForEach(std::size_t count, LoopBody body) = 0;

 protected:
  explicit Executor(int num_workers) : num_workers_(num_workers) {}

 private:
  int num_workers_;
};

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
