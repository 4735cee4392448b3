// How many threads a configuration can use. Bits never depend on it.
#ifndef MICROGPT_TRAIN_THREAD_PLAN_H_
#define MICROGPT_TRAIN_THREAD_PLAN_H_

#include <cstddef>

#include "microgpt/config.h"

namespace microgpt {

struct ThreadPlan {
  int workers = 1;
  bool parallel_shards = false;  // documents of a batch on several threads
  bool parallel_update = false;  // gradient sum and Adam on several threads
};

// REQUIRES: config.model.vocab_size > 0, config.threads > 0.
ThreadPlan PlanThreads(const TrainConfig& config, std::size_t shards);

// Gradient buffers that are in use at once as a rule: the topmost sums of the
// tree, one per level below that waits for its partner, one per worker.
std::size_t LiveGradientBuffers(std::size_t shards, int workers,
                                std::size_t arena_floats);

}  // namespace microgpt

#endif  // MICROGPT_TRAIN_THREAD_PLAN_H_
