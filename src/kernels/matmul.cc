#include "kernels/matmul.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/matmul.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "hwy/highway.h"
#include "kernels/matmul-inl.h"

HWY_BEFORE_NAMESPACE();
namespace microgpt {
namespace HWY_NAMESPACE {

void MatMulImpl(ConstMatrixView x, ConstMatrixView w, MatrixView y,
                Write write) {
  const LeftOperand<false> left{x.data, x.stride};
  if (write == Write::kAccumulate) {
    MatMulBlock<false, Write::kAccumulate>(left, w, y);
  } else {
    MatMulBlock<false, Write::kOverwrite>(left, w, y);
  }
}

void MatMulWeightGradientImpl(ConstMatrixView dy, ConstMatrixView x,
                              MatrixView dw, Write write) {
  const LeftOperand<true> left{dy.data, dy.stride};
  if (write == Write::kAccumulate) {
    MatMulBlock<true, Write::kAccumulate>(left, x, dw);
  } else {
    MatMulBlock<true, Write::kOverwrite>(left, x, dw);
  }
}

// 4 x 4 blocks in registers, the rest element by element.
void TransposeImpl(ConstMatrixView in, MatrixView out) {
  const hn::CappedTag<float, 4> d;
  const std::size_t block = hn::Lanes(d) == 4 ? 4 : 0;
  const std::size_t rows = block == 0 ? 0 : in.rows / 4 * 4;
  const std::size_t cols = block == 0 ? 0 : in.cols / 4 * 4;
#if HWY_TARGET != HWY_SCALAR
  for (std::size_t r = 0; r < rows; r += 4) {
    for (std::size_t c = 0; c < cols; c += 4) {
      Transpose4x4(d, in.Row(r) + c, in.Row(r + 1) + c, in.Row(r + 2) + c,
                   in.Row(r + 3) + c, [&](std::size_t i, auto column) HWY_ATTR {
                     hn::StoreU(column, d, out.Row(c + i) + r);
                   });
    }
  }
#endif
  for (std::size_t r = 0; r < in.rows; ++r) {
    for (std::size_t c = r < rows ? cols : 0; c < in.cols; ++c) {
      out.Row(c)[r] = in.Row(r)[c];
    }
  }
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
