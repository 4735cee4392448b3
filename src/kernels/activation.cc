#include "kernels/activation.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/activation.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "hwy/highway.h"
#include "kernels/simd-inl.h"

HWY_BEFORE_NAMESPACE();
namespace microgpt {
namespace HWY_NAMESPACE {

// Runs `op` on every vector of u and its counterpart in out.
template <class Op>
HWY_INLINE void ForEachVector(ConstMatrixView u, MatrixView out, Op op) {
  const F32 d;
  const std::size_t n = hn::Lanes(d);
  const std::size_t cols = PaddedCols(u.cols);
  for (std::size_t t = 0; t < u.rows; ++t) {
    const float* in = u.Row(t);
    float* to = out.Row(t);
    for (std::size_t i = 0; i < cols; i += n) {
      hn::StoreU(op(hn::LoadU(d, in + i), hn::LoadU(d, to + i)), d, to + i);
    }
  }
}

// max(0, x) that lets NaN through, unlike Max on some targets.
HWY_INLINE VF32 Relu(VF32 x) {
  const F32 d;
  return hn::IfThenZeroElse(hn::Lt(x, hn::Zero(d)), x);
}

void ActivationForwardImpl(Activation kind, ConstMatrixView u, MatrixView a) {
  if (kind == Activation::kRelu) {
    ForEachVector(u, a, [](VF32 x, VF32 /*old*/) HWY_ATTR { return Relu(x); });
    return;
  }
  ForEachVector(u, a, [](VF32 x, VF32 /*old*/) HWY_ATTR {
    const VF32 r = Relu(x);
    return hn::Mul(r, r);
  });
}

void ActivationBackwardImpl(Activation kind, ConstMatrixView u, MatrixView da) {
  if (kind == Activation::kRelu) {
    ForEachVector(u, da, [](VF32 x, VF32 grad) HWY_ATTR {
      const F32 d;
      return hn::IfThenElseZero(hn::Gt(x, hn::Zero(d)), grad);
    });
    return;
  }
  ForEachVector(u, da, [](VF32 x, VF32 grad) HWY_ATTR {
    const VF32 r = Relu(x);
    return hn::Mul(grad, hn::Add(r, r));
  });
}

}  // namespace HWY_NAMESPACE
}  // namespace microgpt
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace microgpt {

HWY_EXPORT(ActivationForwardImpl);
HWY_EXPORT(ActivationBackwardImpl);

void ActivationForward(Activation kind, ConstMatrixView u,
                       MatrixView a) noexcept {
  HWY_DYNAMIC_DISPATCH(ActivationForwardImpl)(kind, u, a);
}

void ActivationBackward(Activation kind, ConstMatrixView u,
                        MatrixView da) noexcept {
  HWY_DYNAMIC_DISPATCH(ActivationBackwardImpl)(kind, u, da);
}

}  // namespace microgpt
#endif  // HWY_ONCE
