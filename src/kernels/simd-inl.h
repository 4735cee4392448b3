// Vector building blocks whose bits do not depend on the vector width.
// Included once per SIMD target.
#include "hwy/highway.h"

#if defined(MICROGPT_KERNELS_SIMD_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef MICROGPT_KERNELS_SIMD_INL_H_
#undef MICROGPT_KERNELS_SIMD_INL_H_
#else
#define MICROGPT_KERNELS_SIMD_INL_H_
#endif

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "kernels/matrix.h"

HWY_BEFORE_NAMESPACE();
namespace microgpt {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// At most kVirtualLanes lanes, fewer where the target has less.
using F32 = hn::CappedTag<float, kVirtualLanes>;
using VF32 = hn::Vec<F32>;

#ifndef HWY_SSE2  // newer versions of Highway have it
#define HWY_SSE2 0
#endif

#if HWY_TARGET == HWY_EMU128 || HWY_TARGET == HWY_SCALAR || \
    HWY_TARGET == HWY_SSE2 || HWY_TARGET == HWY_SSSE3 ||    \
    HWY_TARGET == HWY_SSE4

// These targets multiply and add with two roundings. The product of two floats
// is exact in double; adding with rounding to odd and then rounding to float
// gives the correctly rounded a * b + c (Boldo & Melquiond 2008). About 20
// times slower than a real FMA, on CPUs from before 2013 only.
HWY_INLINE float FusedMulAddScalar(float a, float b, float c) {
  const double product = static_cast<double>(a) * static_cast<double>(b);
  const double addend = c;
  const double sum = product + addend;
  const double rest = sum - product;
  const double error = (product - (sum - rest)) + (addend - rest);
  auto bits = std::bit_cast<std::uint64_t>(sum);
  // Overflow leaves no error to correct (it is NaN then).
  if (std::isfinite(error) && error != 0 && (bits & 1) == 0) {
    if ((error > 0) == (sum > 0)) {
      ++bits;
    } else {
      --bits;
    }
  }
  return static_cast<float>(std::bit_cast<double>(bits));
}

// a * b + c with one rounding. Inlined into every tile it would take the
// compiler minutes.
template <class D, class V = hn::Vec<D>>
HWY_NOINLINE V FusedMulAdd(D d, V a, V b, V c) {
  HWY_ALIGN float la[4];
  HWY_ALIGN float lb[4];
  HWY_ALIGN float lc[4];
  hn::Store(a, d, la);
  hn::Store(b, d, lb);
  hn::Store(c, d, lc);
  for (std::size_t i = 0; i < hn::Lanes(d); ++i) {
    lc[i] = FusedMulAddScalar(la[i], lb[i], lc[i]);
  }
  return hn::Load(d, lc);
}

#else

template <class D, class V = hn::Vec<D>>
HWY_INLINE V FusedMulAdd(D /*d*/, V a, V b, V c) {
  return hn::MulAdd(a, b, c);
}

#endif

// Whether vectors are made of blocks of four lanes whose number the compiler
// knows, so that they can be folded and transposed in registers.
#define MICROGPT_QUADS (HWY_TARGET != HWY_SCALAR && !HWY_HAVE_SCALABLE)

// Combines 16 lanes pairwise: i with i + 8, then i + 4, i + 2, i + 1. `lanes`
// are kVirtualLanes floats; combine works on floats.
template <class Combine>
HWY_INLINE float FoldLanes(float* HWY_RESTRICT lanes, Combine combine) {
  for (std::size_t half = kVirtualLanes / 2; half != 0; half /= 2) {
    for (std::size_t i = 0; i < half; ++i) {
      lanes[i] = combine(lanes[i], lanes[i + half]);
    }
  }
  return lanes[0];
}

#if MICROGPT_QUADS
// The same on the lanes of one vector of four or more; combine works on
// vectors.
template <class D, class Combine>
HWY_INLINE float FoldVector(D /*d*/, hn::Vec<D> v, Combine combine) {
  if constexpr (hn::MaxLanes(D()) > 4) {
    const hn::Half<D> half;
    return FoldVector(
        half, combine(hn::LowerHalf(half, v), hn::UpperHalf(half, v)), combine);
  } else {
    v = combine(v, hn::Shuffle1032(v));
    return hn::GetLane(combine(v, hn::Shuffle2301(v)));
  }
}
#endif

// Runs `step(i, accumulator)` over vectors starting at i = 0, Lanes, ... below
// `count`, in 16 virtual lanes (element i goes to lane i % 16), and folds them.
// `combine` takes two vectors or two floats.
// REQUIRES: count is a multiple of kVirtualLanes.
#if HWY_TARGET == HWY_SCALAR
template <class Step, class Combine>
HWY_INLINE float Reduce(std::size_t count, VF32 init, Step step,
                        Combine combine) {
  const F32 d;
  float lanes[kVirtualLanes];
  for (float& lane : lanes) hn::Store(init, d, &lane);
  for (std::size_t i = 0; i < count; ++i) {
    float* lane = &lanes[i % kVirtualLanes];
    hn::Store(step(i, hn::Load(d, lane)), d, lane);
  }
  return FoldLanes(lanes, combine);
}
#else
template <class Step, class Combine>
HWY_INLINE float Reduce(std::size_t count, VF32 init, Step step,
                        Combine combine) {
  const F32 d;
  const std::size_t n = hn::Lanes(d);
  VF32 a0 = init;
  VF32 a1 = init;
  VF32 a2 = init;
  VF32 a3 = init;
  for (std::size_t i = 0; i < count; i += kVirtualLanes) {
    a0 = step(i, a0);
    if (n <= 8) a1 = step(i + n, a1);
    if (n <= 4) {
      a2 = step(i + 2 * n, a2);
      a3 = step(i + 3 * n, a3);
    }
  }
#if MICROGPT_QUADS
  if (n == 8) a0 = combine(a0, a1);
  if (n == 4) a0 = combine(combine(a0, a2), combine(a1, a3));
  return FoldVector(d, a0, combine);
#else
  HWY_ALIGN float lanes[kVirtualLanes];
  hn::Store(a0, d, lanes);
  if (n <= 8) hn::Store(a1, d, lanes + n);
  if (n <= 4) {
    hn::Store(a2, d, lanes + 2 * n);
    hn::Store(a3, d, lanes + 3 * n);
  }
  return FoldLanes(lanes, combine);
#endif
}
#endif

// What Reduce combines lanes with.
struct SumOf {
  HWY_INLINE float operator()(float a, float b) const { return a + b; }
  template <class V>
  HWY_INLINE V operator()(V a, V b) const {
    return hn::Add(a, b);
  }
};
struct LargerOf {
  HWY_INLINE float operator()(float a, float b) const { return a > b ? a : b; }
  template <class V>
  HWY_INLINE V operator()(V a, V b) const {
    return hn::Max(a, b);
  }
};

template <class Step>
HWY_INLINE float ReduceSum(std::size_t count, Step step) {
  return Reduce(count, hn::Zero(F32()), step, SumOf());
}

// sum of a[i] * b[i].
HWY_INLINE float Dot(const float* HWY_RESTRICT a, const float* HWY_RESTRICT b,
                     std::size_t count) {
  const F32 d;
  return ReduceSum(count, [&](std::size_t i, VF32 sum) HWY_ATTR {
    return FusedMulAdd(d, hn::LoadU(d, a + i), hn::LoadU(d, b + i), sum);
  });
}

// e^x for x <= 0, error below 1.5 ulp; 0 below `least`, which is at least
// kLeastExponent; NaN passes. x = n ln 2 + r, Taylor series of degree 7 in |r|
// <= ln 2 / 2. In steps, so that several vectors can take turns.
inline constexpr float kLeastExponent = -87.0f;  // no subnormal results
inline constexpr float kExpSeries[] = {1.0f / 720, 1.0f / 120, 1.0f / 24,
                                       1.0f / 6,   0.5f,       1.0f,
                                       1.0f};          // after 1 / 5040
inline constexpr float kRoundToInteger = 12582912.0f;  // 1.5 * 2^23

// Holds n in its low bits.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V ExpShifted(D d, V x) {
  return FusedMulAdd(d, x, hn::Set(d, 1.44269504088896341f),
                     hn::Set(d, kRoundToInteger));
}

template <class D, class V = hn::Vec<D>>
HWY_INLINE V ExpRemainder(D d, V x, V shifted) {
  const V n = hn::Sub(shifted, hn::Set(d, kRoundToInteger));
  const V r = FusedMulAdd(d, n, hn::Set(d, -0.693145751953125f), x);
  return FusedMulAdd(d, n, hn::Set(d, -1.42860682030941723e-6f), r);
}

// Adding n to the exponent of the series p scales by 2^n.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V ExpScaled(D d, V x, V shifted, V p, float least) {
  const hn::RebindToSigned<D> di;
  const auto scaled =
      hn::Add(hn::BitCast(di, p), hn::ShiftLeft<23>(hn::BitCast(di, shifted)));
  return hn::IfThenZeroElse(hn::Lt(x, hn::Set(d, least)),
                            hn::BitCast(d, scaled));
}

template <class D, class V = hn::Vec<D>>
HWY_INLINE V ExpNonPositive(D d, V x, float least) {
  const V shifted = ExpShifted(d, x);
  const V r = ExpRemainder(d, x, shifted);
  V p = hn::Set(d, 1.0f / 5040);
  for (const float c : kExpSeries) p = FusedMulAdd(d, p, r, hn::Set(d, c));
  return ExpScaled(d, x, shifted, p, least);
}

// The same for four vectors, in place: one alone waits for itself.
template <class D, class V = hn::Vec<D>>
HWY_INLINE void ExpNonPositive4(D d, V& x0, V& x1, V& x2, V& x3, float least) {
  const V s0 = ExpShifted(d, x0);
  const V s1 = ExpShifted(d, x1);
  const V s2 = ExpShifted(d, x2);
  const V s3 = ExpShifted(d, x3);
  const V r0 = ExpRemainder(d, x0, s0);
  const V r1 = ExpRemainder(d, x1, s1);
  const V r2 = ExpRemainder(d, x2, s2);
  const V r3 = ExpRemainder(d, x3, s3);
  V p0 = hn::Set(d, 1.0f / 5040);
  V p1 = p0;
  V p2 = p0;
  V p3 = p0;
  for (const float c : kExpSeries) {
    const V term = hn::Set(d, c);
    p0 = FusedMulAdd(d, p0, r0, term);
    p1 = FusedMulAdd(d, p1, r1, term);
    p2 = FusedMulAdd(d, p2, r2, term);
    p3 = FusedMulAdd(d, p3, r3, term);
  }
  x0 = ExpScaled(d, x0, s0, p0, least);
  x1 = ExpScaled(d, x1, s1, p1, least);
  x2 = ExpScaled(d, x2, s2, p2, least);
  x3 = ExpScaled(d, x3, s3, p3, least);
}

#if HWY_TARGET != HWY_SCALAR
// Transposes the 4 x 4 blocks that lie in the same four lanes of four vectors
// and hands the four results to store(i, v). D has a multiple of four lanes.
template <class D, class Store>
HWY_INLINE void TransposeBlocks(D d, hn::Vec<D> r0, hn::Vec<D> r1,
                                hn::Vec<D> r2, hn::Vec<D> r3, Store store) {
  const hn::RepartitionToWide<D> dw;
  const auto low01 = hn::BitCast(dw, hn::InterleaveLower(d, r0, r1));
  const auto low23 = hn::BitCast(dw, hn::InterleaveLower(d, r2, r3));
  const auto high01 = hn::BitCast(dw, hn::InterleaveUpper(d, r0, r1));
  const auto high23 = hn::BitCast(dw, hn::InterleaveUpper(d, r2, r3));
  store(0, hn::BitCast(d, hn::InterleaveLower(dw, low01, low23)));
  store(1, hn::BitCast(d, hn::InterleaveUpper(dw, low01, low23)));
  store(2, hn::BitCast(d, hn::InterleaveLower(dw, high01, high23)));
  store(3, hn::BitCast(d, hn::InterleaveUpper(dw, high01, high23)));
}

// Stores every four lanes `stride` after the four before. D has four lanes, or
// MICROGPT_QUADS holds.
template <class D>
HWY_INLINE void StoreQuads(D d, hn::Vec<D> quads, std::size_t stride,
                           float* to) {
  if constexpr (hn::MaxLanes(D()) <= 4) {
    hn::StoreU(quads, d, to);
  } else {
    const hn::Half<D> half;
    StoreQuads(half, hn::LowerHalf(half, quads), stride, to);
    StoreQuads(half, hn::UpperHalf(half, quads), stride,
               to + hn::Lanes(half) / 4 * stride);
  }
}

// Writes the transpose of four vectors, which are rows of a matrix, into four
// columns of another one.
template <class D>
HWY_INLINE void StoreTransposed(D d, hn::Vec<D> r0, hn::Vec<D> r1,
                                hn::Vec<D> r2, hn::Vec<D> r3,
                                std::size_t stride, float* to) {
  TransposeBlocks(d, r0, r1, r2, r3, [&](std::size_t i, auto quads) HWY_ATTR {
    StoreQuads(d, quads, 4 * stride, to + i * stride);
  });
}
#endif

}  // namespace HWY_NAMESPACE
}  // namespace microgpt
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
