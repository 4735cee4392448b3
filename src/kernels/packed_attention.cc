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

// Whether documents are taken four at a time. Needs vectors made of blocks of
// four lanes whose number the compiler knows.
#define MICROGPT_QUADS (HWY_TARGET != HWY_SCALAR && !HWY_HAVE_SCALABLE)

// The (document, head) pairs of one group, a lane each, and the shape of its
// arrays: vectors of n lanes, [T, HS] for q, k, v and their like, [T, T] for
// probabilities and their like. Lanes beyond the last pair have no positions.
struct Group {
  RowRange rows[kVirtualLanes];
  std::size_t columns[kVirtualLanes] = {};  // where the head begins
  std::size_t n = 0;
  std::size_t positions = 0;  // T, of the longest lane
  // Lane 4 i + j has head i of document j, counted from the first lane's.
  bool quads = false;
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

// Where the heads of four neighbouring lanes lie in a matrix. Named members:
// gcc turns arrays of pointers into vectors that it takes apart again.
template <class T>
struct Quad {
  template <class Matrix>
  HWY_INLINE Quad(const Group& group, std::size_t first, Matrix matrix)
      : stride(matrix.stride) {
    const auto set = [&](std::size_t i, T*& base, std::size_t& count) {
      const RowRange& rows = group.rows[first + i];
      base = matrix.Row(rows.begin) + group.columns[first + i];
      count = rows.count;
    };
    set(0, base0, count0);
    set(1, base1, count1);
    set(2, base2, count2);
    set(3, base3, count3);
    common = std::min(std::min(count0, count1), std::min(count2, count3));
  }

  std::size_t stride;
  std::size_t common;  // positions that all four have
  T* base0;
  T* base1;
  T* base2;
  T* base3;
  std::size_t count0;
  std::size_t count1;
  std::size_t count2;
  std::size_t count3;
};

// Lane-wise copy of dims [dim, HS) of the heads in `in`, at position t, to `to`
// [HS, n], one element at a time; zero where a lane has no such position.
HWY_INLINE void GatherDims(const Group& group, ConstMatrixView in,
                           std::size_t t, std::size_t first, std::size_t lanes,
                           std::size_t dim, float* HWY_RESTRICT to) {
  for (; dim < group.head_size; ++dim) {
    for (std::size_t i = first; i < first + lanes; ++i) {
      const RowRange& rows = group.rows[i];
      to[dim * group.n + i] =
          t < rows.count ? in.Row(rows.begin + t)[group.columns[i] + dim] : 0;
    }
  }
}

#if HWY_TARGET != HWY_SCALAR
// The same for whole blocks of 4 dims of the four lanes from `first` on;
// returns the first dim that is left.
template <class D4>
HWY_INLINE std::size_t GatherBlocks(D4 d4, const Group& group,
                                    const Quad<const float>& quad,
                                    std::size_t t, float* HWY_RESTRICT to) {
  HWY_ALIGN static constexpr float kZeros[4] = {};
  const std::size_t n = group.n;
  const std::size_t at = t * quad.stride;
  std::size_t dim = 0;
  for (; dim + 4 <= group.head_size; dim += 4) {
    const auto row = [&](const float* base, std::size_t count) {
      return t < count ? base + at + dim : kZeros;
    };
    Transpose4x4(d4, row(quad.base0, quad.count0), row(quad.base1, quad.count1),
                 row(quad.base2, quad.count2), row(quad.base3, quad.count3),
                 [&](std::size_t i, auto values)
                     HWY_ATTR { hn::StoreU(values, d4, to + (dim + i) * n); });
  }
  return dim;
}
#endif

// Every lane's head of `parts` matrices that lie side by side in `in`, each
// `width` wide, to `to` [parts, T, HS, n].
HWY_INLINE void GatherLanes(const Group& group, ConstMatrixView in,
                            std::size_t parts, std::size_t width,
                            float* HWY_RESTRICT to) {
  const hn::CappedTag<float, 4> d4;
  const std::size_t lanes = std::min<std::size_t>(4, group.n);
  for (std::size_t part = 0; part < parts; ++part) {
    const ConstMatrixView matrix = in.Cols(part * width, width);
    for (std::size_t first = 0; first < group.n; first += lanes) {
#if HWY_TARGET != HWY_SCALAR
      if (hn::Lanes(d4) == 4) {
        const Quad<const float> quad(group, first, matrix);
        for (std::size_t t = 0; t < group.positions; ++t) {
          float* row = to + (part * group.positions + t) * group.RowFloats();
          const std::size_t dim = GatherBlocks(d4, group, quad, t, row + first);
          GatherDims(group, matrix, t, first, lanes, dim, row);
        }
        continue;
      }
#endif
      for (std::size_t t = 0; t < group.positions; ++t) {
        float* row = to + (part * group.positions + t) * group.RowFloats();
        GatherDims(group, matrix, t, first, lanes, 0, row);
      }
    }
  }
  (void)d4;
}

// The way back, from `from` [T, HS, n]. Adds +0, which turns -0 into +0: the
// number of terms that were zero depends on the group, and so may the sign of a
// sum that is zero.
HWY_INLINE void ScatterDims(const Group& group, const float* HWY_RESTRICT from,
                            std::size_t t, std::size_t first, std::size_t lanes,
                            std::size_t dim, MatrixView out) {
  for (; dim < group.head_size; ++dim) {
    for (std::size_t i = first; i < first + lanes; ++i) {
      const RowRange& rows = group.rows[i];
      if (t < rows.count) {
        out.Row(rows.begin + t)[group.columns[i] + dim] =
            from[dim * group.n + i] + 0.0f;
      }
    }
  }
}

#if HWY_TARGET != HWY_SCALAR
template <class D4>
HWY_INLINE std::size_t ScatterBlocks(D4 d4, const Group& group,
                                     const float* HWY_RESTRICT from,
                                     std::size_t t, const Quad<float>& quad) {
  const std::size_t n = group.n;
  const std::size_t at = t * quad.stride;
  std::size_t dim = 0;
  for (; dim + 4 <= group.head_size; dim += 4) {
    const float* block = from + dim * n;
    Transpose4x4(d4, block, block + n, block + 2 * n, block + 3 * n,
                 [&](std::size_t i, auto values) HWY_ATTR {
                   const auto row = hn::Add(values, hn::Zero(d4));
                   const std::size_t to = at + dim;
                   const bool all = t < quad.common;
                   if (i == 0 && (all || t < quad.count0)) {
                     hn::StoreU(row, d4, quad.base0 + to);
                   }
                   if (i == 1 && (all || t < quad.count1)) {
                     hn::StoreU(row, d4, quad.base1 + to);
                   }
                   if (i == 2 && (all || t < quad.count2)) {
                     hn::StoreU(row, d4, quad.base2 + to);
                   }
                   if (i == 3 && (all || t < quad.count3)) {
                     hn::StoreU(row, d4, quad.base3 + to);
                   }
                 });
  }
  return dim;
}
#endif

HWY_INLINE void ScatterLanes(const Group& group, const float* HWY_RESTRICT from,
                             MatrixView out) {
  const hn::CappedTag<float, 4> d4;
  const std::size_t lanes = std::min<std::size_t>(4, group.n);
  for (std::size_t first = 0; first < group.n; first += lanes) {
#if HWY_TARGET != HWY_SCALAR
    if (hn::Lanes(d4) == 4) {
      const Quad<float> quad(group, first, out);
      for (std::size_t t = 0; t < group.positions; ++t) {
        const float* row = from + t * group.RowFloats();
        const std::size_t dim = ScatterBlocks(d4, group, row + first, t, quad);
        ScatterDims(group, row, t, first, lanes, dim, out);
      }
      continue;
    }
#endif
    for (std::size_t t = 0; t < group.positions; ++t) {
      ScatterDims(group, from + t * group.RowFloats(), t, first, lanes, 0, out);
    }
  }
  (void)d4;
}

#if MICROGPT_QUADS
// Four floats of every head of a group of quads; the heads begin at `row`,
// head_size apart.
template <class D>
HWY_INLINE hn::Vec<D> LoadHeads(D d, const float* row, std::size_t head_size) {
  if constexpr (hn::MaxLanes(D()) <= 4) {
    return hn::LoadU(d, row);
  } else {
    if (head_size == 4) return hn::LoadU(d, row);
    const hn::Half<D> half;
    const float* upper = row + hn::Lanes(half) / 4 * head_size;
    return hn::Combine(d, LoadHeads(half, upper, head_size),
                       LoadHeads(half, row, head_size));
  }
}

template <class D>
HWY_INLINE void StoreHeads(D d, hn::Vec<D> heads, std::size_t head_size,
                           float* row) {
  if constexpr (hn::MaxLanes(D()) <= 4) {
    hn::StoreU(heads, d, row);
  } else {
    if (head_size == 4) {
      hn::StoreU(heads, d, row);
      return;
    }
    const hn::Half<D> half;
    StoreHeads(half, hn::LowerHalf(half, heads), head_size, row);
    StoreHeads(half, hn::UpperHalf(half, heads), head_size,
               row + hn::Lanes(half) / 4 * head_size);
  }
}

// Gather for a group of quads.
template <class D>
HWY_INLINE void GatherQuads(D d, const Group& group, ConstMatrixView in,
                            float* HWY_RESTRICT to) {
  const std::size_t n = group.n;
  const std::size_t size = group.head_size;
  const Quad<const float> quad(group, 0, in);
  for (std::size_t t = 0; t < group.positions; ++t) {
    float* row = to + t * group.RowFloats();
    const std::size_t at = t * in.stride;
    const auto load = [&](const float* base, std::size_t count,
                          std::size_t dim) HWY_ATTR {
      return t < count ? LoadHeads(d, base + at + dim, size) : hn::Zero(d);
    };
    for (std::size_t dim = 0; dim < size; dim += 4) {
      TransposeBlocks(d, load(quad.base0, quad.count0, dim),
                      load(quad.base1, quad.count1, dim),
                      load(quad.base2, quad.count2, dim),
                      load(quad.base3, quad.count3, dim),
                      [&](std::size_t i, auto values) HWY_ATTR {
                        hn::StoreU(values, d, row + (dim + i) * n);
                      });
    }
  }
}

// Scatter for a group of quads.
template <class D>
HWY_INLINE void ScatterQuads(D d, const Group& group,
                             const float* HWY_RESTRICT from, MatrixView out) {
  const std::size_t n = group.n;
  const std::size_t size = group.head_size;
  const Quad<float> quad(group, 0, out);
  for (std::size_t t = 0; t < group.positions; ++t) {
    const std::size_t at = t * out.stride;
    for (std::size_t dim = 0; dim < size; dim += 4) {
      const float* block = from + t * group.RowFloats() + dim * n;
      TransposeBlocks(d, hn::LoadU(d, block), hn::LoadU(d, block + n),
                      hn::LoadU(d, block + 2 * n), hn::LoadU(d, block + 3 * n),
                      [&](std::size_t i, auto values) HWY_ATTR {
                        const auto heads = hn::Add(values, hn::Zero(d));
                        const std::size_t to = at + dim;
                        if (i == 0 && t < quad.count0) {
                          StoreHeads(d, heads, size, quad.base0 + to);
                        }
                        if (i == 1 && t < quad.count1) {
                          StoreHeads(d, heads, size, quad.base1 + to);
                        }
                        if (i == 2 && t < quad.count2) {
                          StoreHeads(d, heads, size, quad.base2 + to);
                        }
                        if (i == 3 && t < quad.count3) {
                          StoreHeads(d, heads, size, quad.base3 + to);
                        }
                      });
    }
  }
}
#endif

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
// lanes of a row (absent ones are zero), by their fixed tree: i with i + 8,
// then i + 4, i + 2, i + 1.
template <std::size_t kHalf, class D, class Value>
HWY_INLINE hn::Vec<D> SumByTree(D d, std::size_t first, std::size_t count,
                                Value value) {
  if constexpr (kHalf == 0) {
    return first < count ? value(first) : hn::Zero(d);
  } else {
    // Node `first` of this level joins those at first and first + kHalf of the
    // level before, whose distance is twice as large.
    const auto left = SumByTree < kHalf == kVirtualLanes / 2
                          ? 0
                          : kHalf * 2 > (d, first, count, value);
    if (first + kHalf >= count) return left;
    return hn::Add(left, SumByTree < kHalf == kVirtualLanes / 2
                             ? 0
                             : kHalf * 2 > (d, first + kHalf, count, value));
  }
}

// Rows t = 0 .. T - 1 of pairs [T, T] become softmax(scale * row), t + 1
// vectors each. Every loop runs over all rows, so that rows overlap.
template <class D>
HWY_INLINE void SoftmaxLanes(D d, float* HWY_RESTRICT pairs,
                             std::size_t positions, float scale) {
  const std::size_t n = hn::Lanes(d);
  const auto factor = hn::Set(d, scale);
  for (std::size_t t = 0; t < positions; ++t) {
    float* row = pairs + t * positions * n;
    auto largest = hn::Mul(hn::LoadU(d, row), factor);
    for (std::size_t i = 1; i <= t; ++i) {
      largest = hn::Max(largest, hn::Mul(hn::LoadU(d, row + i * n), factor));
    }
    for (std::size_t i = 0; i <= t; ++i) {
      const auto x = hn::Mul(hn::LoadU(d, row + i * n), factor);
      hn::StoreU(ExpNonPositive(d, hn::Sub(x, largest)), d, row + i * n);
    }
  }
  for (std::size_t t = 0; t < positions; ++t) {
    float* row = pairs + t * positions * n;
    const auto total = SumByTree<1>(d, 0, t + 1, [&](std::size_t i) HWY_ATTR {
      return hn::LoadU(d, row + i * n);
    });
    const auto inverse = hn::Div(hn::Set(d, 1.0f), total);
    for (std::size_t i = 0; i <= t; ++i) {
      hn::StoreU(hn::Mul(hn::LoadU(d, row + i * n), inverse), d, row + i * n);
    }
  }
}

// Rows of pairs become p * (row - sum(p * row)) * scale, the gradient of the
// above.
template <class D>
HWY_INLINE void SoftmaxBackwardLanes(D d, const float* HWY_RESTRICT p,
                                     float* HWY_RESTRICT pairs,
                                     std::size_t positions, float scale) {
  const std::size_t n = hn::Lanes(d);
  const auto factor = hn::Set(d, scale);
  for (std::size_t t = 0; t < positions; ++t) {
    const float* pt = p + t * positions * n;
    float* row = pairs + t * positions * n;
    const auto dot = SumByTree<1>(d, 0, t + 1, [&](std::size_t i) HWY_ATTR {
      return hn::Mul(hn::LoadU(d, pt + i * n), hn::LoadU(d, row + i * n));
    });
    for (std::size_t i = 0; i <= t; ++i) {
      const auto centred = hn::Sub(hn::LoadU(d, row + i * n), dot);
      const auto scaled = hn::Mul(hn::LoadU(d, pt + i * n), factor);
      hn::StoreU(hn::Mul(scaled, centred), d, row + i * n);
    }
  }
}

template <class D>
HWY_INLINE void Gather(D d, const Group& group, ConstMatrixView in,
                       std::size_t parts, std::size_t width,
                       float* HWY_RESTRICT to) {
#if MICROGPT_QUADS
  if (group.quads) {
    for (std::size_t part = 0; part < parts; ++part) {
      GatherQuads(d, group, in.Cols(part * width, width),
                  to + part * group.HeadFloats());
    }
    return;
  }
#endif
  (void)d;
  GatherLanes(group, in, parts, width, to);
}

template <class D>
HWY_INLINE void Scatter(D d, const Group& group, const float* HWY_RESTRICT from,
                        MatrixView out) {
#if MICROGPT_QUADS
  if (group.quads) {
    ScatterQuads(d, group, from, out);
    return;
  }
#endif
  (void)d;
  ScatterLanes(group, from, out);
}

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
  Gather(d, group, qkv, 3, width, q);
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
  Gather(d, group, dout, 1, width, g);
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

// Cuts documents and heads into groups; the results do not depend on how.
class Grouping {
 public:
  Grouping(std::span<const RowRange> documents, std::size_t n_head,
           std::size_t head_size)
      : documents_(documents), n_head_(n_head) {
    group_.head_size = head_size;
  }

  // (document, head) pairs that are left.
  HWY_INLINE std::size_t left() const {
    return (documents_.size() - document_) * n_head_ - head_;
  }
  // Whether a group of quads with `heads` heads can be taken.
  HWY_INLINE bool HasQuads(std::size_t heads) const {
    return documents_.size() - document_ >= 4 && n_head_ - head_ >= heads &&
           group_.head_size % 4 == 0;
  }

  // The next n / 4 heads of the next four documents.
  HWY_INLINE const Group& NextQuads(std::size_t n) {
    Begin(n, true);
    for (std::size_t i = 0; i < n; ++i) {
      SetLane(i, documents_[document_ + i % 4], head_ + i / 4);
    }
    head_ += n / 4;
    if (head_ == n_head_) {
      head_ = 0;
      document_ += 4;
    }
    return group_;
  }

  // The next n pairs, heads fastest, as far as there are any.
  HWY_INLINE const Group& Next(std::size_t n) {
    Begin(n, false);
    for (std::size_t i = 0; i < n; ++i) {
      if (document_ == documents_.size()) {
        group_.rows[i] = RowRange();
        continue;
      }
      SetLane(i, documents_[document_], head_);
      if (++head_ == n_head_) {
        head_ = 0;
        ++document_;
      }
    }
    return group_;
  }

 private:
  HWY_INLINE void Begin(std::size_t n, bool quads) {
    group_.n = n;
    group_.positions = 0;
    group_.quads = quads;
  }
  HWY_INLINE void SetLane(std::size_t lane, RowRange rows, std::size_t head) {
    group_.rows[lane] = rows;
    group_.columns[lane] = head * group_.head_size;
    group_.positions = std::max(group_.positions, rows.count);
  }

  std::span<const RowRange> documents_;
  std::size_t n_head_;
  std::size_t document_ = 0;
  std::size_t head_ = 0;
  Group group_;
};

// Calls run(d, group) for groups of quads, with the widest vectors that the
// heads of four documents fill, as long as there are four.
template <std::size_t kLanes, class Run>
HWY_INLINE void ForEachQuadGroup(Grouping& grouping, Run& run) {
#if MICROGPT_QUADS
  const hn::CappedTag<float, kLanes> d;
  const std::size_t n = hn::Lanes(d);
  while (grouping.HasQuads(n / 4)) {
    run(d, grouping.NextQuads(n));
    // The last heads may need narrower vectors.
    if constexpr (kLanes > 4) {
      if (!grouping.HasQuads(n / 4))
        ForEachQuadGroup<kLanes / 2>(grouping, run);
    }
  }
  if constexpr (kLanes > 4) ForEachQuadGroup<kLanes / 2>(grouping, run);
#else
  (void)grouping;
  (void)run;
#endif
}

// The same for all other pairs, with the narrowest vectors that hold the rest.
template <std::size_t kLanes, class Run>
HWY_INLINE void ForEachOtherGroup(Grouping& grouping, Run& run) {
  const hn::CappedTag<float, kLanes> d;
  const std::size_t n = hn::Lanes(d);
  while (grouping.left() > n / 2) run(d, grouping.Next(n));
  if constexpr (kLanes > 4) {
    if (grouping.left() > 0) ForEachOtherGroup<kLanes / 2>(grouping, run);
  } else {
    while (grouping.left() > 0) run(d, grouping.Next(n));
  }
}

template <class Run>
HWY_INLINE void ForEachGroup(Grouping grouping, Run run) {
  ForEachQuadGroup<kVirtualLanes>(grouping, run);
  ForEachOtherGroup<kVirtualLanes>(grouping, run);
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
