// Causal attention of many short documents at once, one head of one document
// per SIMD lane. Gives the same bits as kernels/attention.h.
#ifndef MICROGPT_KERNELS_PACKED_ATTENTION_H_
#define MICROGPT_KERNELS_PACKED_ATTENTION_H_

#include <span>

#include "base/checked_math.h"
#include "kernels/attention.h"
#include "kernels/matrix.h"

namespace microgpt {

// Longer documents waste lanes and leave the first-level cache.
inline constexpr std::size_t kMaxPackedPositions = 16;

// qkv [R, 3C]: columns q, k, v; head h takes columns h HS to (h + 1) HS of
// each. out [R, C] the heads side by side. width = C without padding.
// documents: rows of qkv and out, none longer than kMaxPackedPositions; fastest
// if the longest come first. saved [PackedAttentionSavedFloats(...)] is kept
// for the backward pass; scratch [PackedAttentionScratchFloats(...)]. Writes no
// padding. Concurrent calls are safe for disjoint outputs and scratch. Never
// allocates.
void PackedAttentionForward(ConstMatrixView qkv, std::size_t width,
                            std::size_t n_head,
                            std::span<const RowRange> documents, float* saved,
                            float* scratch, MatrixView out) noexcept;

// Gradient of the above for the same documents and SIMD target. dout [R, C],
// dqkv [R, 3C].
void PackedAttentionBackward(ConstMatrixView dout, std::size_t width,
                             std::size_t n_head,
                             std::span<const RowRange> documents,
                             const float* saved, float* scratch,
                             MatrixView dqkv) noexcept;

// positions: of the longest document.
inline CheckedSize PackedAttentionSavedFloats(std::size_t documents,
                                              std::size_t positions,
                                              std::size_t width,
                                              std::size_t n_head) {
  const CheckedSize lanes =
      CheckedSize(documents) * n_head + (kVirtualLanes - 1);
  return lanes * positions * (CheckedSize(width / n_head) * 3 + positions) +
         kVirtualLanes;
}
inline CheckedSize PackedAttentionScratchFloats(std::size_t positions,
                                                std::size_t width,
                                                std::size_t n_head) {
  const CheckedSize head_size = width / n_head;
  return (head_size * 4 + positions) * positions * kVirtualLanes;
}

}  // namespace microgpt

#endif  // MICROGPT_KERNELS_PACKED_ATTENTION_H_
