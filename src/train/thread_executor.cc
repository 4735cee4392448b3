#include <condition_variable>
#include <system_error>
#include <thread>
#include <vector>

#include "microgpt/error.h"
#include "train/executor_kinds.h"

namespace microgpt {
namespace {

class ThreadExecutor : public QueueExecutor {
 public:
  explicit ThreadExecutor(int num_workers) : QueueExecutor(num_workers) {
    try {
      for (int worker = 1; worker < num_workers; ++worker) {
        threads_.emplace_back([this, worker] { Serve(worker); });
      }
    } catch (const std::system_error& error) {
      Stop();
      throw Error(ErrorKind::kResources,
                  "cannot start " + std::to_string(num_workers) +
                      " threads: " + error.what() + "; use fewer --threads");
    }
  }

  ~ThreadExecutor() override { Stop(); }

  void Drain(WorkQueue& queue, std::size_t /*count*/) override {
    {
      const std::lock_guard lock(mutex_);
      queue_ = &queue;
      busy_ = threads_.size();
      ++generation_;
    }
    start_.notify_all();
    while (queue.RunNext(0)) {
    }
    {
      std::unique_lock lock(mutex_);
      done_.wait(lock, [this] { return busy_ == 0; });
    }
  }

 private:
  void Serve(int worker) {
    std::size_t seen = 0;
    while (true) {
      WorkQueue* queue = nullptr;
      {
        std::unique_lock lock(mutex_);
        start_.wait(lock, [&] { return stop_ || generation_ != seen; });
        if (stop_) return;
        seen = generation_;
        queue = queue_;
      }
      while (queue->RunNext(worker)) {
      }
      const std::lock_guard lock(mutex_);
      if (--busy_ == 0) done_.notify_one();
    }
  }

  void Stop() {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    start_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  std::mutex mutex_;
  std::condition_variable start_;
  std::condition_variable done_;
  WorkQueue* queue_ = nullptr;
  std::size_t busy_ = 0;
  std::size_t generation_ = 0;
  bool stop_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace

std::unique_ptr<Executor> MakeThreadExecutor(int num_workers) {
  return std::make_unique<ThreadExecutor>(num_workers);
}

}  // namespace microgpt
