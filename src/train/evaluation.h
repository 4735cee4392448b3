// Evaluation by workers that are there already.
#ifndef MICROGPT_TRAIN_EVALUATION_H_
#define MICROGPT_TRAIN_EVALUATION_H_

#include <cstddef>
#include <span>

#include "microgpt/corpus.h"
#include "microgpt/evaluator.h"
#include "model/parameters.h"
#include "train/document_pass.h"
#include "train/executor.h"

namespace microgpt {

// What Evaluate computes, to the last bit, whatever the passes are made for: a
// shard larger than `max_documents` goes through its pass in parts.
//   passes: one per worker, for packs of max_documents
// Throws as Evaluate does.
Evaluation EvaluateWith(const Parameters& parameters, const Corpus& corpus,
                        Executor& executor, std::span<DocumentPass> passes,
                        std::size_t max_documents);

}  // namespace microgpt

#endif  // MICROGPT_TRAIN_EVALUATION_H_
