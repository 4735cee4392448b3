// One pack through the model and back.
#ifndef MICROGPT_MODEL_FORWARD_BACKWARD_H_
#define MICROGPT_MODEL_FORWARD_BACKWARD_H_

#include "model/activations.h"
#include "model/parameters.h"

namespace microgpt {

// Computes the logits of every row into activations.logits.
// Concurrent calls are safe for different activations. Never allocates.
void Forward(const Parameters& parameters, const DocumentPack& pack,
             Activations& activations) noexcept;

// losses [R]: cross-entropy of every row in nats. Turns activations.logits into
// the gradient of the sum of losses.
// REQUIRES: Forward has run for this pack.
void Loss(const ModelConfig& config, const DocumentPack& pack,
          Activations& activations, double* losses) noexcept;

// Backward is these two, one after the other.
//
// Computes the gradients of all activations, and adds the exact gradients of
// the pack's sum of losses with respect to wte and wpe to those that are there:
// the caller knows which rows it has to clear.
// REQUIRES: Forward and Loss have run; gradients is bound to an arena of
// parameters.layout() whose padding is zero.
void BackwardToEmbeddings(const Parameters& parameters,
                          const DocumentPack& pack, Activations& activations,
                          const ModelTensors& gradients) noexcept;

// Overwrites the gradients of all other tensors from what
// BackwardToEmbeddings left for a pack of `rows` rows.
void WeightGradients(const Activations& activations, std::size_t rows,
                     const ModelTensors& gradients) noexcept;

// A matrix gradient as the product dy^T x.
struct ProductGradient {
  ConstMatrixView dy;  // [R, out]
  ConstMatrixView x;   // [R, in]
};

// What WeightGradients multiplies for `tensor`.
// REQUIRES: neither wte nor wpe; BackwardToEmbeddings has run.
ProductGradient GradientOf(const TensorSpec& tensor,
                           const Activations& activations, std::size_t rows);

// No element of any gradient, nor any partial sum of it, is larger. Infinity or
// NaN if that cannot be said.
// REQUIRES: BackwardToEmbeddings has run.
double GradientBound(const Activations& activations, std::size_t rows) noexcept;

void Backward(const Parameters& parameters, const DocumentPack& pack,
              Activations& activations, const ModelTensors& gradients) noexcept;

}  // namespace microgpt

#endif  // MICROGPT_MODEL_FORWARD_BACKWARD_H_
