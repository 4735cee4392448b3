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

// Moments of a weight without gradient decay to subnormal numbers and never
// leave them, and arithmetic with these takes more than twice the time.
HWY_INLINE VF32 SmallestNormal() {
  return hn::Set(F32(), std::numeric_limits<float>::min());
}

// One vector, in two halves. Scalars by value: what a reference points to would
// have to be read again after every store. Few instructions: registers limit
// how many vectors are in flight.
//
// Writes the moments and returns what the update is divided by.
HWY_INLINE VF32 UpdateMoments(AdamScalars scalars, VF32 g,
                              float* HWY_RESTRICT m, float* HWY_RESTRICT v) {
  const F32 d;
  VF32 mi = FusedMulAdd(d, hn::Set(d, scalars.beta1), hn::LoadU(d, m),
                        hn::Mul(hn::Set(d, scalars.gradient_factor), g));
  VF32 vi = FusedMulAdd(d, hn::Mul(hn::Set(d, scalars.square_factor), g), g,
                        hn::Mul(hn::Set(d, scalars.beta2), hn::LoadU(d, v)));
  mi = hn::IfThenZeroElse(hn::Lt(hn::Abs(mi), SmallestNormal()), mi);
  vi = hn::IfThenZeroElse(hn::Lt(vi, SmallestNormal()), vi);
  hn::StoreU(mi, d, m);
  hn::StoreU(vi, d, v);
  return hn::Add(hn::Sqrt(vi), hn::Set(d, scalars.eps));
}

// Returns the new weights.
HWY_INLINE VF32 UpdateWeights(AdamScalars scalars, VF32 divisor, const float* m,
                              float* HWY_RESTRICT p) {
  const F32 d;
  const VF32 quotient = hn::Div(hn::LoadU(d, m), divisor);
  const VF32 kept = hn::Mul(hn::Set(d, scalars.decay), hn::LoadU(d, p));
  const VF32 updated =
      FusedMulAdd(d, hn::Set(d, -scalars.step_size), quotient, kept);
  hn::StoreU(updated, d, p);
  return updated;
}

HWY_INLINE void UpdateVector(AdamScalars scalars, VF32 g, float* HWY_RESTRICT p,
                             float* HWY_RESTRICT m, float* HWY_RESTRICT v) {
  UpdateWeights(scalars, UpdateMoments(scalars, g, m, v), m, p);
}

}  // namespace HWY_NAMESPACE
}  // namespace microgpt
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
