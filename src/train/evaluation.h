// Evaluation by workers that are there already.
#ifndef MICROGPT_TRAIN_EVALUATION_H_
#define MICROGPT_TRAIN_EVALUATION_H_

#include <span>

#include "microgpt/corpus.h"
#include "microgpt/evaluator.h"
#include "model/parameters.h"
#include "train/document_pass.h"
#include "train/executor.h"

namespace microgpt {

// What Evaluate computes, to the last bit, whatever the passes are made for.
//   passes: one per worker of `executor`
// Throws as Evaluate does.
Evaluation EvaluateWith(const Parameters& parameters, const Corpus& corpus,
                        Executor& executor, std::span<DocumentPass> passes);

}  // namespace microgpt

#endif  // MICROGPT_TRAIN_EVALUATION_H_
