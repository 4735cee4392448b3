#include "kernels/packed_attention.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/packed_attention.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "hwy/highway.h"
#include "kernels/lane_math-inl.h"
#include "kernels/lane_transfer-inl.h"

HWY_BEFORE_NAMESPACE();
namespace microgpt {
namespace HWY_NAMESPACE {

// SumByTree stands for one row of virtual lanes.
static_assert(kMaxPackedPositions <= kVirtualLanes);

template <class D>
HWY_INLINE void GroupForward(D d, const Group& group, ConstMatrixView qkv,
                             std::size_t width, float* HWY_RESTRICT saved,
                             float* HWY_RESTRICT scratch, MatrixView out) {
  const std::size_t n = group.n;
  const std::size_t row = group.RowFloats();
  const std::size_t positions = group.positions;
  float* q = saved;
  float* k = q + group.HeadFloats();
  float* v = k + group.HeadFloats();
  float* p = v + group.HeadFloats();
  Gather(d, group, qkv, q);
  Gather(d, group, qkv.Cols(width, width), k);
  Gather(d, group, qkv.Cols(2 * width, width), v);
  for (std::size_t t = 0; t < positions; ++t) {
    SumProducts(d, {q + t * row, n, k, n, row}, group.head_size, t + 1,
                p + t * positions * n);
  }
  SoftmaxLanes(d, p, positions, AttentionScale(group.head_size));
  for (std::size_t t = 0; t < positions; ++t) {
    SumProducts(d, {p + t * positions * n, n, v, row, n}, t + 1,
                group.head_size, scratch + t * row);
  }
  Scatter(d, group, scratch, out);
}

template <class D>
HWY_INLINE void GroupBackward(D d, const Group& group, ConstMatrixView dout,
                              std::size_t width,
                              const float* HWY_RESTRICT saved,
                              float* HWY_RESTRICT scratch, MatrixView dqkv) {
  const std::size_t n = group.n;
  const std::size_t row = group.RowFloats();
  const std::size_t positions = group.positions;
  const std::size_t pair_row = positions * n;
  const float* q = saved;
  const float* k = q + group.HeadFloats();
  const float* v = k + group.HeadFloats();
  const float* p = v + group.HeadFloats();
  float* g = scratch;  // dout
  float* ds = g + group.HeadFloats();
  float* dq = ds + group.PairFloats();
  float* dk = dq + group.HeadFloats();
  float* dv = dk + group.HeadFloats();
  Gather(d, group, dout, g);
  for (std::size_t t = 0; t < positions; ++t) {
    SumProducts(d, {g + t * row, n, v, n, row}, group.head_size, t + 1,
                ds + t * pair_row);
  }
  SoftmaxBackwardLanes(d, p, ds, positions, AttentionScale(group.head_size));
  for (std::size_t t = 0; t < positions; ++t) {
    const std::size_t first = t * pair_row + t * n;
    const std::size_t rest = positions - t;
    SumProducts(d, {ds + t * pair_row, n, k, row, n}, t + 1, group.head_size,
                dq + t * row);
    SumProducts(d, {ds + first, pair_row, q + t * row, row, n}, rest,
                group.head_size, dk + t * row);
    SumProducts(d, {p + first, pair_row, g + t * row, row, n}, rest,
                group.head_size, dv + t * row);
  }
  Scatter(d, group, dq, dqkv);
  Scatter(d, group, dk, dqkv.Cols(width, width));
  Scatter(d, group, dv, dqkv.Cols(2 * width, width));
}

void PackedAttentionForwardImpl(ConstMatrixView qkv, std::size_t width,
                                std::size_t n_head,
                                std::span<const RowRange> documents,
                                float* saved, float* scratch, MatrixView out) {
  ForEachGroup(Grouping(documents, n_head, width / n_head),
               [&](auto d, const Group& group) HWY_ATTR {
                 GroupForward(d, group, qkv, width, saved, scratch, out);
                 saved += group.SavedFloats();
               });
}

void PackedAttentionBackwardImpl(ConstMatrixView dout, std::size_t width,
                                 std::size_t n_head,
                                 std::span<const RowRange> documents,
                                 const float* saved, float* scratch,
                                 MatrixView dqkv) {
  ForEachGroup(Grouping(documents, n_head, width / n_head),
               [&](auto d, const Group& group) HWY_ATTR {
                 GroupBackward(d, group, dout, width, saved, scratch, dqkv);
                 saved += group.SavedFloats();
               });
}

}  // namespace HWY_NAMESPACE
}  // namespace microgpt
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace microgpt {

HWY_EXPORT(PackedAttentionForwardImpl);
HWY_EXPORT(PackedAttentionBackwardImpl);

void PackedAttentionForward(ConstMatrixView qkv, std::size_t width,
                            std::size_t n_head,
                            std::span<const RowRange> documents, float* saved,
                            float* scratch, MatrixView out) noexcept {
  HWY_DYNAMIC_DISPATCH(PackedAttentionForwardImpl)
  (qkv, width, n_head, documents, saved, scratch, out);
}

void PackedAttentionBackward(ConstMatrixView dout, std::size_t width,
                             std::size_t n_head,
                             std::span<const RowRange> documents,
                             const float* saved, float* scratch,
                             MatrixView dqkv) noexcept {
  HWY_DYNAMIC_DISPATCH(PackedAttentionBackwardImpl)
  (dout, width, n_head, documents, saved, scratch, dqkv);
}

}  // namespace microgpt
#endif  // HWY_ONCE
