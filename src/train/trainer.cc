// A run: its data, weights and position; steps are done by TrainStep.
#include "microgpt/trainer.h"

#include <cassert>
#include <optional>
#include <string>
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

void CheckValidationCorpus(const TrainConfig& config, const Corpus& corpus,
                           const std::optional<Corpus>& validation) {
  const bool split = config.data.val_split > 0;
  if (!validation && !split && config.eval_every > 0) {
    throw Error(ErrorKind::kUsage,
                "--eval-every needs --val-split or --val-input");
  }
  if (!validation) return;
  if (split) {
    throw Error(ErrorKind::kUsage,
                "--val-split and --val-input both give validation data; leave "
                "one out");
  }
  validation->ExpectOptions(CorpusOptionsOf(config));
  if (validation->tokenizer() != corpus.tokenizer()) {
    throw Error(ErrorKind::kInput,
                "the validation data have other tokens than the training data");
  }
}

}  // namespace

class Trainer::Impl {
 public:
  // Without weights yet.
  Impl(const TrainConfig& config, Corpus corpus,
       std::optional<Corpus> validation)
      : config_(Complete(config, corpus)),
        corpus_(std::move(corpus)),
        validation_(std::move(validation)),
        model_(config_.model),
        adam_(config_.adam, layout().size()),
        step_(config_, layout()),
        documents_(static_cast<std::size_t>(DocumentsPerStep(config_))),
        random_(config_.seed) {
    CheckValidationCorpus(config_, corpus_, validation_);
    const double split = config_.data.val_split;
    if (split > 0) validation_ = corpus_.SplitOff(split, config_.seed);
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
    RestoreValidation(checkpoint, allow_changed_data);
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
    progress.validation = Found();
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

  bool ValidationDue() const {
    if (!validation_ || steps_done_ == validated_step_) return false;
    return steps_done_ == config_.num_steps ||
           (config_.eval_every > 0 && steps_done_ % config_.eval_every == 0);
  }

  ValidationResult Validate() {
    assert(ValidationDue());
    ValidationResult result;
    try {
      result.evaluation = step_.Evaluate(model_.parameters(), *validation_);
    } catch (const Error& error) {
      throw Error(error.kind(), "validation after step " +
                                    std::to_string(steps_done_) + ": " +
                                    error.what());
    }
    validated_step_ = steps_done_;
    const double loss = result.evaluation.loss;
    result.is_best = found_.count == 0 || loss < found_.best_loss;
    ++found_.count;
    ++found_.since_best;
    if (result.is_best) {
      found_.best_loss = loss;
      found_.best_step = steps_done_;
      found_.since_best = 0;
    }
    return result;
  }

  const ValidationProgress& validation() const { return found_; }
  bool stopped_early() const {
    return config_.early_stop_patience > 0 &&
           found_.since_best >= config_.early_stop_patience;
  }

  std::size_t num_shards() const { return step_.num_shards(); }
  StepProfile& profile() { return step_.profile(); }

  Model& model() { return model_; }
  const Corpus& corpus() const { return corpus_; }
  const Corpus* validation_corpus() const {
    return validation_ ? &*validation_ : nullptr;
  }
  const TrainConfig& config() const { return config_; }
  std::int64_t steps_done() const { return steps_done_; }
  std::vector<double> RecentLosses() const { return history_.OldestFirst(); }
  std::string Digest() const { return StateDigest(model_.parameters(), adam_); }

 private:
  const ParameterLayout& layout() const { return model_.parameters().layout(); }

  // Losses on other data say nothing about these.
  void RestoreValidation(const Checkpoint& checkpoint,
                         bool allow_changed_data) {
    const TrainProgress& saved = checkpoint.state().progress;
    validated_step_ = saved.step;
    if (CheckValidation(checkpoint, corpus_, Found().fingerprint,
                        allow_changed_data)) {
      found_ = saved.validation;
    }
  }

  // With the fingerprint, which a run that is not saved does without.
  const ValidationProgress& Found() {
    const bool own = validation_ && config_.data.val_split == 0;
    if (own && found_.fingerprint.empty()) {
      found_.fingerprint = validation_->Fingerprint();
    }
    return found_;
  }

  void ChooseDocuments() {
    for (std::size_t i = 0; i < documents_.size(); ++i) {
      documents_[i] = (cursor_ + i) % corpus_.num_documents();
    }
  }

  TrainConfig config_;
  Corpus corpus_;
  std::optional<Corpus> validation_;
  Model model_;
  Adam adam_;
  TrainStep step_;
  std::vector<std::size_t> documents_;  // of a step, in order
  Random random_;
  LossHistory history_;
  std::string fingerprint_;  // of the corpus, once it has been needed
  std::size_t cursor_ = 0;   // first document of the next step
  std::int64_t steps_done_ = 0;
  std::int64_t validated_step_ = 0;  // the last that was or need not be
  ValidationProgress found_;
};

Trainer::Trainer(const TrainConfig& config, Corpus corpus,
                 std::optional<Corpus> validation)
    : impl_(std::make_unique<Impl>(config, std::move(corpus),
                                   std::move(validation))) {
  impl_->Initialize();
}
Trainer::Trainer(const Checkpoint& checkpoint, Corpus corpus,
                 const ResumeOptions& options, std::optional<Corpus> validation)
    : impl_(std::make_unique<Impl>(ContinuedConfig(checkpoint.state(), options),
                                   std::move(corpus), std::move(validation))) {
  impl_->Restore(checkpoint, options.allow_changed_data);
}
Trainer::~Trainer() = default;
Trainer::Trainer(Trainer&&) noexcept = default;

StepResult Trainer::Step() { return impl_->Step(); }

bool Trainer::ValidationDue() const { return impl_->ValidationDue(); }
ValidationResult Trainer::Validate() { return impl_->Validate(); }
const ValidationProgress& Trainer::validation() const {
  return impl_->validation();
}
bool Trainer::stopped_early() const { return impl_->stopped_early(); }

void Trainer::StartProfile() { impl_->profile().Start(); }
std::vector<PhaseSeconds> Trainer::StopProfile() {
  return impl_->profile().Stop();
}

void Trainer::SetTensor(std::string_view name, std::span<const float> values) {
  assert(impl_->steps_done() == 0);
  impl_->model().SetTensor(name, values);
}

const Model& Trainer::model() const { return impl_->model(); }
const Corpus& Trainer::corpus() const { return impl_->corpus(); }
const Corpus* Trainer::validation_corpus() const {
  return impl_->validation_corpus();
}
const TrainConfig& Trainer::config() const { return impl_->config(); }
std::int64_t Trainer::steps_done() const { return impl_->steps_done(); }
std::size_t Trainer::num_shards() const { return impl_->num_shards(); }
std::vector<double> Trainer::RecentLosses() const {
  return impl_->RecentLosses();
}
std::string Trainer::Digest() const { return impl_->Digest(); }
void Trainer::Save(CheckpointFolder& folder, const RunSettings& run) const {
  impl_->Save(folder, run);
}

}  // namespace microgpt
