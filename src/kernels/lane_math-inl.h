// Dot products and softmax in which every lane works on a head of its own.
// Included once per SIMD target.
#include "hwy/highway.h"

#if defined(MICROGPT_KERNELS_LANE_MATH_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef MICROGPT_KERNELS_LANE_MATH_INL_H_
#undef MICROGPT_KERNELS_LANE_MATH_INL_H_
#else
#define MICROGPT_KERNELS_LANE_MATH_INL_H_
#endif

#include "kernels/attention.h"
#include "kernels/simd-inl.h"

HWY_BEFORE_NAMESPACE();
namespace microgpt {
namespace HWY_NAMESPACE {

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
      hn::StoreU(
          ExpNonPositive(d, hn::Sub(x, largest), kLeastAttentionExponent), d,
          row + i * n);
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

}  // namespace HWY_NAMESPACE
}  // namespace microgpt
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
