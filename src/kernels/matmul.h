// Matrix products of the linear layers, and the transpose that prepares them.
#ifndef MICROGPT_KERNELS_MATMUL_H_
#define MICROGPT_KERNELS_MATMUL_H_

#include <span>

#include "kernels/matrix.h"

namespace microgpt {

// y = x w, or y += x w. Each output element is one chain of fused multiply-adds
// over increasing k, begun at zero (overwrite) or at y (accumulate).
//   x [T, K], w [K, N], y [T, N]
// Forward: w = W^T [in, out]. Input gradient: x = dy, w = W [out, in].
// REQUIRES: y aliases neither x nor w.
// Concurrent calls are safe for disjoint y. Never allocates.
void MatMul(ConstMatrixView x, ConstMatrixView w, MatrixView y,
            Write write) noexcept;

// dw = dy^T x, or dw += dy^T x; chains over increasing rows.
//   dy [T, O], x [T, I], dw [O, I]
// REQUIRES and concurrency as MatMul.
void MatMulWeightGradient(ConstMatrixView dy, ConstMatrixView x, MatrixView dw,
                          Write write) noexcept;

// A weight gradient as the product dy^T x.
struct ProductGradient {
  ConstMatrixView dy;  // [T, O]
  ConstMatrixView x;   // [T, I], zero padding
};

// dw = the sum of the products `terms` by the tree of SumPairwise (gradient.h),
// whose terms never reach memory. Returns whether it is finite. Bits are those
// of MatMulWeightGradient and SumPairwise.
//   terms: 1 to kMaxTerms; dw [O, I] with padded rows, which are written too
// REQUIRES and concurrency as MatMul.
bool SumWeightGradients(std::span<const ProductGradient> terms,
                        MatrixView dw) noexcept;

// out = in^T. in [R, C], out [C, R]; padding of out is left alone.
// REQUIRES: no aliasing. Concurrent calls are safe for disjoint out.
void Transpose(ConstMatrixView in, MatrixView out) noexcept;

}  // namespace microgpt

#endif  // MICROGPT_KERNELS_MATMUL_H_
