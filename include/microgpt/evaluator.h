// How well a model predicts a text.
#ifndef MICROGPT_EVALUATOR_H_
#define MICROGPT_EVALUATOR_H_

#include <cstdint>

#include "microgpt/config.h"
#include "microgpt/corpus.h"
#include "microgpt/model.h"

namespace microgpt {

struct EvaluateOptions {
  int threads = 0;  // 0 = DefaultThreads()
  ExecutorKind executor = ExecutorKind::kDefault;
};

// Of all documents, of each its first block_size predictions. Token ids have no
// characters.
struct Evaluation {
  double loss = 0;              // mean cross-entropy of the tokens, nats
  std::int64_t tokens = 0;      // predictions, ends of documents included
  std::int64_t characters = 0;  // predictions without those
  std::int64_t documents = 0;

  double perplexity() const;  // exp(loss)
  // All nats, those of document ends too, as bits per predicted character.
  double bits_per_character() const;
  double bits_per_token() const;
};

// The same for every number of threads, executor and SIMD target. Thread-safe
// for a model that does not change.
// Throws Error(kInput) if the corpus has another number of tokens than the
// model, Error(kNumeric), naming the document, if a loss is not finite,
// Error(kResources).
Evaluation Evaluate(const Model& model, const Corpus& corpus,
                    const EvaluateOptions& options);

}  // namespace microgpt

#endif  // MICROGPT_EVALUATOR_H_
