// Trains a model on a corpus, one optimizer step at a time.
#ifndef MICROGPT_TRAINER_H_
#define MICROGPT_TRAINER_H_

#include <cstdint>
#include <memory>
#include <string>

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

// Shuffles the corpus, initialises the model and trains it. The weights after
// any number of steps are bit-identical for every number of threads, executor
// and SIMD target. Single-threaded: one call at a time; the trainer runs its
// own worker threads.
class Trainer {
 public:
  // Throws Error(kUsage) for an invalid config, Error(kResources) if the
  // buffers do not fit into memory.
  Trainer(const TrainConfig& config, Corpus corpus);
  ~Trainer();

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

  // XXH3 (128 bits, hex) of all weights, Adam m and v as little-endian float32
  // in tensor order.
  std::string Digest() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace microgpt

#endif  // MICROGPT_TRAINER_H_
