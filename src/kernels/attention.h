// Causal multi-head self-attention (Vaswani et al. 2017, section 3.2), row
// block by row block: memory grows with T, not with its square.
#ifndef MICROGPT_KERNELS_ATTENTION_H_
#define MICROGPT_KERNELS_ATTENTION_H_

#include <algorithm>
#include <cmath>

#include "base/checked_math.h"
#include "kernels/matrix.h"

namespace microgpt {

// What scores are multiplied by before the softmax.
inline float AttentionScale(std::size_t head_size) {
  return 1.0f / std::sqrt(static_cast<float>(head_size));
}

// Scores so far below the largest of a row get no attention. Next to 1, e^-40 =
// 2^-57.7 is nothing, whatever a million such terms add up to. Trained models
// attend sharply: products of gradients and of smaller probabilities would be
// subnormal numbers, which some processors take 100 times as long for.
inline constexpr float kLeastAttentionExponent = -40.0f;

// Heads [begin, end) of n_head. Callers may share the heads of a document among
// threads: a head has the same bits whatever range it is in.
struct HeadRange {
  std::size_t begin = 0;
  std::size_t end = 0;
};

// Forward pass of some heads of one document.
//   qkv [T, 3C]: columns q, k, v; head h takes columns h HS to (h + 1) HS of
//   each. width = C without padding. out [T, C] the heads side by side.
//   saved [AttentionSavedFloats(T, n_head)], of all heads, is kept for the
//   backward pass; scratch [AttentionScratchFloats(T, HS)] is this call's own.
// Overwrites what belongs to these heads in saved and out, no padding.
// Concurrent calls are safe for disjoint heads or outputs. Never allocates.
void AttentionForward(ConstMatrixView qkv, std::size_t width,
                      std::size_t n_head, HeadRange heads, float* saved,
                      float* scratch, MatrixView out) noexcept;

// Gradient of the above for the same heads. dout [T, C]. Overwrites the
// columns of dqkv [T, 3C] that belong to these heads, no padding.
// REQUIRES: dqkv aliases neither dout nor qkv.
void AttentionBackward(ConstMatrixView dout, ConstMatrixView qkv,
                       std::size_t width, std::size_t n_head, HeadRange heads,
                       const float* saved, float* scratch,
                       MatrixView dqkv) noexcept;

// Forward pass of the next position of a document; gives the same numbers as
// AttentionForward. Appends k and v to the cache first.
//   qkv [3C], keys [C, stride] transposed, values [block_size, C],
//   scores [PaddedCols(position + 1)], out [C]
// REQUIRES: the cache holds positions [0, position).
void AttentionDecode(const float* qkv, std::size_t width, std::size_t n_head,
                     std::size_t position, MatrixView keys, MatrixView values,
                     float* scores, float* out) noexcept;

// Rows that the kernels take at a time: enough of them to use what a product
// loads many times, few enough for the second-level cache. A multiple of the
// rows of every tile.
inline constexpr std::size_t kAttentionRows = 48;

// Two numbers per head and row.
inline CheckedSize AttentionSavedFloats(std::size_t positions,
                                        std::size_t n_head) {
  return CheckedSize(n_head) * positions * 2;
}

// Of one head: k and v transposed, scores of a block of rows and their
// gradient; k, dk and dv as they are.
inline CheckedSize AttentionScratchFloats(std::size_t positions,
                                          std::size_t head_size) {
  const CheckedSize rows =
      (CheckedSize(head_size) + std::min(positions, kAttentionRows)) * 2;
  const CheckedSize copies = CheckedSize(positions) * 3;
  return rows * RowStride(positions) + copies * PaddedCols(head_size);
}

}  // namespace microgpt

#endif  // MICROGPT_KERNELS_ATTENTION_H_
