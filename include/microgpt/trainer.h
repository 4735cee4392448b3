// Trains a model on a corpus, one optimizer step at a time.
#ifndef MICROGPT_TRAINER_H_
#define MICROGPT_TRAINER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "microgpt/checkpoint.h"
#include "microgpt/config.h"
#include "microgpt/corpus.h"
#include "microgpt/model.h"

namespace microgpt {

struct StepResult {
  std::int64_t step = 0;  // counted from 1
  double loss = 0;        // mean cross-entropy over the batch's tokens, nats
  double learning_rate = 0;
  std::int64_t tokens = 0;  // predicted tokens of the batch
};

// How a run goes on from a checkpoint.
struct ResumeOptions {
  // Length of the learning-rate schedule, at least the saved one; 0: as saved.
  std::int64_t num_steps = 0;
  // Takes a corpus that is not the saved one, in the order that the seed gives
  // it, from the saved position on (modulo its size).
  bool allow_changed_data = false;
  int threads = 0;  // 0 = DefaultThreads()
  ExecutorKind executor = ExecutorKind::kDefault;
};

// Shuffles the corpus, initialises the model and trains it. The weights after
// any number of steps are bit-identical for every number of threads, executor
// and SIMD target. Single-threaded: one call at a time; the trainer runs its
// own worker threads.
class Trainer {
 public:
  // Throws Error(kUsage) for an invalid config, Error(kResources) if the
  // buffers do not fit into memory.
  Trainer(const TrainConfig& config, Corpus corpus);

  // Goes on as if the run that was saved had never stopped, to the last bit.
  // Throws also Error(kUsage) for fewer steps than the run had, Error(kInput)
  // for another corpus, a corpus with other tokens or a damaged checkpoint.
  // REQUIRES: checkpoint was opened for kResume.
  Trainer(const Checkpoint& checkpoint, Corpus corpus,
          const ResumeOptions& options);
  ~Trainer();
  Trainer(Trainer&&) noexcept;

  // One batch: forward, backward, one Adam step.
  // Throws Error(kNumeric), naming step and document, if a loss or gradient is
  // not finite; weights and optimizer then are as before the call. Any other
  // exception leaves them so too.
  StepResult Step();

  // Replaces the weights. Allowed before the first step only.
  // REQUIRES: the same tensors as model().
  void SetTensor(std::string_view name, std::span<const float> values);

  const Model& model() const;
  const Corpus& corpus() const;
  // Options in force: vocab_size and threads filled in.
  const TrainConfig& config() const;
  std::int64_t steps_done() const;
  // Losses of the last steps, oldest first, at most kRecentLosses; those before
  // a resume too.
  std::vector<double> RecentLosses() const;

  // XXH3 (128 bits, hex) of all weights, Adam m and v as little-endian float32
  // in tensor order.
  std::string Digest() const;

  // Saves all that a resume needs. Throws like CheckpointFolder::Save.
  void Save(CheckpointFolder& folder, const RunSettings& run) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace microgpt

#endif  // MICROGPT_TRAINER_H_
