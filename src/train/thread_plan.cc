#include "train/thread_plan.h"

#include <algorithm>

#include "microgpt/system.h"
#include "train/document_pass.h"
#include "train/gradient_shards.h"

namespace microgpt {
namespace {

// Waking workers and waiting for them costs about 10 us, twice a step. Below
// these sizes one thread is faster.
constexpr double kMinParallelFlops = 4e6;
constexpr std::uint64_t kMinParallelParameters = 30'000;

}  // namespace

ThreadPlan PlanThreads(const TrainConfig& config, std::size_t shards) {
  const std::uint64_t parameters = ParameterCount(config.model);
  const double flops = 6.0 * static_cast<double>(parameters) *
                       static_cast<double>(DocumentsPerStep(config)) *
                       config.model.block_size;
  ThreadPlan plan;
  if (config.threads == 1) return plan;
  plan.parallel_shards = shards > 1 && flops >= kMinParallelFlops;
  plan.parallel_update = parameters >= kMinParallelParameters;
  if (plan.parallel_update) {
    plan.workers = config.threads;
  } else if (plan.parallel_shards) {
    plan.workers = static_cast<int>(
        std::min(static_cast<std::size_t>(config.threads), shards));
  }
  return plan;
}

std::size_t LiveGradientBuffers(std::size_t shards, int workers,
                                std::size_t arena_floats) {
  const GradientTree::Shape tree = GradientTree::ShapeFor(shards, arena_floats);
  return std::min(shards, tree.max_roots + tree.levels +
                              static_cast<std::size_t>(workers) - 1);
}

MemoryEstimate EstimateTrainingMemory(const TrainConfig& config,
                                      std::uint64_t corpus_bytes) {
  const ParameterLayout layout(config.model);
  const auto documents = static_cast<std::size_t>(DocumentsPerStep(config));
  const ShardPlan shards(documents,
                         static_cast<std::size_t>(config.model.block_size));
  const ThreadPlan plan = PlanThreads(config, shards.count());
  const CheckedSize arena = CheckedSize(layout.size()) * sizeof(float);
  MemoryEstimate estimate;
  estimate.parameter_bytes =
      (arena + CheckedSize(layout.transposed_size()) * sizeof(float)).value();
  estimate.moment_bytes = (arena * 2).value();
  estimate.gradient_bytes =
      (arena * LiveGradientBuffers(shards.count(), plan.workers, layout.size()))
          .value();
  // And the lists of the documents of a step, and of the losses of shards.
  estimate.activation_bytes =
      (CheckedSize(DocumentPass::Bytes(config.model, shards.max_documents())) *
           static_cast<std::uint64_t>(plan.workers) +
       documents * sizeof(std::size_t) + shards.count() * sizeof(ShardLoss))
          .value();
  estimate.corpus_bytes = corpus_bytes;
  return estimate;
}

}  // namespace microgpt
