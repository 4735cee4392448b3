#include <oneapi/tbb/blocked_range.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/partitioner.h>
#include <oneapi/tbb/task_arena.h>
#include <oneapi/tbb/version.h>

#include <memory>
#include <mutex>

#include "microgpt/error.h"
#include "microgpt/system.h"
#include "train/executor_kinds.h"

namespace microgpt {
namespace {

// Lets oneTBB run so many threads at once: more than the machine has are the
// user's choice. Where it does already, its limit is left alone, which is that
// of the whole process. Of several limits oneTBB obeys the smallest, so that
// executors must share one, the largest that any has needed; arenas are what
// bounds them. Never destroyed: oneTBB may be gone by then.
void AllowParallelism(std::size_t threads) {
  using Control = tbb::global_control;
  constexpr auto kLimit = Control::max_allowed_parallelism;
  static std::mutex mutex;
  static std::size_t allowed = 0;
  static Control* limit = nullptr;
  const std::lock_guard lock(mutex);
  if (threads <= allowed || threads <= Control::active_value(kLimit)) return;
  delete limit;
  limit = new Control(kLimit, threads);
  allowed = threads;
}

// An arena of its own, so that worker numbers are slots of this arena; threads
// come back to the slot that they had. One task per index; which index a task
// takes is decided when it starts, so that work begins in order whatever is
// stolen from whom.
class TbbExecutor : public QueueExecutor {
 public:
  explicit TbbExecutor(int num_workers)
      : QueueExecutor(num_workers), arena_(num_workers) {
    AllowParallelism(static_cast<std::size_t>(num_workers));
  }

  void Drain(WorkQueue& queue, std::size_t count) override {
    arena_.execute([&] {
      tbb::parallel_for(
          tbb::blocked_range<std::size_t>(0, count, 1),
          [&](const tbb::blocked_range<std::size_t>& range) {
            const int worker = tbb::this_task_arena::current_thread_index();
            for (std::size_t i = range.begin(); i != range.end(); ++i) {
              queue.RunNext(worker);
            }
          },
          tbb::simple_partitioner());
    });
  }

 private:
  tbb::task_arena arena_;
};

}  // namespace

std::string TbbVersion() { return TBB_runtime_version(); }

std::unique_ptr<Executor> MakeTbbExecutor(int num_workers) {
  return std::make_unique<TbbExecutor>(num_workers);
}

}  // namespace microgpt
