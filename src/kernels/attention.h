// Causal multi-head self-attention (Vaswani et al. 2017, section 3.2).
#ifndef MICROGPT_KERNELS_ATTENTION_H_
#define MICROGPT_KERNELS_ATTENTION_H_

#include <cmath>

#include "kernels/matrix.h"

namespace microgpt {

// What scores are multiplied by before the softmax.
inline float AttentionScale(std::size_t head_size) {
  return 1.0f / std::sqrt(static_cast<float>(head_size));
}

// Forward pass of one document.
//   qkv [T, 3C]: columns q, k, v; head h takes columns h HS to (h + 1) HS of
//   each. probabilities [NH, T, PaddedCols(T)], kept for the backward pass;
//   out [T, C] the heads side by side. width = C without padding.
//   scratch [AttentionScratchFloats(T, C)].
// Overwrites probabilities (up to the end of a row's block of 16 columns) and
// out, but not the padding of out. Concurrent
// calls are safe for disjoint outputs and scratch. Never allocates.
void AttentionForward(ConstMatrixView qkv, std::size_t width,
                      std::size_t n_head, float* probabilities, float* scratch,
                      MatrixView out) noexcept;

// Gradient of the above. Overwrites dqkv [T, 3C], but not its padding.
void AttentionBackward(ConstMatrixView dout, ConstMatrixView qkv,
                       std::size_t width, std::size_t n_head,
                       const float* probabilities, float* scratch,
                       MatrixView dqkv) noexcept;

// Forward pass of the next position of a document; gives the same numbers as
// AttentionForward. Appends k and v to the cache first.
//   qkv [3C], keys [C, stride] transposed, values [block_size, C],
//   scores [PaddedCols(position + 1)], out [C]
// REQUIRES: the cache holds positions [0, position).
void AttentionDecode(const float* qkv, std::size_t width, std::size_t n_head,
                     std::size_t position, MatrixView keys, MatrixView values,
                     float* scores, float* out) noexcept;

constexpr std::size_t AttentionScratchFloats(std::size_t positions,
                                             std::size_t width) {
  return (width + positions) * PaddedCols(positions);
}

}  // namespace microgpt

#endif  // MICROGPT_KERNELS_ATTENTION_H_
