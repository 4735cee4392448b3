#include "train/train_step.h"

#include <algorithm>
#include <cmath>

#include "kernels/gradient.h"
#include "microgpt/error.h"
#include "optim/schedule.h"
#include "train/evaluation.h"

namespace microgpt {
namespace {

// More are multiplied faster by kernels that store what they compute: on AVX2
// 1.05 to 1.5 times at 16 rows of n_embd 32 to 256, 0.97 to 1.2 at 8.
constexpr std::size_t kMaxDirectRows = 12;
// Far enough below the largest float for any rounding of partial sums.
constexpr double kSurelyFinite = 1e38;
// What clip_grad_norm_ of PyTorch adds to the norm.
constexpr double kNormEps = 1e-6;
// Adam's factors, this squared among them, stay normal numbers.
constexpr double kSmallestScale = 0x1p-36;

double MeanScale(const StepResult& result) {
  return 1 / static_cast<double>(result.tokens);
}

[[noreturn]] void ThrowNotFinite(const std::string& what, std::int64_t step,
                                 const Corpus& corpus,
                                 std::optional<std::size_t> document) {
  std::string where = "step " + std::to_string(step + 1);
  if (document) {
    where += ", document " + std::to_string(*document + 1) + " '" +
             QuoteText(corpus.Document(*document)) + "'";
  }
  throw Error(ErrorKind::kNumeric,
              where + ": the " + what +
                  " is not finite, the step was not applied; lower "
                  "--learning-rate or --init-std, or bound the steps with "
                  "--grad-clip 1");
}

}  // namespace

TrainStep::TrainStep(const TrainConfig& config, const ParameterLayout& layout)
    : config_(config),
      shards_(static_cast<std::size_t>(DocumentsPerStep(config_)),
              static_cast<std::size_t>(config_.model.block_size),
              layout.size()),
      optimizer_(layout),
      threads_(PlanThreads(config_, shards_.count())),
      direct_(MayUpdateDirectly(config_, shards_)),
      sum_products_(MaySumProducts(config_, shards_, threads_)),
      executor_(MakeExecutor(config_.executor, threads_.workers)),
      serial_(MakeExecutor(config_.executor, 1)),
      profile_(config_.threads),
      pack_executor_(std::make_unique<ProfiledExecutor>(*executor_, profile_)),
      pool_(layout,
            sum_products_
                ? 1
                : LiveGradientBuffers(shards_.count(), threads_.passes(),
                                      layout.size()),
            sum_products_ ? shards_.count() - 1 : 0),
      tree_(shards_.count(), pool_),
      losses_(shards_.count()),
      finite_(optimizer_.num_blocks()),
      squares_(config_.grad_clip > 0 ? optimizer_.num_blocks() : 0) {
  const PackShape pack = TrainingPack(config_, shards_, threads_);
  const std::size_t count = TrainingPasses(config_, shards_, threads_);
  passes_.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    passes_.emplace_back(config_.model, pack, PackExecutor());
  }
}

StepResult TrainStep::Apply(std::int64_t step, const Corpus& corpus,
                            std::span<const std::size_t> documents,
                            Parameters& parameters, Adam& adam) {
  const Batch batch{step, corpus, documents, parameters, adam};
  StepResult result;
  try {
    result = direct_ ? ApplyDirectly(batch) : ApplyWithShards(batch);
  } catch (...) {
    tree_.ReleaseAll();
    throw;
  }
  tree_.ReleaseAll();
  result.step = step + 1;
  return result;
}

Evaluation TrainStep::Evaluate(const Parameters& parameters,
                               const Corpus& corpus) {
  return EvaluateWith(parameters, corpus, ShardExecutor(), passes_);
}

std::span<const std::size_t> TrainStep::ShardDocuments(
    const Batch& batch, std::size_t shard) const {
  const std::size_t begin = shards_.Begin(shard);
  return batch.documents.subspan(begin, shards_.Begin(shard + 1) - begin);
}

StepResult TrainStep::ApplyWithShards(const Batch& batch) {
  RunShards(batch);
  StepResult result = SumLosses(batch);
  UpdateFromSum(batch, result);
  return result;
}

// Without storing any gradient of a weight matrix, unless there are many rows
// or it might overflow.
StepResult TrainStep::ApplyDirectly(const Batch& batch) {
  GradientBuffer* buffer = pool_.Acquire();
  tree_.Finish(0, buffer, *serial_);
  DocumentPass& pass = passes_[0];
  pass.SetTimer(PhaseTimer(profile_, 0));
  losses_[0] = pass.RunToEmbeddings(batch.parameters, batch.corpus,
                                    batch.documents, *buffer);
  StepResult result = SumLosses(batch);
  if (pass.num_rows() <= kMaxDirectRows &&
      pass.GradientBound() < kSurelyFinite) {
    const AdamScalars scalars =
        batch.adam.Scalars(batch.step, result.learning_rate, MeanScale(result));
    ForEachBlock(UpdateExecutor(), Phase::kOptimizer, [&](std::size_t block) {
      optimizer_.UpdateDirectly(block, scalars, pass, *buffer, batch.parameters,
                                batch.adam);
    });
  } else {
    pass.WeightGradients(*buffer);
    UpdateFromSum(batch, result);
  }
  return result;
}

template <class Body>
void TrainStep::ForEachBlock(Executor& executor, Phase phase, Body body) {
  // Weights, moments and sums stay in the caches of one core each.
  executor.ForEachWithAffinity(
      optimizer_.num_blocks(), [&](int worker, std::size_t block) {
        profile_.Time(worker, phase, [&] { body(block); });
      });
}

void TrainStep::UpdateFromSum(const Batch& batch, StepResult& result) {
  SumGradients(batch);
  const double scale =
      config_.grad_clip > 0 ? ClippedScale(result) : MeanScale(result);
  const AdamScalars scalars =
      batch.adam.Scalars(batch.step, result.learning_rate, scale);
  const GradientBuffer& gradients = *tree_.root(0);
  ForEachBlock(UpdateExecutor(), Phase::kOptimizer, [&](std::size_t block) {
    optimizer_.UpdateWeights(block, scalars, gradients, batch.parameters,
                             batch.adam);
  });
}

ShardLoss TrainStep::RunShard(const Batch& batch, int worker, std::size_t shard,
                              GradientBuffer& gradients) {
  const std::span<const std::size_t> documents = ShardDocuments(batch, shard);
  DocumentPass& pass =
      passes_[sum_products_ ? shard : static_cast<std::size_t>(worker)];
  pass.SetTimer(PhaseTimer(profile_, worker));
  return sum_products_
             ? pass.RunToEmbeddings(batch.parameters, batch.corpus, documents,
                                    gradients)
             : pass.Run(batch.parameters, batch.corpus, documents, gradients);
}

void TrainStep::RunShards(const Batch& batch) {
  ShardExecutor().ForEach(shards_.count(), [&](int worker, std::size_t shard) {
    // The first is where sums of products go.
    GradientBuffer* buffer = pool_.Acquire(
        sum_products_ && shard > 0 ? ArenaPart::kEmbeddings : ArenaPart::kAll);
    losses_[shard] = RunShard(batch, worker, shard, *buffer);
    profile_.Time(worker, Phase::kReduce,
                  [&] { tree_.Finish(shard, buffer, PackExecutor()); });
  });
}

StepResult TrainStep::SumLosses(const Batch& batch) const {
  StepResult result;
  double sum = 0;
  for (std::size_t shard = 0; shard < losses_.size(); ++shard) {
    const ShardLoss& loss = losses_[shard];
    if (loss.bad_document >= 0) {
      ThrowNotFinite(
          "loss", batch.step, batch.corpus,
          ShardDocuments(batch,
                         shard)[static_cast<std::size_t>(loss.bad_document)]);
    }
    sum += loss.sum;
    result.tokens += loss.tokens;
  }
  result.loss = sum / static_cast<double>(result.tokens);
  result.learning_rate = LearningRate(config_, batch.step);
  return result;
}

bool TrainStep::SumBlock(std::size_t block) {
  return sum_products_
             ? optimizer_.SumProducts(
                   block, std::span(passes_).first(shards_.count()), tree_)
             : optimizer_.SumBlock(block, tree_);
}

void TrainStep::SumGradients(const Batch& batch) {
  tree_.UniteRoots();
  ForEachBlock(SumExecutor(), Phase::kReduce, [&](std::size_t block) {
    finite_[block] = SumBlock(block) ? 1 : 0;
    if (squares_.empty()) return;
    // Now that the block is in the cache.
    squares_[block] = optimizer_.SumOfSquares(block, *tree_.root(0));
  });
  if (std::find(finite_.begin(), finite_.end(), 0) != finite_.end()) {
    ThrowNotFinite("gradient", batch.step, batch.corpus,
                   FindBadGradient(batch));
  }
}

// Of the summed gradients. Blocks are added in order.
double TrainStep::GradientNorm() const {
  double sum = 0;
  for (const double square : squares_) sum += square;
  return std::sqrt(sum);
}

// What the summed gradients are still to be multiplied by.
double TrainStep::ClippedScale(StepResult& result) {
  const double mean = MeanScale(result);
  result.grad_norm = GradientNorm() * mean;
  const double factor = config_.grad_clip / (*result.grad_norm + kNormEps);
  if (factor >= 1) return mean;
  const double scale = mean * factor;
  if (scale >= kSmallestScale) return scale;
  // Gradients beyond all measure: powers of two of the scale go into them.
  const double power = std::ldexp(1, std::max(std::ilogb(scale), -126));
  ForEachBlock(UpdateExecutor(), Phase::kReduce, [&](std::size_t block) {
    optimizer_.Scale(block, static_cast<float>(power), *tree_.root(0));
  });
  return scale / power;
}

// The first document of the batch whose own gradient is not finite; none if
// only the sum overflows.
std::optional<std::size_t> TrainStep::FindBadGradient(const Batch& batch) {
  GradientBuffer* buffer = tree_.root(0);
  for (const std::size_t document : batch.documents) {
    passes_[0].Run(batch.parameters, batch.corpus, std::span(&document, 1),
                   *buffer);
    if (!AllFinite(buffer->data(), buffer->size())) {
      return document;
    }
  }
  return std::nullopt;
}

}  // namespace microgpt
