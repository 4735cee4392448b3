#include "train/gradient_shards.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "base/checked_math.h"

namespace microgpt {
namespace {

// A shard costs one more pass over all gradients, as much as a few positions of
// forward and backward; this many positions make that small.
constexpr std::size_t kPositionsPerShard = 128;
// Below that, more shards for small batches: they bound the usable threads.
constexpr std::size_t kWantedShards = 8;
// Beyond 64 MiB, in floats, no cache holds gradients: a pass over them is worth
// more positions, and their copies fill the memory.
constexpr std::size_t kLargeArena = std::size_t{16} << 20;
constexpr std::size_t kPositionsPerLargeShard = 1024;
constexpr std::size_t kMaxLargeShards = 8;

}  // namespace

ShardPlan::ShardPlan(std::size_t documents, std::size_t block_size,
                     std::size_t arena_floats)
    : documents_(documents) {
  const std::size_t per_shard = CeilDiv(kPositionsPerShard, block_size);
  count_ = std::max(CeilDiv(documents, per_shard),
                    std::min(documents, kWantedShards));
  if (arena_floats > kLargeArena) {
    const std::size_t worth = documents * block_size / kPositionsPerLargeShard;
    count_ =
        std::min(count_, std::clamp<std::size_t>(worth, 1, kMaxLargeShards));
  }
}

std::size_t ShardPlan::Begin(std::size_t index) const {
  return documents_ / count_ * index + std::min(index, documents_ % count_);
}

std::size_t ShardPlan::max_documents() const {
  return CeilDiv(documents_, count_);
}

GradientPool::GradientPool(const ParameterLayout& layout, std::size_t reserve,
                           std::size_t embeddings_reserve)
    : layout_(layout) {
  for (std::size_t i = 0; i < reserve + embeddings_reserve; ++i) {
    free_.push_back(
        Make(i < reserve ? ArenaPart::kAll : ArenaPart::kEmbeddings));
  }
}

GradientBuffer* GradientPool::Make(ArenaPart part) {
  all_.push_back(std::make_unique<GradientBuffer>(layout_, part));
  free_.reserve(all_.size());  // Release must not throw
  return all_.back().get();
}

GradientBuffer* GradientPool::Acquire(ArenaPart part) {
  const std::lock_guard lock(mutex_);
  const auto found = std::find_if(
      free_.rbegin(), free_.rend(),
      [part](const GradientBuffer* buffer) { return buffer->part() == part; });
  if (found == free_.rend()) return Make(part);
  GradientBuffer* buffer = *found;
  free_.erase(std::next(found).base());
  return buffer;
}

void GradientPool::Release(GradientBuffer* buffer) noexcept {
  const std::lock_guard lock(mutex_);
  free_.push_back(buffer);
}

GradientTree::Shape GradientTree::ShapeFor(std::size_t shards,
                                           std::size_t arena_floats) {
  Shape shape{shards, 0, arena_floats > kLargeArena ? 2 : kMaxRoots};
  for (; shape.roots > shape.max_roots; ++shape.levels) {
    shape.roots = CeilDiv(shape.roots, 2);
  }
  return shape;
}

GradientTree::GradientTree(std::size_t shards, GradientPool& pool)
    : pool_(pool) {
  std::size_t slots = 0;
  level_sizes_.push_back(shards);
  const Shape shape = ShapeFor(shards, pool.layout().size());
  while (level_sizes_.back() > shape.roots) {
    slot_begin_.push_back(slots);
    level_sizes_.push_back(CeilDiv(level_sizes_.back(), 2));
    slots += level_sizes_.back();
  }
  slots_ = std::vector<std::atomic<GradientBuffer*>>(slots);
  roots_.resize(level_sizes_.back(), nullptr);
}

void GradientTree::Finish(std::size_t shard, GradientBuffer* buffer,
                          Executor& executor) {
  std::size_t node = shard;
  for (std::size_t level = 0; level + 1 < level_sizes_.size(); ++level) {
    const bool alone = node % 2 == 0 && node + 1 == level_sizes_[level];
    if (!alone) {
      GradientBuffer* other =
          Slot(level, node / 2).exchange(buffer, std::memory_order_acq_rel);
      if (other == nullptr) return;
      Slot(level, node / 2).store(nullptr, std::memory_order_relaxed);
      GradientBuffer* left = node % 2 == 0 ? buffer : other;
      GradientBuffer* right = node % 2 == 0 ? other : buffer;
      left->Add(*right, executor);
      pool_.Release(right);
      buffer = left;
    }
    node /= 2;
  }
  roots_[node] = buffer;
}

void GradientTree::UniteRoots() noexcept {
  for (GradientBuffer* root : roots_) roots_[0]->AddRowsOf(*root);
}

bool GradientTree::SumRoots(std::size_t begin, std::size_t end) noexcept {
  std::array<float*, kMaxRoots> terms{};
  for (std::size_t i = 0; i < roots_.size(); ++i) {
    terms[i] = roots_[i]->data() + begin;
  }
  return SumPairwise(std::span(terms).first(roots_.size()), end - begin);
}

void GradientTree::ReleaseAll() noexcept {
  for (auto& slot : slots_) {
    GradientBuffer* buffer = slot.exchange(nullptr);
    if (buffer != nullptr) pool_.Release(buffer);
  }
  for (GradientBuffer*& root : roots_) {
    if (root != nullptr) pool_.Release(root);
    root = nullptr;
  }
}

}  // namespace microgpt
