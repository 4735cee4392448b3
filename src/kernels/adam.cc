#include "kernels/adam.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/adam.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "hwy/highway.h"
#include "kernels/simd-inl.h"

HWY_BEFORE_NAMESPACE();
namespace microgpt {
namespace HWY_NAMESPACE {

void AdamUpdateImpl(const AdamScalars& scalars, float* HWY_RESTRICT p,
                    float* HWY_RESTRICT m, float* HWY_RESTRICT v,
                    const float* HWY_RESTRICT g, std::size_t count) {
  const F32 d;
  const std::size_t n = hn::Lanes(d);
  const VF32 scale = hn::Set(d, scalars.gradient_scale);
  const VF32 beta1 = hn::Set(d, scalars.beta1);
  const VF32 beta2 = hn::Set(d, scalars.beta2);
  const VF32 one_minus_beta1 = hn::Set(d, scalars.one_minus_beta1);
  const VF32 one_minus_beta2 = hn::Set(d, scalars.one_minus_beta2);
  const VF32 step_size = hn::Set(d, scalars.step_size);
  const VF32 inverse_bias2 = hn::Set(d, scalars.inverse_bias2);
  const VF32 eps = hn::Set(d, scalars.eps);
  for (std::size_t i = 0; i < count; i += n) {
    const VF32 grad = hn::Mul(hn::LoadU(d, g + i), scale);
    const VF32 mi = FusedMulAdd(d, beta1, hn::LoadU(d, m + i),
                                hn::Mul(one_minus_beta1, grad));
    const VF32 vi = FusedMulAdd(d, beta2, hn::LoadU(d, v + i),
                                hn::Mul(one_minus_beta2, hn::Mul(grad, grad)));
    const VF32 divisor = hn::Add(hn::Sqrt(hn::Mul(vi, inverse_bias2)), eps);
    const VF32 update = hn::Div(hn::Mul(step_size, mi), divisor);
    hn::StoreU(mi, d, m + i);
    hn::StoreU(vi, d, v + i);
    hn::StoreU(hn::Sub(hn::LoadU(d, p + i), update), d, p + i);
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
