// The implementations behind MakeExecutor.
#ifndef MICROGPT_TRAIN_EXECUTOR_KINDS_H_
#define MICROGPT_TRAIN_EXECUTOR_KINDS_H_

#include <cstddef>
#include <memory>
#include <vector>

#include "base/executor.h"
#include "train/work_queue.h"

namespace microgpt {

// An executor whose workers drain a queue.
class QueueExecutor : public Executor {
 public:
  void ForEach(std::size_t count, LoopBody body) final;
  void ForEachWithAffinity(std::size_t count, LoopBody body) final;

 protected:
  explicit QueueExecutor(int num_workers)
      : Executor(num_workers), parts_(static_cast<std::size_t>(num_workers)) {}

  // Has RunNext called at least `count` times, or until it returns false, by
  // all workers. Returns when none of them uses the queue any more.
  virtual void Drain(WorkQueue& queue, std::size_t count) = 0;

 private:
  std::vector<AffinityQueue::Part> parts_;
};

std::unique_ptr<Executor> MakeTbbExecutor(int num_workers);

// Plain threads, for race detectors that cannot see into oneTBB and for builds
// without it.
std::unique_ptr<Executor> MakeThreadExecutor(int num_workers);

}  // namespace microgpt

#endif  // MICROGPT_TRAIN_EXECUTOR_KINDS_H_
