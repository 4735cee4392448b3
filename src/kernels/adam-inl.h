// Adam on one vector. Included once per SIMD target.
#include "hwy/highway.h"

#if defined(MICROGPT_KERNELS_ADAM_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef MICROGPT_KERNELS_ADAM_INL_H_
#undef MICROGPT_KERNELS_ADAM_INL_H_
#else
#define MICROGPT_KERNELS_ADAM_INL_H_
#endif

#include <limits>

#include "kernels/adam.h"
#include "kernels/simd-inl.h"

HWY_BEFORE_NAMESPACE();
namespace microgpt {
namespace HWY_NAMESPACE {

// Zero instead of subnormal numbers, which moments of a weight without gradient
// decay to and never leave: they cost more than twice the time.
HWY_INLINE VF32 FlushSubnormal(VF32 x) {
  const F32 d;
  return hn::IfThenZeroElse(
      hn::Lt(hn::Abs(x), hn::Set(d, std::numeric_limits<float>::min())), x);
}

// One vector, in two halves. Scalars by value: what a reference points to would
// have to be read again after every store.
//
// Writes the moments and returns what the update is divided by.
HWY_INLINE VF32 UpdateMoments(AdamScalars scalars, VF32 g,
                              float* HWY_RESTRICT m, float* HWY_RESTRICT v) {
  const F32 d;
  const VF32 grad = hn::Mul(g, hn::Set(d, scalars.gradient_scale));
  const VF32 mi = FlushSubnormal(
      FusedMulAdd(d, hn::Set(d, scalars.beta1), hn::LoadU(d, m),
                  hn::Mul(hn::Set(d, scalars.one_minus_beta1), grad)));
  const VF32 vi = FlushSubnormal(FusedMulAdd(
      d, hn::Set(d, scalars.beta2), hn::LoadU(d, v),
      hn::Mul(hn::Set(d, scalars.one_minus_beta2), hn::Mul(grad, grad))));
  hn::StoreU(mi, d, m);
  hn::StoreU(vi, d, v);
  return hn::Add(hn::Sqrt(hn::Mul(vi, hn::Set(d, scalars.inverse_bias2))),
                 hn::Set(d, scalars.eps));
}

HWY_INLINE void UpdateWeights(AdamScalars scalars, VF32 divisor, const float* m,
                              float* HWY_RESTRICT p) {
  const F32 d;
  const VF32 scaled = hn::Mul(hn::Set(d, scalars.step_size), hn::LoadU(d, m));
  hn::StoreU(hn::Sub(hn::LoadU(d, p), hn::Div(scaled, divisor)), d, p);
}

HWY_INLINE void UpdateVector(AdamScalars scalars, VF32 g, float* HWY_RESTRICT p,
                             float* HWY_RESTRICT m, float* HWY_RESTRICT v) {
  UpdateWeights(scalars, UpdateMoments(scalars, g, m, v), m, p);
}

}  // namespace HWY_NAMESPACE
}  // namespace microgpt
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
