// Runs independent pieces of work, possibly on several threads. What runs them
// is in src/train; layers below only hand work over.
#ifndef MICROGPT_BASE_EXECUTOR_H_
#define MICROGPT_BASE_EXECUTOR_H_

#include <cstddef>

#include "base/function_ref.h"

namespace microgpt {

// body(worker, index): no two running calls have the same worker, and
// 0 <= worker < num_workers().
using LoopBody = FunctionRef<void(int worker, std::size_t index)>;

// One caller at a time, and no body may call ForEach of its own executor; the
// calling thread works too, as worker 0.
class Executor {
 public:
  virtual ~Executor() = default;

  int num_workers() const { return num_workers_; }

  // Calls body once for every index in [0, count). Indices are begun in
  // increasing order. If bodies throw, indices beyond are not begun any more
  // and the exception of the lowest throwing index is rethrown, whichever
  // thread it happened on. Returns when nothing runs any more.
  virtual void ForEach(std::size_t count, LoopBody body) = 0;

  // The same, for loops that come back to the same data: worker w begins with
  // the part [count w / W, count (w + 1) / W) of the W workers, in increasing
  // order, so that the data stay in its caches, and then helps others with the
  // ends of their parts. REQUIRES: count < 2^32.
  virtual void ForEachWithAffinity(std::size_t count, LoopBody body) = 0;

 protected:
  explicit Executor(int num_workers) : num_workers_(num_workers) {}

 private:
  int num_workers_;
};

}  // namespace microgpt

#endif  // MICROGPT_BASE_EXECUTOR_H_
