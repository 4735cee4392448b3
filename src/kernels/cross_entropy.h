// Softmax and cross-entropy over the vocabulary.
#ifndef MICROGPT_KERNELS_CROSS_ENTROPY_H_
#define MICROGPT_KERNELS_CROSS_ENTROPY_H_

#include <cstdint>

#include "kernels/matrix.h"

namespace microgpt {

// losses[t] = -log softmax(logits[t])[targets[t]] in nats; logits[t] becomes
// its gradient softmax(logits[t]) - onehot(targets[t]), padding zero.
//   logits [T, V], targets [T] in [0, vocab_size), losses [T]
// Concurrent calls are safe for disjoint arguments. Never allocates.
void SoftmaxCrossEntropy(MatrixView logits, std::size_t vocab_size,
                         const std::int32_t* targets, double* losses) noexcept;

}  // namespace microgpt

#endif  // MICROGPT_KERNELS_CROSS_ENTROPY_H_
