#include "train/thread_plan.h"

#include <algorithm>
#include <cmath>

#include "microgpt/system.h"
#include "train/document_pass.h"

namespace microgpt {
namespace {

// Below these sizes one thread is faster. Waking workers and waiting for them
// takes some 5 us, three times a step; fetching a weight that another core has
// updated takes each of them as long as so many flops. Weights beyond the
// second-level cache are fetched from farther away in any case.
constexpr double kMinParallelFlops = 6e6;
constexpr double kFlopsPerFetchedWeight = 200;
constexpr std::uint64_t kMaxFetchedWeights = 100'000;
constexpr std::uint64_t kMinParallelParameters = 30'000;
// Where one thread goes through the documents and needs all weights back.
constexpr std::uint64_t kMinParametersToFetch = 300'000;
// What one loop shared by all workers costs each of them, in flops.
constexpr double kLoopFlops = 5e5;
// Loops of a layer and beside the layers, forward and backward together; the
// forward pass alone has a good third of them.
constexpr int kLoopsPerLayer = 20;
constexpr int kOtherLoops = 8;
// Documents of small models may be shorter than a block, and take little
// memory.
constexpr std::size_t kMaxKeptRows = 64;
// Storing the gradient of n_embd^2 weights and reading it again takes as long
// as computing it from so many rows. With more rows, or where gradients stay in
// the second-level cache, products are faster while what they read is in the
// first.
constexpr std::size_t kWidthPerSummedRow = 4;
constexpr std::size_t kMinSummedWidth = 64;

// How much work there is, and how it falls apart.
struct Work {
  const ModelConfig& model;
  double shard_flops;
  std::size_t shards;
};

// Whether all threads on one shard after the other are done earlier than one
// shard per thread, or than one thread.
bool PacksAreFaster(const Work& work, int threads, bool parallel_shards) {
  const auto shards = static_cast<double>(work.shards);
  const auto workers = static_cast<double>(threads);
  const double rounds = parallel_shards ? std::ceil(shards / workers) : shards;
  const double loops = work.model.n_layer * kLoopsPerLayer + kOtherLoops;
  return shards * (work.shard_flops / workers + loops * kLoopFlops) <
         rounds * work.shard_flops;
}

}  // namespace

ThreadPlan PlanThreads(const TrainConfig& config, std::size_t shards) {
  ThreadPlan plan;
  if (config.threads == 1) return plan;
  const double flops = FlopsPerToken(config.model) *
                       static_cast<double>(DocumentsPerStep(config)) *
                       config.model.block_size;
  const Work work{config.model, flops / static_cast<double>(shards), shards};
  const std::uint64_t parameters = ParameterCount(config.model);
  const auto fetched =
      static_cast<double>(std::min(parameters, kMaxFetchedWeights));
  plan.parallel_shards =
      shards > 1 &&
      flops >= kMinParallelFlops + kFlopsPerFetchedWeight * fetched;
  plan.parallel_packs =
      PacksAreFaster(work, config.threads, plan.parallel_shards);
  if (plan.parallel_packs) plan.parallel_shards = false;
  plan.parallel_update =
      parameters >= (plan.parallel_shards || plan.parallel_packs
                         ? kMinParallelParameters
                         : kMinParametersToFetch);
  if (plan.parallel_update || plan.parallel_packs) {
    plan.workers = config.threads;
  } else if (plan.parallel_shards) {
    plan.workers = static_cast<int>(
        std::min(static_cast<std::size_t>(config.threads), shards));
  }
  return plan;
}

ThreadPlan PlanEvaluation(const ModelConfig& model, const ShardPlan& shards,
                          int threads) {
  ThreadPlan plan;
  const double rows =
      static_cast<double>(shards.max_documents()) * model.block_size;
  const Work work{model, FlopsPerToken(model) * rows, shards.count()};
  plan.parallel_shards = threads > 1 && shards.count() > 1;
  plan.parallel_packs =
      threads > 1 && PacksAreFaster(work, threads, plan.parallel_shards);
  if (plan.parallel_packs) {
    plan.parallel_shards = false;
    plan.workers = threads;
  } else {
    plan.workers = static_cast<int>(
        std::min(static_cast<std::size_t>(threads), shards.count()));
  }
  return plan;
}

bool MayUpdateDirectly(const TrainConfig& config, const ShardPlan& shards) {
  const PackShape pack = PackShape::For(config.model, shards.max_documents(),
                                        Keep::kForGradients, 1);
  return shards.count() == 1 && config.grad_clip == 0 &&
         pack.rows <= kMaxKeptRows && pack.rows <= pack.logit_rows;
}

bool MaySumProducts(const TrainConfig& config, const ShardPlan& shards,
                    const ThreadPlan& plan) {
  const GradientTree::Shape tree = GradientTree::ShapeFor(
      shards.count(), static_cast<std::size_t>(ParameterCount(config.model)));
  if (shards.count() == 1 || tree.levels > 0 || plan.parallel_packs) {
    return false;
  }
  const auto width = static_cast<std::size_t>(config.model.n_embd);
  const PackShape pack = DocumentPass::ShapeFor(
      config.model, shards.max_documents(), Keep::kForGradients, 1);
  return width >= kMinSummedWidth && pack.rows * kWidthPerSummedRow <= width &&
         pack.documents == shards.max_documents() &&
         pack.rows <= pack.logit_rows;
}

PackShape TrainingPack(const TrainConfig& config, const ShardPlan& shards,
                       const ThreadPlan& plan) {
  const bool kept =
      MayUpdateDirectly(config, shards) || MaySumProducts(config, shards, plan);
  return DocumentPass::ShapeFor(config.model, shards.max_documents(),
                                kept ? Keep::kForGradients : Keep::kForBackward,
                                plan.pack_workers());
}

std::size_t TrainingPasses(const TrainConfig& config, const ShardPlan& shards,
                           const ThreadPlan& plan) {
  return MaySumProducts(config, shards, plan)
             ? std::max(plan.passes(), shards.count())
             : plan.passes();
}

std::size_t LiveGradientBuffers(std::size_t shards, std::size_t passes,
                                std::size_t arena_floats) {
  const GradientTree::Shape tree = GradientTree::ShapeFor(shards, arena_floats);
  return std::min(shards, tree.max_roots + tree.levels + passes - 1);
}

MemoryEstimate EstimateTrainingMemory(const TrainConfig& config,
                                      std::uint64_t corpus_bytes) {
  const ParameterLayout layout(config.model);
  const auto documents = static_cast<std::size_t>(DocumentsPerStep(config));
  const ShardPlan shards(documents,
                         static_cast<std::size_t>(config.model.block_size),
                         layout.size());
  const ThreadPlan plan = PlanThreads(config, shards.count());
  const CheckedSize arena = CheckedSize(layout.size()) * sizeof(float);
  MemoryEstimate estimate;
  estimate.parameter_bytes =
      (arena + CheckedSize(layout.transposed_size()) * sizeof(float)).value();
  estimate.moment_bytes = (arena * 2).value();
  estimate.gradient_bytes =
      MaySumProducts(config, shards, plan)
          ? (arena + CheckedSize(layout.size(ArenaPart::kEmbeddings)) *
                         (shards.count() - 1) * sizeof(float))
                .value()
          : (arena *
             LiveGradientBuffers(shards.count(), plan.passes(), layout.size()))
                .value();
  // And the lists of the documents of a step, and of the losses of shards.
  estimate.activation_bytes =
      (CheckedSize(DocumentPass::Bytes(config.model,
                                       TrainingPack(config, shards, plan))) *
           TrainingPasses(config, shards, plan) +
       documents * sizeof(std::size_t) + shards.count() * sizeof(ShardLoss))
          .value();
  estimate.corpus_bytes = corpus_bytes;
  return estimate;
}

}  // namespace microgpt
