// A run: its data, weights and position; steps are done by TrainStep.
#include "microgpt/trainer.h"

#include <cassert>
#include <utility>
#include <vector>

#include "base/random.h"
#include "microgpt/error.h"
#include "microgpt/system.h"
#include "optim/adam.h"
#include "train/digest.h"
#include "train/loss_history.h"
#include "train/resume.h"
#include "train/train_step.h"

namespace microgpt {
namespace {

TrainConfig Complete(TrainConfig config, const Corpus& corpus) {
  Validate(config);
  corpus.ExpectOptions(CorpusOptionsOf(config));
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
        step_(config_, layout()),
        documents_(static_cast<std::size_t>(config_.batch_size)),
        random_(config_.seed) {
    if (config_.shuffle) corpus_.Shuffle(random_);
  }

  void Initialize() { model_.Initialize(random_, config_.init_std); }

  void Restore(const Checkpoint& checkpoint, bool allow_changed_data) {
    CheckResumable(checkpoint, corpus_, step_.num_shards(), allow_changed_data);
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
    progress.num_shards = step_.num_shards();
    progress.digest = Digest();
    folder.Save({state, corpus_.tokenizer(), model_.parameters(), adam_});
  }

  StepResult Step() {
    ChooseDocuments();
    const StepResult result = step_.Apply(steps_done_, corpus_, documents_,
                                          model_.parameters(), adam_);
    cursor_ = (cursor_ + documents_.size()) % corpus_.num_documents();
    ++steps_done_;
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

  void ChooseDocuments() {
    for (std::size_t i = 0; i < documents_.size(); ++i) {
      documents_[i] = (cursor_ + i) % corpus_.num_documents();
    }
  }

  TrainConfig config_;
  Corpus corpus_;
  Model model_;
  Adam adam_;
  TrainStep step_;
  std::vector<std::size_t> documents_;  // of the batch, in order
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
