#include "kernels/adam.h"

#include <algorithm>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/adam.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "hwy/highway.h"
#include "kernels/matmul-inl.h"

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

// One vector of weights and moments. By value: what a reference points to would
// have to be read again after every store.
HWY_INLINE void UpdateVector(AdamScalars scalars, VF32 g, float* HWY_RESTRICT p,
                             float* HWY_RESTRICT m, float* HWY_RESTRICT v) {
  const F32 d;
  const VF32 grad = hn::Mul(g, hn::Set(d, scalars.gradient_scale));
  const VF32 mi = FlushSubnormal(
      FusedMulAdd(d, hn::Set(d, scalars.beta1), hn::LoadU(d, m),
                  hn::Mul(hn::Set(d, scalars.one_minus_beta1), grad)));
  const VF32 vi = FlushSubnormal(FusedMulAdd(
      d, hn::Set(d, scalars.beta2), hn::LoadU(d, v),
      hn::Mul(hn::Set(d, scalars.one_minus_beta2), hn::Mul(grad, grad))));
  const VF32 divisor =
      hn::Add(hn::Sqrt(hn::Mul(vi, hn::Set(d, scalars.inverse_bias2))),
              hn::Set(d, scalars.eps));
  const VF32 update =
      hn::Div(hn::Mul(hn::Set(d, scalars.step_size), mi), divisor);
  hn::StoreU(mi, d, m);
  hn::StoreU(vi, d, v);
  hn::StoreU(hn::Sub(hn::LoadU(d, p), update), d, p);
}

void AdamUpdateImpl(const AdamScalars& scalars, float* HWY_RESTRICT p,
                    float* HWY_RESTRICT m, float* HWY_RESTRICT v,
                    const float* HWY_RESTRICT g, std::size_t count) {
  const F32 d;
  const AdamScalars copy = scalars;
  for (std::size_t i = 0; i < count; i += hn::Lanes(d)) {
    UpdateVector(copy, hn::LoadU(d, g + i), p + i, m + i, v + i);
  }
}

// Takes the gradients of a product as they leave its registers.
struct AdamSink {
  AdamScalars scalars;
  float* HWY_RESTRICT p;
  float* HWY_RESTRICT m;
  float* HWY_RESTRICT v;
  std::size_t stride;

  HWY_INLINE VF32 Begin(F32 d, std::size_t, std::size_t) const {
    return hn::Zero(d);
  }
  HWY_INLINE void End(F32, std::size_t row, std::size_t col, VF32 g) const {
    const std::size_t at = row * stride + col;
    UpdateVector(scalars, g, p + at, m + at, v + at);
  }
};

// Rows in blocks whose new weights are still in the first-level cache when they
// are transposed.
inline constexpr std::size_t kUpdateRows = 16;

void AdamUpdateFromProductImpl(const AdamScalars& scalars, ConstMatrixView dy,
                               ConstMatrixView x, MatrixView p, float* m,
                               float* v, MatrixView transposed) {
  for (std::size_t row = 0; row < p.rows; row += kUpdateRows) {
    const std::size_t count = std::min(kUpdateRows, p.rows - row);
    const std::size_t at = row * p.stride;
    const AdamSink sink{scalars, p.Row(row), m + at, v + at, p.stride};
    MatMulStrips<TallTile>(F32(), LeftOperand<true>{dy.data + row, dy.stride},
                           count, x, p.stride, sink);
    TransposeBlock(p.Rows(row, count), transposed.Cols(row, count));
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

HWY_EXPORT(AdamUpdateFromProductImpl);

void AdamUpdateFromProduct(const AdamScalars& scalars, ConstMatrixView dy,
                           ConstMatrixView x, MatrixView p, float* m, float* v,
                           MatrixView transposed) noexcept {
  HWY_DYNAMIC_DISPATCH(AdamUpdateFromProductImpl)
  (scalars, dy, x, p, m, v, transposed);
}

}  // namespace microgpt
#endif  // HWY_ONCE
