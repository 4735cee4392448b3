// One optimizer step: shards, their sum, the update.
#ifndef MICROGPT_TRAIN_TRAIN_STEP_H_
#define MICROGPT_TRAIN_TRAIN_STEP_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "microgpt/config.h"
#include "microgpt/corpus.h"
#include "microgpt/evaluator.h"
#include "microgpt/trainer.h"
#include "model/parameters.h"
#include "optim/adam.h"
#include "train/document_pass.h"
#include "train/executor.h"
#include "train/gradient_shards.h"
#include "train/optimizer_step.h"
#include "train/step_profile.h"
#include "train/thread_plan.h"

namespace microgpt {

// Owns the worker threads and everything they work in. Single-threaded.
class TrainStep {
 public:
  // config: complete. `layout` must outlive the step. Throws Error(kResources).
  TrainStep(const TrainConfig& config, const ParameterLayout& layout);

  std::size_t num_shards() const { return shards_.count(); }
  StepProfile& profile() { return profile_; }

  // Step `step`, counted from 0, on `documents` of the corpus, as many as
  // DocumentsPerStep says. Weights and moments change only if everything has
  // gone well. Throws Error(kNumeric), naming step and document, if a loss or
  // gradient is not finite.
  StepResult Apply(std::int64_t step, const Corpus& corpus,
                   std::span<const std::size_t> documents,
                   Parameters& parameters, Adam& adam);

  // The loss on another corpus, computed in the buffers of a step. Throws as
  // Evaluate does.
  Evaluation Evaluate(const Parameters& parameters, const Corpus& corpus);

 private:
  // What a step works on.
  struct Batch {
    std::int64_t step;
    const Corpus& corpus;
    std::span<const std::size_t> documents;
    Parameters& parameters;
    Adam& adam;
  };

  StepResult ApplyDirectly(const Batch& batch);
  StepResult ApplyWithShards(const Batch& batch);
  ShardLoss RunShard(const Batch& batch, int worker, std::size_t shard,
                     GradientBuffer& gradients);
  void RunShards(const Batch& batch);
  StepResult SumLosses(const Batch& batch) const;
  bool SumBlock(std::size_t block);
  void SumGradients(const Batch& batch);
  double GradientNorm() const;
  double ClippedScale(StepResult& result);
  void UpdateFromSum(const Batch& batch, StepResult& result);
  std::optional<std::size_t> FindBadGradient(const Batch& batch);
  std::span<const std::size_t> ShardDocuments(const Batch& batch,
                                              std::size_t shard) const;
  // With as many workers as there are passes.
  Executor& ShardExecutor() {
    return threads_.parallel_shards ? *executor_ : *serial_;
  }
  // Whose workers share the work of a pack.
  Executor& PackExecutor() {
    return threads_.parallel_packs ? *pack_executor_ : *serial_;
  }
  Executor& UpdateExecutor() {
    return threads_.parallel_update ? *executor_ : *serial_;
  }
  // Products are worth several threads wherever shards are.
  Executor& SumExecutor() {
    return sum_products_ && threads_.parallel_shards ? *executor_
                                                     : UpdateExecutor();
  }
  template <class Body>
  void ForEachBlock(Executor& executor, Phase phase, Body body);

  TrainConfig config_;
  ShardPlan shards_;
  OptimizerStep optimizer_;
  ThreadPlan threads_;
  bool direct_;        // MayUpdateDirectly
  bool sum_products_;  // MaySumProducts
  std::unique_ptr<Executor> executor_;
  std::unique_ptr<Executor> serial_;
  StepProfile profile_;
  std::unique_ptr<Executor> pack_executor_;  // profiles executor_
  GradientPool pool_;
  GradientTree tree_;
  std::vector<DocumentPass> passes_;   // one per shard worked on at once, or,
                                       // to sum products, one per shard
  std::vector<ShardLoss> losses_;      // one per shard
  std::vector<unsigned char> finite_;  // one per update block
  std::vector<double> squares_;        // sums per update block, to clip
};

}  // namespace microgpt

#endif  // MICROGPT_TRAIN_TRAIN_STEP_H_
