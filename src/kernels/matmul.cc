#include "kernels/matmul.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/matmul.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "hwy/highway.h"
#include "kernels/matmul-inl.h"

HWY_BEFORE_NAMESPACE();
namespace microgpt {
namespace HWY_NAMESPACE {

void MatMulImpl(const ConstMatrixView& x, const ConstMatrixView& w,
                const MatrixView& y, Write write) {
  const LeftOperand<false> left{x.data, x.stride};
  if (write == Write::kAccumulate) {
    MatMulBlock<false, Write::kAccumulate>(left, w, y);
  } else {
    MatMulBlock<false, Write::kOverwrite>(left, w, y);
  }
}

void MatMulWeightGradientImpl(const ConstMatrixView& dy,
                              const ConstMatrixView& x, const MatrixView& dw,
                              Write write) {
  const LeftOperand<true> left{dy.data, dy.stride};
  if (write == Write::kAccumulate) {
    MatMulBlock<true, Write::kAccumulate>(left, x, dw);
  } else {
    MatMulBlock<true, Write::kOverwrite>(left, x, dw);
  }
}

void TransposeImpl(ConstMatrixView in, MatrixView out) {
  TransposeBlock(in, out);
}

}  // namespace HWY_NAMESPACE
}  // namespace microgpt
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace microgpt {

HWY_EXPORT(MatMulImpl);
HWY_EXPORT(MatMulWeightGradientImpl);
HWY_EXPORT(TransposeImpl);

void MatMul(ConstMatrixView x, ConstMatrixView w, MatrixView y,
            Write write) noexcept {
  HWY_DYNAMIC_DISPATCH(MatMulImpl)(x, w, y, write);
}

void MatMulWeightGradient(ConstMatrixView dy, ConstMatrixView x, MatrixView dw,
                          Write write) noexcept {
  HWY_DYNAMIC_DISPATCH(MatMulWeightGradientImpl)(dy, x, dw, write);
}

void Transpose(ConstMatrixView in, MatrixView out) noexcept {
  HWY_DYNAMIC_DISPATCH(TransposeImpl)(in, out);
}

}  // namespace microgpt
#endif  // HWY_ONCE
