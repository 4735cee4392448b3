// What the workers of an executor take the indices of a loop from.
#ifndef MICROGPT_TRAIN_WORK_QUEUE_H_
#define MICROGPT_TRAIN_WORK_QUEUE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <mutex>
#include <span>

#include "base/executor.h"

namespace microgpt {

// The indices of one loop, and its first exception. Thread-safe.
class WorkQueue {
 public:
  virtual ~WorkQueue() = default;

  // Runs an index on the calling thread, or leaves one out that is beyond a
  // failed one; false if none is left.
  virtual bool RunNext(int worker) noexcept = 0;

  // To be called when no thread uses the queue any more.
  void Rethrow();

 protected:
  WorkQueue(std::size_t count, LoopBody body)
      : count_(count), body_(body), first_error_(count) {}

  std::size_t count() const { return count_; }
  void Run(int worker, std::size_t index) noexcept;

 private:
  const std::size_t count_;
  LoopBody body_;
  std::atomic<std::size_t> first_error_;  // lowest index that threw, or count_
  std::mutex error_mutex_;
  std::exception_ptr error_;
};

// Of Executor::ForEach.
class OrderedQueue : public WorkQueue {
 public:
  OrderedQueue(std::size_t count, LoopBody body) : WorkQueue(count, body) {}

  bool RunNext(int worker) noexcept override;

 private:
  std::atomic<std::size_t> next_{0};
};

// Of Executor::ForEachWithAffinity.
class AffinityQueue : public WorkQueue {
 public:
  // What is left of a worker's part: its begin in the high 32 bits, its end in
  // the low ones.
  struct alignas(64) Part {
    std::atomic<std::uint64_t> range{0};
  };

  // One part per worker, which must outlive the queue.
  AffinityQueue(std::size_t count, LoopBody body, std::span<Part> parts);

  bool RunNext(int worker) noexcept override;

 private:
  std::span<Part> parts_;
};

}  // namespace microgpt

#endif  // MICROGPT_TRAIN_WORK_QUEUE_H_
