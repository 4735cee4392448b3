#include "kernels/gradient.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/gradient.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "hwy/highway.h"
#include "kernels/pairwise_sum-inl.h"

HWY_BEFORE_NAMESPACE();
namespace microgpt {
namespace HWY_NAMESPACE {

void AddIntoImpl(float* sum, const float* term, std::size_t count) {
  const F32 d;
  const std::size_t n = hn::Lanes(d);
  for (std::size_t i = 0; i < count; i += n) {
    hn::StoreU(hn::Add(hn::LoadU(d, sum + i), hn::LoadU(d, term + i)), d,
               sum + i);
  }
}

using F64 = hn::CappedTag<double, kVirtualLanes>;
using VF64 = hn::Vec<F64>;

// sum + values[i]^2. The square is exact in double: fused or not, it is rounded
// once.
HWY_INLINE VF64 AddSquare(VF64 sum, const float* HWY_RESTRICT values) {
  const F64 d;
  const VF64 x = hn::PromoteTo(d, hn::LoadU(hn::Rebind<float, F64>(), values));
  return hn::MulAdd(x, x, sum);
}

void AddSquaresImpl(const float* HWY_RESTRICT values, std::size_t count,
                    LaneSums& sums) {
  const F64 d;
  const std::size_t n = hn::Lanes(d);
  // Four chains of additions at a time, where there are so many vectors.
  const std::size_t step = n < 4 ? 4 * n : kVirtualLanes;
  for (std::size_t lane = 0; lane < kVirtualLanes; lane += step) {
    double* HWY_RESTRICT to = sums.data() + lane;
    VF64 a0 = hn::LoadU(d, to);
    VF64 a1 = hn::Zero(d);
    VF64 a2 = a1;
    VF64 a3 = a1;
    if (n <= 8) a1 = hn::LoadU(d, to + n);
    if (n <= 4) {
      a2 = hn::LoadU(d, to + 2 * n);
      a3 = hn::LoadU(d, to + 3 * n);
    }
    for (std::size_t i = lane; i < count; i += kVirtualLanes) {
      a0 = AddSquare(a0, values + i);
      if (n <= 8) a1 = AddSquare(a1, values + i + n);
      if (n <= 4) {
        a2 = AddSquare(a2, values + i + 2 * n);
        a3 = AddSquare(a3, values + i + 3 * n);
      }
    }
    hn::StoreU(a0, d, to);
    if (n <= 8) hn::StoreU(a1, d, to + n);
    if (n <= 4) {
      hn::StoreU(a2, d, to + 2 * n);
      hn::StoreU(a3, d, to + 3 * n);
    }
  }
}

void ScaleImpl(float* HWY_RESTRICT values, float factor, std::size_t count) {
  const F32 d;
  for (std::size_t i = 0; i < count; i += hn::Lanes(d)) {
    hn::StoreU(hn::Mul(hn::LoadU(d, values + i), hn::Set(d, factor)), d,
               values + i);
  }
}

// The bits of magnitudes, as integers, are ordered as the magnitudes are.
HWY_INLINE hn::Vec<I32> Magnitudes(const float* values) {
  return hn::BitCast(I32(), hn::Abs(hn::LoadU(F32(), values)));
}

float MaxAbsImpl(ConstMatrixView values, float at_least) {
  const I32 di;
  const std::size_t n = hn::Lanes(di);
  auto largest = hn::BitCast(di, hn::Set(F32(), at_least));
  const std::size_t cols = PaddedCols(values.cols);
  for (std::size_t row = 0; row < values.rows; ++row) {
    const float* begin = values.Row(row);
    for (std::size_t i = 0; i < cols; i += n) {
      largest = hn::Max(largest, Magnitudes(begin + i));
    }
  }
  return std::bit_cast<float>(hn::GetLane(hn::MaxOfLanes(di, largest)));
}

bool SumPairwiseImpl(std::span<float* const> terms, std::size_t count) {
  return SumTermsInto(terms.data(), terms.size(), terms[0], count);
}

bool AllFiniteImpl(const float* values, std::size_t count) {
  const I32 di;
  const std::size_t n = hn::Lanes(di);
  auto largest = hn::Zero(di);
  for (std::size_t i = 0; i < count; i += n) {
    largest = hn::Max(largest, Magnitudes(values + i));
  }
  constexpr std::int32_t kInfinity = 0x7F800000;
  return hn::AllTrue(di, hn::Lt(largest, hn::Set(di, kInfinity)));
}

}  // namespace HWY_NAMESPACE
}  // namespace microgpt
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace microgpt {

HWY_EXPORT(AddIntoImpl);
HWY_EXPORT(AddSquaresImpl);
HWY_EXPORT(ScaleImpl);
HWY_EXPORT(MaxAbsImpl);
HWY_EXPORT(SumPairwiseImpl);
HWY_EXPORT(AllFiniteImpl);

void AddInto(float* sum, const float* term, std::size_t count) noexcept {
  HWY_DYNAMIC_DISPATCH(AddIntoImpl)(sum, term, count);
}

void AddSquares(const float* values, std::size_t count,
                LaneSums& sums) noexcept {
  HWY_DYNAMIC_DISPATCH(AddSquaresImpl)(values, count, sums);
}

double Fold(const LaneSums& sums) noexcept {
  LaneSums lanes = sums;
  for (std::size_t half = kVirtualLanes / 2; half != 0; half /= 2) {
    for (std::size_t i = 0; i < half; ++i) lanes[i] += lanes[i + half];
  }
  return lanes[0];
}

void Scale(float* values, float factor, std::size_t count) noexcept {
  HWY_DYNAMIC_DISPATCH(ScaleImpl)(values, factor, count);
}

float MaxAbs(ConstMatrixView values, float at_least) noexcept {
  return HWY_DYNAMIC_DISPATCH(MaxAbsImpl)(values, at_least);
}

bool SumPairwise(std::span<float* const> terms, std::size_t count) noexcept {
  return HWY_DYNAMIC_DISPATCH(SumPairwiseImpl)(terms, count);
}

bool AllFinite(const float* values, std::size_t count) noexcept {
  return HWY_DYNAMIC_DISPATCH(AllFiniteImpl)(values, count);
}

}  // namespace microgpt
#endif  // HWY_ONCE
