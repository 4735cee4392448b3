// Orchestrates a step; the work is done by the parts it holds.
#include "microgpt/trainer.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "base/quote.h"
#include "base/random.h"
#include "kernels/gradient.h"
#include "microgpt/error.h"
#include "microgpt/system.h"
#include "optim/adam.h"
#include "train/digest.h"
#include "train/document_pass.h"
#include "train/executor.h"
#include "train/gradient_shards.h"
#include "train/loss_history.h"
#include "train/optimizer_step.h"
#include "train/resume.h"
#include "train/thread_plan.h"

namespace microgpt {
namespace {

// Far enough below the largest float for any rounding of partial sums.
constexpr double kSurelyFinite = 1e38;

TrainConfig Complete(TrainConfig config, const Corpus& corpus) {
  Validate(config);
  config.model.vocab_size = corpus.tokenizer().vocab_size();
  if (config.threads == 0) config.threads = DefaultThreads();
  return config;
}

}  // namespace

class Trainer::Impl {
 public:
  // Without weights yet.
  Impl(const TrainConfig& config, Corpus corpus)
      : config_(Complete(config, corpus)),
        corpus_(std::move(corpus)),
        model_(config_.model),
        adam_(config_.adam, layout().size()),
        shards_(static_cast<std::size_t>(config_.batch_size),
                static_cast<std::size_t>(config_.model.block_size)),
        optimizer_(layout()),
        threads_(PlanThreads(config_, shards_.count())),
        executor_(MakeExecutor(config_.executor, threads_.workers)),
        serial_(MakeExecutor(config_.executor, 1)),
        pool_(layout(), LiveGradientBuffers(shards_.count(), threads_.workers,
                                            layout().size())),
        tree_(shards_.count(), pool_),
        losses_(shards_.count()),
        documents_(static_cast<std::size_t>(config_.batch_size)),
        finite_(optimizer_.num_blocks()),
        random_(config_.seed) {
    if (config_.shuffle) corpus_.Shuffle(random_);
    passes_.reserve(static_cast<std::size_t>(threads_.workers));
    for (int i = 0; i < threads_.workers; ++i) {
      passes_.emplace_back(config_.model, shards_.max_documents());
    }
  }

  void Initialize() { model_.Initialize(random_, config_.init_std); }

  void Restore(const Checkpoint& checkpoint, bool allow_changed_data) {
    CheckResumable(checkpoint, corpus_, shards_.count(), allow_changed_data);
    const TrainProgress& saved = checkpoint.state().progress;
    checkpoint.LoadWeights(model_);
    checkpoint.LoadMoments(model_.parameters(), adam_);
    if (Digest() != saved.digest) {
      throw Error(ErrorKind::kInput,
                  checkpoint.folder() +
                      ": weights and moments do not have the "
                      "digest that was saved");
    }
    random_ = Random(saved.random);
    cursor_ = saved.cursor % corpus_.num_documents();
    steps_done_ = saved.step;
    for (const double loss : saved.recent_losses) history_.Add(loss);
  }

  void Save(CheckpointFolder& folder, const RunSettings& run) {
    if (fingerprint_.empty()) fingerprint_ = corpus_.Fingerprint();
    CheckpointState state;
    state.config = config_;
    state.run = run;
    state.program_version = Version();
    TrainProgress& progress = state.progress;
    progress.step = steps_done_;
    progress.cursor = cursor_;
    progress.random = random_.state();
    progress.recent_losses = RecentLosses();
    progress.num_documents = corpus_.num_documents();
    progress.data_fingerprint = fingerprint_;
    progress.num_shards = shards_.count();
    progress.digest = Digest();
    folder.Save({state, corpus_.tokenizer(), model_.parameters(), adam_});
  }

  StepResult Step() {
    ChooseDocuments();
    StepResult result;
    try {
      result = shards_.count() == 1 ? StepDirectly() : StepWithShards();
    } catch (...) {
      tree_.ReleaseAll();
      throw;
    }
    tree_.ReleaseAll();
    cursor_ = (cursor_ + documents_.size()) % corpus_.num_documents();
    result.step = ++steps_done_;
    history_.Add(result.loss);
    return result;
  }

  Model& model() { return model_; }
  const Corpus& corpus() const { return corpus_; }
  const TrainConfig& config() const { return config_; }
  std::int64_t steps_done() const { return steps_done_; }
  std::vector<double> RecentLosses() const { return history_.OldestFirst(); }
  std::string Digest() const { return StateDigest(model_.parameters(), adam_); }

 private:
  const ParameterLayout& layout() const { return model_.parameters().layout(); }
  Executor& UpdateExecutor() {
    return threads_.parallel_update ? *executor_ : *serial_;
  }

  void ChooseDocuments() {
    for (std::size_t i = 0; i < documents_.size(); ++i) {
      documents_[i] = (cursor_ + i) % corpus_.num_documents();
    }
  }

  std::span<const std::size_t> ShardDocuments(std::size_t shard) const {
    const std::size_t begin = shards_.Begin(shard);
    return std::span(documents_)
        .subspan(begin, shards_.Begin(shard + 1) - begin);
  }

  StepResult StepWithShards() {
    RunShards();
    const StepResult result = SumLosses();
    UpdateFromSum(result);
    return result;
  }

  // A batch of one shard: its gradients need no sum, and none is stored unless
  // it might overflow.
  StepResult StepDirectly() {
    GradientBuffer* buffer = pool_.Acquire();
    tree_.Finish(0, buffer);
    DocumentPass& pass = passes_[0];
    losses_[0] = pass.RunToEmbeddings(model_.parameters(), corpus_, documents_,
                                      buffer->tensors);
    const StepResult result = SumLosses();
    if (pass.GradientBound() < kSurelyFinite) {
      const AdamScalars scalars = Scalars(result);
      ForEachBlock([&](std::size_t block) {
        optimizer_.UpdateDirectly(block, scalars, pass, buffer->arena.data(),
                                  model_.parameters(), adam_);
      });
    } else {
      pass.WeightGradients(buffer->tensors);
      UpdateFromSum(result);
    }
    return result;
  }

  AdamScalars Scalars(const StepResult& result) const {
    return adam_.Scalars(steps_done_, config_.num_steps,
                         1 / static_cast<double>(result.tokens));
  }

  template <class Body>
  void ForEachBlock(Body body) {
    UpdateExecutor().ForEach(
        optimizer_.num_blocks(),
        [&](int /*worker*/, std::size_t block) { body(block); });
  }

  void UpdateFromSum(const StepResult& result) {
    SumGradients();
    const AdamScalars scalars = Scalars(result);
    const float* gradients = tree_.root(0)->arena.data();
    ForEachBlock([&](std::size_t block) {
      optimizer_.UpdateWeights(block, scalars, gradients, model_.parameters(),
                               adam_);
    });
  }

  void RunShards() {
    Executor& executor = threads_.parallel_shards ? *executor_ : *serial_;
    executor.ForEach(shards_.count(), [&](int worker, std::size_t shard) {
      GradientBuffer* buffer = pool_.Acquire();
      losses_[shard] = passes_[static_cast<std::size_t>(worker)].Run(
          model_.parameters(), corpus_, ShardDocuments(shard), buffer->tensors);
      tree_.Finish(shard, buffer);
    });
  }

  StepResult SumLosses() const {
    StepResult result;
    double sum = 0;
    for (std::size_t shard = 0; shard < losses_.size(); ++shard) {
      const ShardLoss& loss = losses_[shard];
      if (loss.bad_document >= 0) {
        ThrowNotFinite(
            "loss",
            ShardDocuments(shard)[static_cast<std::size_t>(loss.bad_document)]);
      }
      sum += loss.sum;
      result.tokens += loss.tokens;
    }
    result.loss = sum / static_cast<double>(result.tokens);
    result.learning_rate =
        LearningRate(config_.adam, steps_done_, config_.num_steps);
    return result;
  }

  void SumGradients() {
    ForEachBlock([&](std::size_t block) {
      finite_[block] = optimizer_.SumBlock(block, tree_) ? 1 : 0;
    });
    if (std::find(finite_.begin(), finite_.end(), 0) != finite_.end()) {
      ThrowNotFinite("gradient", FindBadGradient());
    }
  }

  // The first document of the batch whose own gradient is not finite; none if
  // only the sum overflows.
  std::optional<std::size_t> FindBadGradient() {
    GradientBuffer* buffer = tree_.root(0);
    for (const std::size_t document : documents_) {
      passes_[0].Run(model_.parameters(), corpus_, std::span(&document, 1),
                     buffer->tensors);
      if (!AllFinite(buffer->arena.data(), buffer->arena.size())) {
        return document;
      }
    }
    return std::nullopt;
  }

  [[noreturn]] void ThrowNotFinite(const std::string& what,
                                   std::optional<std::size_t> document) const {
    std::string where = "step " + std::to_string(steps_done_ + 1);
    if (document) {
      where += ", document " + std::to_string(*document + 1) + " '" +
               QuoteText(corpus_.Document(*document)) + "'";
    }
    throw Error(ErrorKind::kNumeric,
                where + ": the " + what +
                    " is not finite, the step was not applied; lower "
                    "--learning-rate or --init-std");
  }

  TrainConfig config_;
  Corpus corpus_;
  Model model_;
  Adam adam_;
  ShardPlan shards_;
  OptimizerStep optimizer_;
  ThreadPlan threads_;
  std::unique_ptr<Executor> executor_;
  std::unique_ptr<Executor> serial_;
  GradientPool pool_;
  GradientTree tree_;
  std::vector<DocumentPass> passes_;    // one per worker
  std::vector<ShardLoss> losses_;       // one per shard
  std::vector<std::size_t> documents_;  // of the batch, in order
  std::vector<unsigned char> finite_;   // one per update block
  Random random_;
  LossHistory history_;
  std::string fingerprint_;  // of the corpus, once it has been needed
  std::size_t cursor_ = 0;   // first document of the next batch
  std::int64_t steps_done_ = 0;
};

Trainer::Trainer(const TrainConfig& config, Corpus corpus)
    : impl_(std::make_unique<Impl>(config, std::move(corpus))) {
  impl_->Initialize();
}
Trainer::Trainer(const Checkpoint& checkpoint, Corpus corpus,
                 const ResumeOptions& options)
    : impl_(std::make_unique<Impl>(ContinuedConfig(checkpoint.state(), options),
                                   std::move(corpus))) {
  impl_->Restore(checkpoint, options.allow_changed_data);
}
Trainer::~Trainer() = default;
Trainer::Trainer(Trainer&&) noexcept = default;

StepResult Trainer::Step() { return impl_->Step(); }

void Trainer::SetTensor(std::string_view name, std::span<const float> values) {
  assert(impl_->steps_done() == 0);
  impl_->model().SetTensor(name, values);
}

const Model& Trainer::model() const { return impl_->model(); }
const Corpus& Trainer::corpus() const { return impl_->corpus(); }
const TrainConfig& Trainer::config() const { return impl_->config(); }
std::int64_t Trainer::steps_done() const { return impl_->steps_done(); }
std::vector<double> Trainer::RecentLosses() const {
  return impl_->RecentLosses();
}
std::string Trainer::Digest() const { return impl_->Digest(); }
void Trainer::Save(CheckpointFolder& folder, const RunSettings& run) const {
  impl_->Save(folder, run);
}

}  // namespace microgpt
