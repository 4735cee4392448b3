#include "train/executor.h"

#include "microgpt/error.h"
#include "microgpt/system.h"
#include "train/executor_kinds.h"

namespace microgpt {
namespace {

// Without threads, which is what one worker needs, and without state: several
// callers may share it.
class SerialExecutor : public Executor {
 public:
  SerialExecutor() : Executor(1) {}

  void ForEach(std::size_t count, LoopBody body) override {
    for (std::size_t i = 0; i < count; ++i) body(0, i);
  }
  void ForEachWithAffinity(std::size_t count, LoopBody body) override {
    ForEach(count, body);
  }
};

}  // namespace

void QueueExecutor::ForEach(std::size_t count, LoopBody body) {
  OrderedQueue queue(count, body);
  Drain(queue, count);
  queue.Rethrow();
}

void QueueExecutor::ForEachWithAffinity(std::size_t count, LoopBody body) {
  AffinityQueue queue(count, body, parts_);
  Drain(queue, count);
  queue.Rethrow();
}

std::string DefaultExecutorName() {
#ifdef MICROGPT_HAVE_TBB
  return "oneTBB";
#else
  return "std::thread";
#endif
}

#ifndef MICROGPT_HAVE_TBB
std::string TbbVersion() { return ""; }
#endif

std::unique_ptr<Executor> MakeExecutor(ExecutorKind kind, int num_workers) {
#ifndef MICROGPT_HAVE_TBB
  if (kind == ExecutorKind::kTbb) {
    throw Error(ErrorKind::kUsage, "this build has no oneTBB executor");
  }
#endif
  if (num_workers == 1) return std::make_unique<SerialExecutor>();
#ifdef MICROGPT_HAVE_TBB
  if (kind != ExecutorKind::kStdThread) return MakeTbbExecutor(num_workers);
#endif
  return MakeThreadExecutor(num_workers);
}

}  // namespace microgpt
