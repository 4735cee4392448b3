#include "kernels/adam.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/adam.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "hwy/highway.h"
#include "kernels/adam-inl.h"

HWY_BEFORE_NAMESPACE();
namespace microgpt {
namespace HWY_NAMESPACE {

void AdamUpdateImpl(const AdamScalars& scalars, float* HWY_RESTRICT p,
                    float* HWY_RESTRICT m, float* HWY_RESTRICT v,
                    const float* HWY_RESTRICT g, std::size_t count) {
  const F32 d;
  const AdamScalars copy = scalars;
  for (std::size_t i = 0; i < count; i += hn::Lanes(d)) {
    UpdateVector(copy, hn::LoadU(d, g + i), p + i, m + i, v + i);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace microgpt
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace microgpt {

HWY_EXPORT(AdamUpdateImpl);

void AdamUpdate(const AdamScalars& scalars, float* p, float* m, float* v,
                const float* g, std::size_t count) noexcept {
  HWY_DYNAMIC_DISPATCH(AdamUpdateImpl)(scalars, p, m, v, g, count);
}

}  // namespace microgpt
#endif  // HWY_ONCE
