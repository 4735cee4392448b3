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

bool AllFiniteImpl(const float* values, std::size_t count) {
  const F32 d;
  const hn::RebindToSigned<F32> di;
  const std::size_t n = hn::Lanes(d);
  auto largest = hn::Zero(di);
  for (std::size_t i = 0; i < count; i += n) {
    const auto magnitude = hn::BitCast(di, hn::Abs(hn::LoadU(d, values + i)));
    largest = hn::Max(largest, magnitude);
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
HWY_EXPORT(AllFiniteImpl);

void AddInto(float* sum, const float* term, std::size_t count) noexcept {
  HWY_DYNAMIC_DISPATCH(AddIntoImpl)(sum, term, count);
}

bool AllFinite(const float* values, std::size_t count) noexcept {
  return HWY_DYNAMIC_DISPATCH(AllFiniteImpl)(values, count);
}

}  // namespace microgpt
#endif  // HWY_ONCE
