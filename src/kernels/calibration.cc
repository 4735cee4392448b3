#include "kernels/calibration.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/calibration.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace microgpt {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using F32 = hn::CappedTag<float, 16>;

// Twelve chains hide the latency of every FMA unit we know and fit into sixteen
// registers.
double RunFmasImpl(std::size_t rounds) {
  const F32 d;
  using V = hn::Vec<F32>;
  const V x = hn::Set(d, 0.999f);
  const V y = hn::Set(d, 0.001f);
#define MICROGPT_FOR_EACH_CHAIN(M) \
  M(0) M(1) M(2) M(3) M(4) M(5) M(6) M(7) M(8) M(9) M(10) M(11)
#define MICROGPT_BEGIN(i) V s##i = hn::Set(d, 0.01f * i);
  MICROGPT_FOR_EACH_CHAIN(MICROGPT_BEGIN)
#undef MICROGPT_BEGIN
  for (std::size_t round = 0; round < rounds; ++round) {
#define MICROGPT_STEP(i) s##i = hn::MulAdd(s##i, x, y);
    MICROGPT_FOR_EACH_CHAIN(MICROGPT_STEP)
#undef MICROGPT_STEP
  }
  V sum = hn::Zero(d);
#define MICROGPT_END(i) sum = hn::Add(sum, s##i);
  MICROGPT_FOR_EACH_CHAIN(MICROGPT_END)
#undef MICROGPT_END
#undef MICROGPT_FOR_EACH_CHAIN
  // The sum is positive; the compiler does not know.
  const bool used = hn::GetLane(sum) > -1.0f;
  return used ? 2.0 * 12 * static_cast<double>(hn::Lanes(d)) *
                    static_cast<double>(rounds)
              : 0.0;
}

void RunDivideSqrtImpl(const float* HWY_RESTRICT a, const float* HWY_RESTRICT b,
                       float* HWY_RESTRICT out, std::size_t count) {
  const F32 d;
  const auto c = hn::Set(d, 1e-8f);
  for (std::size_t i = 0; i < count; i += hn::Lanes(d)) {
    const auto divisor = hn::Add(hn::Sqrt(hn::LoadU(d, b + i)), c);
    hn::StoreU(hn::Div(hn::LoadU(d, a + i), divisor), d, out + i);
  }
}

float RunReadImpl(const float* HWY_RESTRICT values, std::size_t count) {
  const F32 d;
  const std::size_t n = hn::Lanes(d);
  auto s0 = hn::Zero(d);
  auto s1 = hn::Zero(d);
  auto s2 = hn::Zero(d);
  auto s3 = hn::Zero(d);
  for (std::size_t i = 0; i < count; i += 4 * n) {
    s0 = hn::Add(s0, hn::LoadU(d, values + i));
    s1 = hn::Add(s1, hn::LoadU(d, values + i + n));
    s2 = hn::Add(s2, hn::LoadU(d, values + i + 2 * n));
    s3 = hn::Add(s3, hn::LoadU(d, values + i + 3 * n));
  }
  return hn::GetLane(
      hn::SumOfLanes(d, hn::Add(hn::Add(s0, s1), hn::Add(s2, s3))));
}

}  // namespace HWY_NAMESPACE
}  // namespace microgpt
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace microgpt {

HWY_EXPORT(RunFmasImpl);
HWY_EXPORT(RunDivideSqrtImpl);
HWY_EXPORT(RunReadImpl);

double RunFmas(std::size_t rounds) {
  return HWY_DYNAMIC_DISPATCH(RunFmasImpl)(rounds);
}

void RunDivideSqrt(const float* a, const float* b, float* out,
                   std::size_t count) {
  HWY_DYNAMIC_DISPATCH(RunDivideSqrtImpl)(a, b, out, count);
}

float RunRead(const float* values, std::size_t count) {
  return HWY_DYNAMIC_DISPATCH(RunReadImpl)(values, count);
}

}  // namespace microgpt
#endif  // HWY_ONCE
