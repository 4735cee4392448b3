// How well a model predicts a text.
#ifndef MICROGPT_EVALUATOR_H_
#define MICROGPT_EVALUATOR_H_

#include <cstdint>

#include "microgpt/config.h"
#include "microgpt/corpus.h"
#include "microgpt/export.h"
#include "microgpt/model.h"

namespace microgpt {

// How Evaluate runs; its result does not depend on it.
struct EvaluateOptions {
  int threads = 0;  // 0 = DefaultThreads()
  ExecutorKind executor = ExecutorKind::kDefault;
};

// What Evaluate has found in all documents, of each its first block_size
// predictions. Token ids have no characters.
struct Evaluation {
  double loss = 0;              // mean cross-entropy of the tokens, nats
  std::int64_t tokens = 0;      // predictions, ends of documents included
  std::int64_t characters = 0;  // predictions without those
  std::int64_t documents = 0;

  // exp(loss).
  MICROGPT_EXPORT double perplexity() const;
  // All nats, those of document ends too, as bits per predicted character.
  // REQUIRES: characters > 0.
  MICROGPT_EXPORT double bits_per_character() const;
  // The loss in bits.
  MICROGPT_EXPORT double bits_per_token() const;
};

// The loss of a model on a corpus, to the last bit the same for every number of
// threads, executor and SIMD target. Thread-safe for a model that does not
// change.
// Throws Error(kInput) if the corpus has another number of tokens than the
// model, Error(kNumeric), naming the document, if a loss is not finite,
// Error(kResources).
MICROGPT_EXPORT Evaluation Evaluate(const Model& model, const Corpus& corpus,
                                    const EvaluateOptions& options);

}  // namespace microgpt

#endif  // MICROGPT_EVALUATOR_H_
