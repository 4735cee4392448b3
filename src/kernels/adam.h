// One Adam step (Kingma & Ba 2015, algorithm 1).
#ifndef MICROGPT_KERNELS_ADAM_H_
#define MICROGPT_KERNELS_ADAM_H_

#include "kernels/matrix.h"

namespace microgpt {

// Scalars of one step; t is the step counted from 1.
struct AdamScalars {
  float gradient_scale;  // multiplies every gradient: 1 / tokens of the batch
  float beta1;
  float beta2;
  float one_minus_beta1;
  float one_minus_beta2;
  float step_size;      // lr_t / (1 - beta1^t)
  float inverse_bias2;  // 1 / (1 - beta2^t)
  float eps;
};

// m = beta1 m + (1 - beta1) g, v = beta2 v + (1 - beta2) g^2,
// p -= step_size m / (sqrt(v inverse_bias2) + eps).
//   p, m, v, g [count]; count a multiple of kVirtualLanes
// Concurrent calls are safe for disjoint p, m and v. Never allocates.
void AdamUpdate(const AdamScalars& scalars, float* p, float* m, float* v,
                const float* g, std::size_t count) noexcept;

// The same for a weight matrix whose gradient is dy^T x, which never reaches
// memory, and for its transposed copy. Bits are those of MatMulWeightGradient,
// AdamUpdate and Transpose.
//   dy [T, O], x [T, I], p [O, I] with stride a multiple of kVirtualLanes; m
//   and v laid out as p; transposed [I, O]
// REQUIRES: no aliasing; the padding of x is zero.
// Concurrent calls are safe for disjoint outputs. Never allocates.
void AdamUpdateFromProduct(const AdamScalars& scalars, ConstMatrixView dy,
                           ConstMatrixView x, MatrixView p, float* m, float* v,
                           MatrixView transposed) noexcept;

}  // namespace microgpt

#endif  // MICROGPT_KERNELS_ADAM_H_
