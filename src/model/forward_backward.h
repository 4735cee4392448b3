// One pack through the model and back.
//
// An executor with several workers shares the work of a pack among them; the
// bits are the same. Concurrent calls are safe for different activations,
// gradients and executors. Nothing here allocates, but an executor may, and
// then its exceptions pass.
#ifndef MICROGPT_MODEL_FORWARD_BACKWARD_H_
#define MICROGPT_MODEL_FORWARD_BACKWARD_H_

#include "base/executor.h"
#include "kernels/matmul.h"
#include "model/activations.h"
#include "model/parameters.h"

namespace microgpt {

// Computes everything up to activations.residual, which the logits are made of.
void Forward(const Parameters& parameters, const DocumentPack& pack,
             Activations& activations, Executor& executor);

// Overwrites the first rows of activations.logits by those of the rows `chunk`.
// REQUIRES: Forward has run; chunk.count <= activations.logits.rows.
void Logits(const Parameters& parameters, RowRange chunk,
            const Activations& activations, Executor& executor);

// losses [R]: cross-entropy of every row in nats. Overwrites
// activations.logits, as many rows at a time as there are.
// REQUIRES: Forward has run for this pack.
void Loss(const Parameters& parameters, const DocumentPack& pack,
          const Activations& activations, double* losses, Executor& executor);

// The same with gradients of the sum of losses: those of the residual stream
// after all layers, and that of lm_head, overwritten or accumulated. With
// Keep::kForGradients the gradient of the logits stays instead of the latter.
// REQUIRES: as Loss; gradients is bound to an arena of parameters.layout()
// whose padding is zero. Keep::kForGradients: pack.rows <= logits.rows.
void LossBackward(const Parameters& parameters, const DocumentPack& pack,
                  const Activations& activations, double* losses,
                  const ModelTensors& gradients, Write write,
                  Executor& executor);

// Computes the gradients of all activations and, overwriting or accumulating,
// the exact gradients of the matrices of all layers; not those with
// Keep::kForGradients. Always accumulates the gradients of wte and wpe.
// Accumulating goes on where the last pack stopped: the bits are those of one
// pack that holds the documents of both.
// REQUIRES: Forward and LossBackward have run; gradients as there.
void Backward(const Parameters& parameters, const DocumentPack& pack,
              Activations& activations, const ModelTensors& gradients,
              Write write, Executor& executor);

// What follows is for Keep::kForGradients, when Backward has run for a pack of
// `rows` rows.

// Overwrites the gradients of all tensors but wte and wpe.
void WeightGradients(const Activations& activations, std::size_t rows,
                     const ModelTensors& gradients, Executor& executor);

// What WeightGradients multiplies for `tensor`. REQUIRES: neither wte nor wpe.
ProductGradient GradientOf(const TensorSpec& tensor,
                           const Activations& activations, std::size_t rows);

// No element of any gradient, nor any partial sum of it, is larger. Infinity or
// NaN if that cannot be said.
double GradientBound(const Activations& activations, std::size_t rows) noexcept;

}  // namespace microgpt

#endif  // MICROGPT_MODEL_FORWARD_BACKWARD_H_
