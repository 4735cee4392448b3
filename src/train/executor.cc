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
};

}  // namespace

bool IndexQueue::RunNext(int worker) noexcept {
  const std::size_t index = next_.fetch_add(1, std::memory_order_relaxed);
  if (index >= count_) return false;
  // Lower indices than the failed one still run: one of them may throw too.
  if (index > first_error_.load(std::memory_order_relaxed)) return false;
  try {
    body_(worker, index);
  } catch (...) {
    const std::lock_guard lock(error_mutex_);
    if (index < first_error_.load(std::memory_order_relaxed)) {
      first_error_.store(index, std::memory_order_relaxed);
      error_ = std::current_exception();
    }
  }
  return true;
}

void IndexQueue::Rethrow() {
  if (error_) std::rethrow_exception(error_);
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
