#include "kernels/packed_attention.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/packed_attention.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "hwy/highway.h"
#include "kernels/simd-inl.h"

HWY_BEFORE_NAMESPACE();
namespace microgpt {
namespace HWY_NAMESPACE {

// What one lane works on.
struct Lane {
  RowRange rows;
  std::size_t column = 0;  // of the head
};

// The lanes of one group and the shape of its arrays: vectors of n lanes,
// [T, HS] for q, k, v and their like, [T, T] for probabilities and their like.
struct Group {
  Lane lanes[kVirtualLanes];
  std::size_t n = 0;
  std::size_t positions = 0;  // T, of the longest lane
  std::size_t head_size = 0;

  HWY_INLINE std::size_t RowFloats() const { return head_size * n; }
  HWY_INLINE std::size_t HeadFloats() const { return positions * RowFloats(); }
  HWY_INLINE std::size_t PairFloats() const {
    return positions * positions * n;
  }
  HWY_INLINE std::size_t SavedFloats() const {
    return 3 * HeadFloats() + PairFloats();
  }
};

// Lane-wise copy of columns [column, column + HS) of every lane's head at
// position t into `to` [HS, n]; zero where a lane has no such position.
HWY_INLINE void GatherRow(const Group& group, ConstMatrixView in,
                          std::size_t column, std::size_t t,
                          float* HWY_RESTRICT to) {
  HWY_ALIGN static constexpr float kZeros[4] = {};
  const std::size_t n = group.n;
  for (std::size_t first = 0; first < n; first += 4) {
    const float* rows[4] = {};
    std::size_t step[4] = {};  // keeps a missing row at the zeros
    const std::size_t count = std::min<std::size_t>(4, n - first);
    for (std::size_t i = 0; i < count; ++i) {
      const Lane& lane = group.lanes[first + i];
      const bool present = t < lane.rows.count;
      rows[i] =
          present ? in.Row(lane.rows.begin + t) + lane.column + column : kZeros;
      step[i] = present ? 1 : 0;
    }
    std::size_t dim = 0;
#if HWY_TARGET != HWY_SCALAR
    const hn::CappedTag<float, 4> d4;
    for (; hn::Lanes(d4) == 4 && dim + 4 <= group.head_size; dim += 4) {
      Transpose4x4(d4, rows[0] + dim * step[0], rows[1] + dim * step[1],
                   rows[2] + dim * step[2], rows[3] + dim * step[3],
                   [&](std::size_t i, auto column_values) HWY_ATTR {
                     hn::StoreU(column_values, d4, to + (dim + i) * n + first);
                   });
    }
#endif
    for (; dim < group.head_size; ++dim) {
      for (std::size_t i = 0; i < count; ++i) {
        to[dim * n + first + i] = rows[i][dim * step[i]];
      }
    }
  }
}

// The way back: `from` [HS, n] to the columns of every lane that has position
// t. Adds +0, which turns -0 into +0: the number of terms that were zero
// depends on the group, and so may the sign of a sum that is zero.
HWY_INLINE void ScatterRow(const Group& group, const float* HWY_RESTRICT from,
                           std::size_t column, std::size_t t, MatrixView out) {
  const std::size_t n = group.n;
  for (std::size_t first = 0; first < n; first += 4) {
    float* rows[4] = {};
    const std::size_t count = std::min<std::size_t>(4, n - first);
    for (std::size_t i = 0; i < count; ++i) {
      const Lane& lane = group.lanes[first + i];
      if (t < lane.rows.count) {
        rows[i] = out.Row(lane.rows.begin + t) + lane.column + column;
      }
    }
    std::size_t dim = 0;
#if HWY_TARGET != HWY_SCALAR
    const hn::CappedTag<float, 4> d4;
    for (; hn::Lanes(d4) == 4 && dim + 4 <= group.head_size; dim += 4) {
      const float* block = from + dim * n + first;
      Transpose4x4(d4, block, block + n, block + 2 * n, block + 3 * n,
                   [&](std::size_t i, auto row) HWY_ATTR {
                     if (rows[i] != nullptr) {
                       hn::StoreU(hn::Add(row, hn::Zero(d4)), d4,
                                  rows[i] + dim);
                     }
                   });
    }
#endif
    for (; dim < group.head_size; ++dim) {
      for (std::size_t i = 0; i < count; ++i) {
        if (rows[i] != nullptr) {
          rows[i][dim] = from[dim * n + first + i] + 0.0f;
        }
      }
    }
  }
}

// Where SumProducts reads: term i of sum j is a[i * a_step] * b[i * b_step + j
// * b_stride], all of them vectors.
struct Terms {
  const float* HWY_RESTRICT a;
  std::size_t a_step;
  const float* HWY_RESTRICT b;
  std::size_t b_step;
  std::size_t b_stride;
};

#define MICROGPT_FOR_EACH_SUM(M) M(0) M(1) M(2) M(3) M(4) M(5) M(6) M(7)

// kSums sums of `count` products, each one chain of fused multiply-adds begun
// at zero; sum j goes to out[j * n].
template <std::size_t kSums, class D>
HWY_INLINE void SumProductsBlock(D d, const Terms& terms, std::size_t count,
                                 float* HWY_RESTRICT out) {
  using V = hn::Vec<D>;
  const std::size_t n = hn::Lanes(d);
#define MICROGPT_SUM_BEGIN(j) V s##j = hn::Zero(d);
  MICROGPT_FOR_EACH_SUM(MICROGPT_SUM_BEGIN)
#undef MICROGPT_SUM_BEGIN
  for (std::size_t i = 0; i < count; ++i) {
    const V a = hn::LoadU(d, terms.a + i * terms.a_step);
    const float* HWY_RESTRICT b = terms.b + i * terms.b_step;
#define MICROGPT_SUM_STEP(j)                                              \
  if constexpr (j < kSums) {                                              \
    s##j = FusedMulAdd(d, a, hn::LoadU(d, b + j * terms.b_stride), s##j); \
  }
    MICROGPT_FOR_EACH_SUM(MICROGPT_SUM_STEP)
#undef MICROGPT_SUM_STEP
  }
#define MICROGPT_SUM_END(j)                                  \
  if constexpr (j < kSums) hn::StoreU(s##j, d, out + j * n); \
  (void)s##j;
  MICROGPT_FOR_EACH_SUM(MICROGPT_SUM_END)
#undef MICROGPT_SUM_END
}

#undef MICROGPT_FOR_EACH_SUM

// `sums` such sums.
template <class D>
HWY_INLINE void SumProducts(D d, Terms terms, std::size_t count,
                            std::size_t sums, float* HWY_RESTRICT out) {
  const std::size_t n = hn::Lanes(d);
  for (; sums >= 8; sums -= 8) {
    SumProductsBlock<8>(d, terms, count, out);
    terms.b += 8 * terms.b_stride;
    out += 8 * n;
  }
  switch (sums) {
#define MICROGPT_SUM_CASE(j)                   \
  case j:                                      \
    SumProductsBlock<j>(d, terms, count, out); \
    break;
    MICROGPT_SUM_CASE(1)
    MICROGPT_SUM_CASE(2)
    MICROGPT_SUM_CASE(3)
    MICROGPT_SUM_CASE(4)
    MICROGPT_SUM_CASE(5)
    MICROGPT_SUM_CASE(6)
    MICROGPT_SUM_CASE(7)
#undef MICROGPT_SUM_CASE
    default:
      break;
  }
}

// Lane-wise sum of value(0) .. value(count - 1), which stand for the 16 virtual
// lanes of a row (absent ones are zero), by their fixed tree.
template <class D, class Value>
HWY_INLINE hn::Vec<D> SumByTree(D d, std::size_t count, Value value) {
  static_assert(kMaxPackedPositions <= kVirtualLanes);
  const std::size_t n = hn::Lanes(d);
  HWY_ALIGN float nodes[kVirtualLanes / 2 * kVirtualLanes];
  std::size_t half = kVirtualLanes / 2;
  while (half > 1 && half >= count) half /= 2;
  for (std::size_t i = 0; i < std::min(half, count); ++i) {
    const auto left = value(i);
    hn::Store(i + half < count ? hn::Add(left, value(i + half)) : left, d,
              nodes + i * n);
  }
  for (half /= 2; half != 0; half /= 2) {
    for (std::size_t i = 0; i < half; ++i) {
      hn::Store(hn::Add(hn::Load(d, nodes + i * n),
                        hn::Load(d, nodes + (i + half) * n)),
                d, nodes + i * n);
    }
  }
  return hn::Load(d, nodes);
}

// row = softmax(scale * row), `count` vectors.
template <class D>
HWY_INLINE void SoftmaxLanes(D d, float* HWY_RESTRICT row, std::size_t count,
                             float scale) {
  const std::size_t n = hn::Lanes(d);
  const auto factor = hn::Set(d, scale);
  auto largest = hn::Set(d, -HUGE_VALF);
  for (std::size_t i = 0; i < count; ++i) {
    const auto x = hn::Mul(hn::LoadU(d, row + i * n), factor);
    hn::StoreU(x, d, row + i * n);
    largest = hn::Max(largest, x);
  }
  for (std::size_t i = 0; i < count; ++i) {
    const auto x = hn::LoadU(d, row + i * n);
    hn::StoreU(ExpNonPositive(d, hn::Sub(x, largest)), d, row + i * n);
  }
  const auto total = SumByTree(d, count, [&](std::size_t i) HWY_ATTR {
    return hn::LoadU(d, row + i * n);
  });
  const auto inverse = hn::Div(hn::Set(d, 1.0f), total);
  for (std::size_t i = 0; i < count; ++i) {
    hn::StoreU(hn::Mul(hn::LoadU(d, row + i * n), inverse), d, row + i * n);
  }
}

// row = p * (row - sum(p * row)) * scale, the gradient of the above.
template <class D>
HWY_INLINE void SoftmaxBackwardLanes(D d, const float* HWY_RESTRICT p,
                                     float* HWY_RESTRICT row, std::size_t count,
                                     float scale) {
  const std::size_t n = hn::Lanes(d);
  const auto factor = hn::Set(d, scale);
  const auto dot = SumByTree(d, count, [&](std::size_t i) HWY_ATTR {
    return hn::Mul(hn::LoadU(d, p + i * n), hn::LoadU(d, row + i * n));
  });
  for (std::size_t i = 0; i < count; ++i) {
    const auto centred = hn::Sub(hn::LoadU(d, row + i * n), dot);
    const auto scaled = hn::Mul(hn::LoadU(d, p + i * n), factor);
    hn::StoreU(hn::Mul(scaled, centred), d, row + i * n);
  }
}

template <class D>
HWY_INLINE void GroupForward(D d, const Group& group, ConstMatrixView qkv,
                             std::size_t width, float* HWY_RESTRICT saved,
                             float* HWY_RESTRICT scratch, MatrixView out) {
  const std::size_t n = group.n;
  const std::size_t row = group.RowFloats();
  float* q = saved;
  float* k = q + group.HeadFloats();
  float* v = k + group.HeadFloats();
  float* p = v + group.HeadFloats();
  const float scale = AttentionScale(group.head_size);
  for (std::size_t t = 0; t < group.positions; ++t) {
    GatherRow(group, qkv, 0, t, q + t * row);
    GatherRow(group, qkv, width, t, k + t * row);
    GatherRow(group, qkv, 2 * width, t, v + t * row);
  }
  for (std::size_t t = 0; t < group.positions; ++t) {
    float* pt = p + t * group.positions * n;
    SumProducts(d, {q + t * row, n, k, n, row}, group.head_size, t + 1, pt);
    SoftmaxLanes(d, pt, t + 1, scale);
    SumProducts(d, {pt, n, v, row, n}, t + 1, group.head_size, scratch);
    ScatterRow(group, scratch, 0, t, out);
  }
}

template <class D>
HWY_INLINE void GroupBackward(D d, const Group& group, ConstMatrixView dout,
                              std::size_t width,
                              const float* HWY_RESTRICT saved,
                              float* HWY_RESTRICT scratch, MatrixView dqkv) {
  const std::size_t n = group.n;
  const std::size_t row = group.RowFloats();
  const std::size_t positions = group.positions;
  const float* q = saved;
  const float* k = q + group.HeadFloats();
  const float* v = k + group.HeadFloats();
  const float* p = v + group.HeadFloats();
  float* g = scratch;  // dout
  float* ds = g + group.HeadFloats();
  float* sums = ds + group.PairFloats();
  const float scale = AttentionScale(group.head_size);
  for (std::size_t t = 0; t < positions; ++t) {
    GatherRow(group, dout, 0, t, g + t * row);
  }
  for (std::size_t t = 0; t < positions; ++t) {
    float* dst = ds + t * positions * n;
    SumProducts(d, {g + t * row, n, v, n, row}, group.head_size, t + 1, dst);
    SoftmaxBackwardLanes(d, p + t * positions * n, dst, t + 1, scale);
    SumProducts(d, {dst, n, k, row, n}, t + 1, group.head_size, sums);
    ScatterRow(group, sums, 0, t, dqkv);
  }
  for (std::size_t t = 0; t < positions; ++t) {
    const std::size_t first = t * (positions + 1) * n;
    const std::size_t below = positions * n;  // to the next t
    const std::size_t rest = positions - t;
    SumProducts(d, {ds + first, below, q + t * row, row, n}, rest,
                group.head_size, sums);
    ScatterRow(group, sums, width, t, dqkv);
    SumProducts(d, {p + first, below, g + t * row, row, n}, rest,
                group.head_size, sums);
    ScatterRow(group, sums, 2 * width, t, dqkv);
  }
}

// Takes (document, head) pairs, heads fastest, in groups of as many as the
// narrowest vector that holds the rest has lanes; the results do not depend on
// the grouping.
class Grouping {
 public:
  Grouping(std::span<const RowRange> documents, std::size_t n_head,
           std::size_t head_size)
      : documents_(documents), n_head_(n_head) {
    group_.head_size = head_size;
  }

  HWY_INLINE std::size_t left() const {
    return (documents_.size() - document_) * n_head_ - head_;
  }

  HWY_INLINE const Group& Next(std::size_t n) {
    group_.n = n;
    group_.positions = 0;
    for (std::size_t i = 0; i < n; ++i) {
      Lane& lane = group_.lanes[i];
      if (document_ == documents_.size()) {
        lane = Lane();
        continue;
      }
      lane = {documents_[document_], head_ * group_.head_size};
      group_.positions = std::max(group_.positions, lane.rows.count);
      if (++head_ == n_head_) {
        head_ = 0;
        ++document_;
      }
    }
    return group_;
  }

 private:
  std::span<const RowRange> documents_;
  std::size_t n_head_;
  std::size_t document_ = 0;
  std::size_t head_ = 0;
  Group group_;
};

// Calls run(d, group) for all groups.
template <std::size_t kLanes, class Run>
HWY_INLINE void ForEachGroup(Grouping& grouping, Run run) {
  const hn::CappedTag<float, kLanes> d;
  const std::size_t n = hn::Lanes(d);
  while (grouping.left() > n / 2) run(d, grouping.Next(n));
  if constexpr (kLanes > 4) {
    if (grouping.left() > 0) ForEachGroup<kLanes / 2>(grouping, run);
  } else {
    while (grouping.left() > 0) run(d, grouping.Next(n));
  }
}

void PackedAttentionForwardImpl(ConstMatrixView qkv, std::size_t width,
                                std::size_t n_head,
                                std::span<const RowRange> documents,
                                float* saved, float* scratch, MatrixView out) {
  Grouping grouping(documents, n_head, width / n_head);
  ForEachGroup<kVirtualLanes>(
      grouping, [&](auto d, const Group& group) HWY_ATTR {
        GroupForward(d, group, qkv, width, saved, scratch, out);
        saved += group.SavedFloats();
      });
}

void PackedAttentionBackwardImpl(ConstMatrixView dout, std::size_t width,
                                 std::size_t n_head,
                                 std::span<const RowRange> documents,
                                 const float* saved, float* scratch,
                                 MatrixView dqkv) {
  Grouping grouping(documents, n_head, width / n_head);
  ForEachGroup<kVirtualLanes>(
      grouping, [&](auto d, const Group& group) HWY_ATTR {
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
