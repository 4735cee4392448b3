#include "kernels/gradient.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/gradient.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "hwy/highway.h"
#include "kernels/simd-inl.h"

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

using I32 = hn::RebindToSigned<F32>;

// The bits of magnitudes, as integers, are ordered as the magnitudes are.
HWY_INLINE hn::Vec<I32> Magnitudes(const float* values) {
  return hn::BitCast(I32(), hn::Abs(hn::LoadU(F32(), values)));
}

float MaxAbsImpl(ConstMatrixView values, float at_least) {
  const I32 di;
  const std::size_t n = hn::Lanes(di);
  auto largest = hn::BitCast(di, hn::Set(F32(), at_least));
  for (std::size_t row = 0; row < values.rows; ++row) {
    const float* begin = values.Row(row);
    for (std::size_t i = 0; i < values.stride; i += n) {
      largest = hn::Max(largest, Magnitudes(begin + i));
    }
  }
  return std::bit_cast<float>(hn::GetLane(hn::MaxOfLanes(di, largest)));
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
HWY_EXPORT(MaxAbsImpl);
HWY_EXPORT(AllFiniteImpl);

void AddInto(float* sum, const float* term, std::size_t count) noexcept {
  HWY_DYNAMIC_DISPATCH(AddIntoImpl)(sum, term, count);
}

float MaxAbs(ConstMatrixView values, float at_least) noexcept {
  return HWY_DYNAMIC_DISPATCH(MaxAbsImpl)(values, at_least);
}

bool AllFinite(const float* values, std::size_t count) noexcept {
  return HWY_DYNAMIC_DISPATCH(AllFiniteImpl)(values, count);
}

}  // namespace microgpt
#endif  // HWY_ONCE
