#include "train/work_queue.h"

#include <cassert>

namespace microgpt {
namespace {

// One in the high half of a range.
constexpr std::uint64_t kBegin = std::uint64_t{1} << 32;

}  // namespace

void WorkQueue::Run(int worker, std::size_t index) noexcept {
  // Lower indices than the failed one still run: one of them may throw too.
  if (index > first_error_.load(std::memory_order_relaxed)) return;
  try {
    body_(worker, index);
  } catch (...) {
    const std::lock_guard lock(error_mutex_);
    if (index < first_error_.load(std::memory_order_relaxed)) {
      first_error_.store(index, std::memory_order_relaxed);
      error_ = std::current_exception();
    }
  }
}

void WorkQueue::Rethrow() {
  if (error_) std::rethrow_exception(error_);
}

bool OrderedQueue::RunNext(int worker) noexcept {
  const std::size_t index = next_.fetch_add(1, std::memory_order_relaxed);
  if (index >= count()) return false;
  Run(worker, index);
  return true;
}

AffinityQueue::AffinityQueue(std::size_t count, LoopBody body,
                             std::span<Part> parts)
    : WorkQueue(count, body), parts_(parts) {
  assert(count < kBegin);
  std::uint64_t begin = 0;
  for (std::size_t w = 0; w < parts.size(); ++w) {
    const std::uint64_t end = count * (w + 1) / parts.size();
    parts[w].range.store(begin * kBegin + end, std::memory_order_relaxed);
    begin = end;
  }
}

bool AffinityQueue::RunNext(int worker) noexcept {
  const auto own = static_cast<std::size_t>(worker);
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    std::atomic<std::uint64_t>& range = parts_[(own + i) % parts_.size()].range;
    std::uint64_t left = range.load(std::memory_order_relaxed);
    while (left / kBegin < left % kBegin) {
      // The first of its own part, the last of another one.
      const bool first = i == 0;
      if (range.compare_exchange_weak(left, first ? left + kBegin : left - 1,
                                      std::memory_order_relaxed)) {
        Run(worker, first ? left / kBegin : left % kBegin - 1);
        return true;
      }
    }
  }
  return false;
}

}  // namespace microgpt
