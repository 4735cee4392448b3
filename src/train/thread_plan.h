// How many threads a configuration can use. Bits never depend on it.
#ifndef MICROGPT_TRAIN_THREAD_PLAN_H_
#define MICROGPT_TRAIN_THREAD_PLAN_H_

#include <cstddef>

#include "microgpt/config.h"
#include "model/activations.h"
#include "train/gradient_shards.h"

namespace microgpt {

struct ThreadPlan {
  int workers = 1;
  bool parallel_shards = false;  // shards of a batch on several threads
  bool parallel_packs = false;   // one shard at a time, on all threads
  bool parallel_update = false;  // gradient sum and Adam on several threads

  // Shards that are worked on at once.
  std::size_t passes() const {
    return parallel_shards ? static_cast<std::size_t>(workers) : 1;
  }
  // Threads that work on one pack.
  std::size_t pack_workers() const {
    return parallel_packs ? static_cast<std::size_t>(workers) : 1;
  }
};

// REQUIRES: config.model.vocab_size > 0, config.threads > 0.
ThreadPlan PlanThreads(const TrainConfig& config, std::size_t shards);

// For the forward pass alone. REQUIRES: threads > 0, shards > 0.
ThreadPlan PlanEvaluation(const ModelConfig& model, const ShardPlan& shards,
                          int threads);

// Whether the gradients of activations are kept, so that a step can go from
// products to Adam without storing gradients of weight matrices: for one shard
// of few rows.
bool MayUpdateDirectly(const TrainConfig& config, const ShardPlan& shards);

// Whether every shard keeps the gradients of its activations, so that those of
// weight matrices are summed while they are computed, and stored once: for few
// shards of few rows, whose gradients would take longer to store than to
// compute.
bool MaySumProducts(const TrainConfig& config, const ShardPlan& shards,
                    const ThreadPlan& plan);

// What a document pass of this training needs, and how many there are.
PackShape TrainingPack(const TrainConfig& config, const ShardPlan& shards,
                       const ThreadPlan& plan);
std::size_t TrainingPasses(const TrainConfig& config, const ShardPlan& shards,
                           const ThreadPlan& plan);

// Gradient buffers that are in use at once as a rule: the topmost sums of the
// tree, one per level below that waits for its partner, one per pass.
std::size_t LiveGradientBuffers(std::size_t shards, std::size_t passes,
                                std::size_t arena_floats);

}  // namespace microgpt

#endif  // MICROGPT_TRAIN_THREAD_PLAN_H_
