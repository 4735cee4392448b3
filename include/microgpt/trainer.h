// Trains a model on a corpus, one optimizer step at a time or all at once.
#ifndef MICROGPT_TRAINER_H_
#define MICROGPT_TRAINER_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "microgpt/checkpoint.h"
#include "microgpt/config.h"
#include "microgpt/corpus.h"
#include "microgpt/evaluator.h"
#include "microgpt/export.h"
#include "microgpt/model.h"

namespace microgpt {

// What an optimizer step reports.
struct StepResult {
  std::int64_t step = 0;  // counted from 1
  double loss = 0;        // mean cross-entropy over the step's tokens, nats
  double learning_rate = 0;
  std::int64_t tokens = 0;  // predicted tokens of the step
  // L2 norm of the gradient of the loss, before clipping; only with grad_clip.
  std::optional<double> grad_norm = {};
};

// Where a worker thread spent its time, in seconds.
struct PhaseSeconds {
  double forward = 0;
  double loss = 0;       // logits, cross-entropy and the gradients of both
  double backward = 0;   // the rest of the backward pass
  double reduce = 0;     // sums of the gradients of shards
  double optimizer = 0;  // with the products that are applied at once

  double total() const {
    return forward + loss + backward + reduce + optimizer;
  }
};

// What a validation has found.
struct ValidationResult {
  Evaluation evaluation;
  bool is_best = false;  // a smaller loss than every validation before
};

// What Train tells after every step.
struct TrainEvent {
  StepResult step;
  double step_seconds = 0;  // wall time of the step, without the validation
  std::chrono::steady_clock::time_point step_end = {};
  // Of the validation after the step, where one was due.
  std::optional<ValidationResult> validation = {};
};

// Called by Train after every step; returns whether to go on.
using TrainCallback = std::function<bool(const TrainEvent&)>;

// Why Train returned.
enum class TrainEnd {
  kDone,          // num_steps are done
  kStoppedEarly,  // stopped_early()
  kInterrupted,   // the callback did not want to go on, and more was left
};

// How a run goes on from a checkpoint.
struct ResumeOptions {
  // Length of the learning-rate schedule, at least the saved one; 0: as saved.
  std::int64_t num_steps = 0;
  // Takes a corpus that is not the saved one, in the order that the seed gives
  // it, from the saved position on (modulo its size). With other validation
  // data the search for the best loss begins anew.
  bool allow_changed_data = false;
  // Validations without a new best loss before the run stops; nothing: as
  // saved.
  std::optional<int> early_stop_patience = {};
  int threads = 0;  // 0 = DefaultThreads()
  ExecutorKind executor = ExecutorKind::kDefault;
};

// Shuffles the corpus, initialises the model and trains it. The weights after
// any number of steps are bit-identical for every number of threads, executor
// and SIMD target; validation changes none of them. Single-threaded: one call
// at a time; the trainer runs its own worker threads. Trainers share nothing
// that can change: any number of them may work side by side, each called from a
// thread of its own. Movable; what was moved from can only be destroyed.
class MICROGPT_EXPORT Trainer {
 public:
  // validation: a corpus cut the same way, with the same tokens; none if
  // config.data.val_split takes part of `corpus`. Throws Error(kUsage) for an
  // invalid config, one that validates on nothing or twice, or a corpus cut for
  // another, Error(kInput) if tokens differ or there is nothing to split,
  // Error(kResources) if the buffers do not fit into memory.
  Trainer(const TrainConfig& config, Corpus corpus,
          std::optional<Corpus> validation = {});

  // Goes on as if the run that was saved had never stopped, to the last bit.
  // Throws also Error(kUsage) for fewer steps than the run had, Error(kInput)
  // for another corpus, another validation corpus, a corpus with other tokens
  // or a damaged checkpoint. REQUIRES: checkpoint was opened for kResume.
  Trainer(const Checkpoint& checkpoint, Corpus corpus,
          const ResumeOptions& options, std::optional<Corpus> validation = {});
  ~Trainer();
  Trainer(Trainer&&) noexcept;

  // grad_accum batches: forward, backward; then one Adam step.
  // Throws Error(kNumeric), naming step and document, if a loss or gradient is
  // not finite; weights and optimizer then are as before the call. Any other
  // exception leaves them so too.
  StepResult Step();

  // All steps that are left up to num_steps, each with the validation that is
  // due after it, until stopped_early(). `on_step`, if there is one, is called
  // once after every step and its validation, on the calling thread. A
  // validation that is due before the first of these steps is left to the
  // caller.
  // Throws like Step and Validate, and what `on_step` throws, as it is. All
  // that was done stays done, and another call goes on with the next step. A
  // step that throws has not happened; one whose validation throws is first
  // told to `on_step`, without a validation.
  // REQUIRES: `on_step` neither calls Train nor moves or destroys the trainer;
  // everything else is open to it, Save too.
  TrainEnd Train(const TrainCallback& on_step = {});

  // Whether the last step is one to validate after, and it has not been done:
  // a multiple of eval_every or the last one of num_steps. The state that a
  // run goes on from counts as validated.
  bool ValidationDue() const;
  // The loss on the validation corpus, exactly that of Evaluate. Uses the
  // buffers of the steps. Throws Error(kNumeric), naming step and document, if
  // a loss is not finite; nothing has changed then.
  // REQUIRES: ValidationDue().
  ValidationResult Validate();
  // What the validations have found, those before a resume too.
  const ValidationProgress& validation() const;
  // Whether early_stop_patience validations in a row have found no new best
  // loss. Steps are still possible.
  bool stopped_early() const;

  // Measures where the time of the steps between the two goes, which makes them
  // a little slower and changes nothing else. One entry per thread of
  // config().threads; what a thread was not at work is in no phase.
  void StartProfile();
  // Ends it and returns what was measured.
  std::vector<PhaseSeconds> StopProfile();

  // Replaces the weights. Allowed before the first step only.
  // REQUIRES: a name of model().tensors(); values.size() == rows * cols.
  void SetTensor(std::string_view name, std::span<const float> values);

  // The weights as they are; valid for as long as the trainer is alive and not
  // moved, and not to be read while a step runs.
  const Model& model() const;
  // The documents in the order of training.
  const Corpus& corpus() const;
  // Those that are kept for validation; null: none.
  const Corpus* validation_corpus() const;
  // Options in force: vocab_size and threads filled in.
  const TrainConfig& config() const;
  // Optimizer steps, those before a resume too.
  std::int64_t steps_done() const;
  // Parts that the documents of a step are cut into, S: as many threads at most
  // work on different documents. Depends on the configuration alone.
  std::size_t num_shards() const;
  // Losses of the last steps, oldest first, at most kRecentLosses; those before
  // a resume too.
  std::vector<double> RecentLosses() const;

  // XXH3 (128 bits, hex) of all weights, Adam m and v as little-endian float32
  // in tensor order.
  std::string Digest() const;

  // Saves all that a resume needs. A validation that is due should come first.
  // Throws like CheckpointFolder::Save.
  void Save(CheckpointFolder& folder, const RunSettings& run) const;

 private:
  class MICROGPT_HIDDEN Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace microgpt

#endif  // MICROGPT_TRAINER_H_
