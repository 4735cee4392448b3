#include "kernels/rms_norm.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/rms_norm.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "hwy/highway.h"
#include "kernels/simd-inl.h"

HWY_BEFORE_NAMESPACE();
namespace microgpt {
namespace HWY_NAMESPACE {

void RmsNormForwardImpl(ConstMatrixView x, std::size_t width, MatrixView y,
                        float* scales) {
  const F32 d;
  const std::size_t n = hn::Lanes(d);
  const std::size_t cols = PaddedCols(width);
  for (std::size_t t = 0; t < x.rows; ++t) {
    const float* in = x.Row(t);
    float* out = y.Row(t);
    const float mean = Dot(in, in, cols) / static_cast<float>(width);
    scales[t] = 1.0f / std::sqrt(mean + 1e-5f);
    const VF32 scale = hn::Set(d, scales[t]);
    for (std::size_t i = 0; i < cols; i += n) {
      hn::StoreU(hn::Mul(hn::LoadU(d, in + i), scale), d, out + i);
    }
  }
}

void RmsNormBackwardImpl(ConstMatrixView dy, ConstMatrixView y,
                         const float* scales, std::size_t width,
                         ConstMatrixView base, MatrixView dx) {
  const F32 d;
  const std::size_t n = hn::Lanes(d);
  const std::size_t cols = PaddedCols(width);
  for (std::size_t t = 0; t < dy.rows; ++t) {
    const float* grad = dy.Row(t);
    const float* normed = y.Row(t);
    float* out = dx.Row(t);
    const float mean = Dot(grad, normed, cols) / static_cast<float>(width);
    const VF32 minus_mean = hn::Set(d, -mean);
    const VF32 scale = hn::Set(d, scales[t]);
    for (std::size_t i = 0; i < cols; i += n) {
      const VF32 projected = FusedMulAdd(d, hn::LoadU(d, normed + i),
                                         minus_mean, hn::LoadU(d, grad + i));
      const VF32 result =
          base.data != nullptr
              ? FusedMulAdd(d, projected, scale, hn::LoadU(d, base.Row(t) + i))
              : hn::Mul(projected, scale);
      hn::StoreU(result, d, out + i);
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace microgpt
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace microgpt {

HWY_EXPORT(RmsNormForwardImpl);
HWY_EXPORT(RmsNormBackwardImpl);

void RmsNormForward(ConstMatrixView x, std::size_t width, MatrixView y,
                    float* scales) noexcept {
  HWY_DYNAMIC_DISPATCH(RmsNormForwardImpl)(x, width, y, scales);
}

void RmsNormBackward(ConstMatrixView dy, ConstMatrixView y, const float* scales,
                     std::size_t width, ConstMatrixView base,
                     MatrixView dx) noexcept {
  HWY_DYNAMIC_DISPATCH(RmsNormBackwardImpl)(dy, y, scales, width, base, dx);
}

}  // namespace microgpt
#endif  // HWY_ONCE
