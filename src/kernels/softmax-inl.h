// Softmax of one long row and its gradient. Included once per SIMD target.
#include "hwy/highway.h"

#if defined(MICROGPT_KERNELS_SOFTMAX_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef MICROGPT_KERNELS_SOFTMAX_INL_H_
#undef MICROGPT_KERNELS_SOFTMAX_INL_H_
#else
#define MICROGPT_KERNELS_SOFTMAX_INL_H_
#endif

#include "kernels/simd-inl.h"

HWY_BEFORE_NAMESPACE();
namespace microgpt {
namespace HWY_NAMESPACE {

// What a softmax subtracted and divided by.
struct SoftmaxTerms {
  float max;
  float sum;
};

// -infinity from cols to PaddedCols(cols). Vectors, because scalar stores would
// stall the loads; once, so that the loops after it need no masks.
HWY_INLINE void MaskPadding(float* HWY_RESTRICT row, std::size_t cols) {
  const F32 d;
  const std::size_t n = hn::Lanes(d);
  const VF32 lowest = hn::Set(d, -HUGE_VALF);
  for (std::size_t i = cols / kVirtualLanes * kVirtualLanes;
       i < PaddedCols(cols); i += n) {
    const auto valid = hn::FirstN(d, i < cols ? cols - i : 0);
    hn::StoreU(hn::IfThenElse(valid, hn::LoadU(d, row + i), lowest), d,
               row + i);
  }
}

// row[i] = finish(e^(scale * row[i] - max)) for i < count; see ExpNonPositive
// for `least`. REQUIRES: count is a multiple of kVirtualLanes.
template <class Finish>
HWY_INLINE void ExpRow(float* HWY_RESTRICT row, std::size_t count, float scale,
                       float max, float least, Finish finish) {
  const F32 d;
  const std::size_t n = hn::Lanes(d);
  const VF32 factor = hn::Set(d, scale);
  const VF32 offset = hn::Set(d, max);
  const auto load = [&](std::size_t i) HWY_ATTR {
    return hn::Sub(hn::Mul(hn::LoadU(d, row + i), factor), offset);
  };
  const auto store = [&](std::size_t i, VF32 e)
                         HWY_ATTR { hn::StoreU(finish(e), d, row + i); };
  std::size_t i = 0;
  for (; i + 4 * n <= count; i += 4 * n) {
    VF32 x0 = load(i);
    VF32 x1 = load(i + n);
    VF32 x2 = load(i + 2 * n);
    VF32 x3 = load(i + 3 * n);
    ExpNonPositive4(d, x0, x1, x2, x3, least);
    store(i, x0);
    store(i + n, x1);
    store(i + 2 * n, x2);
    store(i + 3 * n, x3);
  }
  for (; i < count; i += n) store(i, ExpNonPositive(d, load(i), least));
}

// row = softmax(scale * row) over [0, cols); zero from cols to
// PaddedCols(cols). REQUIRES: cols > 0, scale > 0.
HWY_INLINE SoftmaxTerms SoftmaxRow(float* HWY_RESTRICT row, std::size_t cols,
                                   float scale, float least) {
  const F32 d;
  const std::size_t n = hn::Lanes(d);
  const std::size_t padded = PaddedCols(cols);
  MaskPadding(row, cols);
  // Rounding is monotonic: the largest product is that of the largest number.
  const float largest = scale * Reduce(
                                    padded, hn::Set(d, -HUGE_VALF),
                                    [&](std::size_t i, VF32 m) HWY_ATTR {
                                      return hn::Max(m, hn::LoadU(d, row + i));
                                    },
                                    LargerOf());
  ExpRow(row, padded, scale, largest, least, [](VF32 e) HWY_ATTR { return e; });
  const float total = ReduceSum(padded, [&](std::size_t i, VF32 s) HWY_ATTR {
    return hn::Add(s, hn::LoadU(d, row + i));
  });
  const VF32 inverse = hn::Set(d, 1.0f / total);
  for (std::size_t i = 0; i < padded; i += n) {
    hn::StoreU(hn::Mul(hn::LoadU(d, row + i), inverse), d, row + i);
  }
  return {largest, total};
}

// The row that SoftmaxRow returned `terms` for, from the same numbers again.
HWY_INLINE void RepeatSoftmaxRow(float* HWY_RESTRICT row, std::size_t cols,
                                 float scale, float least,
                                 const SoftmaxTerms& terms) {
  const VF32 inverse = hn::Set(F32(), 1.0f / terms.sum);
  MaskPadding(row, cols);
  ExpRow(row, PaddedCols(cols), scale, terms.max, least,
         [&](VF32 e) HWY_ATTR { return hn::Mul(e, inverse); });
}

// row = probabilities * (row - sum(probabilities * row)) * scale, the gradient
// of the softmax and of the scale before it, from that of its result.
// REQUIRES: count is a multiple of kVirtualLanes.
HWY_INLINE void SoftmaxBackwardRow(const float* HWY_RESTRICT probabilities,
                                   float* HWY_RESTRICT row, std::size_t count,
                                   float scale) {
  const F32 d;
  const VF32 dot = hn::Set(d, Dot(probabilities, row, count));
  const VF32 factor = hn::Set(d, scale);
  for (std::size_t i = 0; i < count; i += hn::Lanes(d)) {
    const VF32 centred = hn::Sub(hn::LoadU(d, row + i), dot);
    const VF32 p = hn::Mul(hn::LoadU(d, probabilities + i), factor);
    hn::StoreU(hn::Mul(p, centred), d, row + i);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace microgpt
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
