// Cutting a batch into shards, and summing their gradients in an order that
// depends on nothing but the configuration.
#ifndef MICROGPT_TRAIN_GRADIENT_SHARDS_H_
#define MICROGPT_TRAIN_GRADIENT_SHARDS_H_

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

#include "base/executor.h"
#include "kernels/gradient.h"
#include "model/parameters.h"
#include "train/gradient_buffer.h"

namespace microgpt {

// The cut of the documents of a step into S contiguous shards.
class ShardPlan {
 public:
  // arena_floats: of a gradient; large ones are not written more often than
  // they must be. REQUIRES: documents > 0, block_size > 0.
  ShardPlan(std::size_t documents, std::size_t block_size,
            std::size_t arena_floats);

  std::size_t count() const { return count_; }  // S
  // First document of shard `index`; Begin(count()) is `documents`.
  std::size_t Begin(std::size_t index) const;
  std::size_t max_documents() const;

 private:
  std::size_t documents_;
  std::size_t count_;
};

// Hands out gradient buffers and takes them back. Allocates only when more are
// out than ever before. Thread-safe.
class GradientPool {
 public:
  // `layout` must outlive the pool. Makes so many buffers at once, of all
  // tensors and of embeddings alone.
  GradientPool(const ParameterLayout& layout, std::size_t reserve,
               std::size_t embeddings_reserve = 0);

  const ParameterLayout& layout() const { return layout_; }
  GradientBuffer* Acquire(ArenaPart part = ArenaPart::kAll);
  void Release(GradientBuffer* buffer) noexcept;

 private:
  GradientBuffer* Make(ArenaPart part);

  const ParameterLayout& layout_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<GradientBuffer>> all_;
  std::vector<GradientBuffer*> free_;
};

// The fixed pairwise tree over S shards: node i of a level is the sum of nodes
// 2i and 2i + 1 below; a last node without a partner moves up as it is. Whoever
// finishes second adds, so sums are made early and buffers go back to the pool.
// The topmost sums are left to the caller, who can split them by weights.
class GradientTree {
 public:
  static constexpr std::size_t kMaxRoots = kMaxTerms;

  GradientTree(std::size_t shards, GradientPool& pool);

  // Takes over the gradients of a shard. Sums are shared by the workers of
  // `executor`. Thread-safe for executors of one worker.
  void Finish(std::size_t shard, GradientBuffer* buffer, Executor& executor);

  // How many topmost sums there are, and how many levels of sums below them.
  // Fewer for arenas whose copies would fill the memory.
  struct Shape {
    std::size_t roots = 0;
    std::size_t levels = 0;
    std::size_t max_roots = 0;  // for any number of shards
  };
  static Shape ShapeFor(std::size_t shards, std::size_t arena_floats);

  // After all shards have finished: at most kMaxRoots buffers, in order, whose
  // sum by the same tree is the total.
  std::size_t num_roots() const { return level_sizes_.back(); }
  GradientBuffer* root(std::size_t index) const { return roots_[index]; }
  // root(0) learns which embedding rows the sum will have. Must follow the last
  // Finish, and come before root(0).ForEachRange is asked what to sum.
  void UniteRoots() noexcept;
  // Sums elements [begin, end) of all roots into root(0) and returns whether
  // the sums are finite. Disjoint ranges may be summed concurrently.
  bool SumRoots(std::size_t begin, std::size_t end) noexcept;
  // Gives all buffers back, also those of an unfinished step. Must follow every
  // step, when no Finish is running.
  void ReleaseAll() noexcept;

 private:
  std::atomic<GradientBuffer*>& Slot(std::size_t level, std::size_t index) {
    return slots_[slot_begin_[level] + index];
  }

  GradientPool& pool_;
  std::vector<std::size_t> level_sizes_;
  std::vector<std::size_t> slot_begin_;
  // Per parent node: the child that finished first.
  std::vector<std::atomic<GradientBuffer*>> slots_;
  std::vector<GradientBuffer*> roots_;
};

}  // namespace microgpt

#endif  // MICROGPT_TRAIN_GRADIENT_SHARDS_H_
