// The pairwise tree that gradients are summed by. Included once per SIMD
// target.
#include "hwy/highway.h"

#if defined(MICROGPT_KERNELS_PAIRWISE_SUM_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef MICROGPT_KERNELS_PAIRWISE_SUM_INL_H_
#undef MICROGPT_KERNELS_PAIRWISE_SUM_INL_H_
#else
#define MICROGPT_KERNELS_PAIRWISE_SUM_INL_H_
#endif

#include "kernels/gradient.h"
#include "kernels/simd-inl.h"

HWY_BEFORE_NAMESPACE();
namespace microgpt {
namespace HWY_NAMESPACE {

using I32 = hn::RebindToSigned<F32>;

// The sum of elements [i, i + Lanes) of terms[first] .. terms[first + kWidth -
// 1], as far as they exist; kWidth is a power of two and the first exists.
template <std::size_t kWidth>
HWY_INLINE VF32 TreeSum(const float* const* HWY_RESTRICT terms,
                        std::size_t count, std::size_t first, std::size_t i) {
  const F32 d;
  if constexpr (kWidth == 1) {
    return hn::LoadU(d, terms[first] + i);
  } else {
    const VF32 left = TreeSum<kWidth / 2>(terms, count, first, i);
    if (first + kWidth / 2 >= count) return left;
    return hn::Add(left,
                   TreeSum<kWidth / 2>(terms, count, first + kWidth / 2, i));
  }
}

template <std::size_t kTerms>
HWY_INLINE bool SumTerms(const float* const* HWY_RESTRICT terms, float* sum_of,
                         std::size_t count) {
  const F32 d;
  const I32 di;
  const float* const arrays[] = {terms[0],
                                 terms[kTerms > 1 ? 1 : 0],
                                 terms[kTerms > 2 ? 2 : 0],
                                 terms[kTerms > 3 ? 3 : 0],
                                 terms[kTerms > 4 ? 4 : 0],
                                 terms[kTerms > 5 ? 5 : 0],
                                 terms[kTerms > 6 ? 6 : 0],
                                 terms[kTerms > 7 ? 7 : 0]};
  auto largest = hn::Zero(di);
  for (std::size_t i = 0; i < count; i += hn::Lanes(d)) {
    const VF32 sum = TreeSum<kMaxTerms>(arrays, kTerms, 0, i);
    largest = hn::Max(largest, hn::BitCast(di, hn::Abs(sum)));
    if (kTerms > 1 || sum_of != arrays[0]) hn::StoreU(sum, d, sum_of + i);
  }
  constexpr std::int32_t kInfinity = 0x7F800000;
  return hn::AllTrue(di, hn::Lt(largest, hn::Set(di, kInfinity)));
}

// to = the sum of `num_terms` arrays [count], which may begin with `to`.
// Returns whether it is finite.
HWY_INLINE bool SumTermsInto(const float* const* terms, std::size_t num_terms,
                             float* to, std::size_t count) {
  switch (num_terms) {
#define MICROGPT_SUM_CASE(n) \
  case n:                    \
    return SumTerms<n>(terms, to, count);
    MICROGPT_SUM_CASE(1)
    MICROGPT_SUM_CASE(2)
    MICROGPT_SUM_CASE(3)
    MICROGPT_SUM_CASE(4)
    MICROGPT_SUM_CASE(5)
    MICROGPT_SUM_CASE(6)
    MICROGPT_SUM_CASE(7)
    MICROGPT_SUM_CASE(8)
#undef MICROGPT_SUM_CASE
    default:
      return false;
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace microgpt
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
