// One Adam step (Kingma & Ba 2015, algorithm 1) with decoupled weight decay
// (Loshchilov & Hutter 2019).
#ifndef MICROGPT_KERNELS_ADAM_H_
#define MICROGPT_KERNELS_ADAM_H_

#include "kernels/matrix.h"

namespace microgpt {

// Scalars of one step, with all that is the same for every weight multiplied
// out; t is the step counted from 1, s what every gradient is multiplied by (1
// / tokens of the step, less where the norm is clipped).
struct AdamScalars {
  float beta1;
  float beta2;
  float gradient_factor;  // (1 - beta1) s
  float square_factor;    // (1 - beta2) s^2
  float step_size;        // lr_t sqrt(1 - beta2^t) / (1 - beta1^t)
  float eps;              // eps sqrt(1 - beta2^t)
  float decay;            // 1 - lr_t weight_decay; exactly 1 without decay
};

// m = beta1 m + gradient_factor g, v = beta2 v + square_factor g^2, both zero
// instead of subnormal; p = decay p - step_size m / (sqrt(v) + eps).
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
