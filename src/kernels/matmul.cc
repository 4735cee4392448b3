#include "kernels/matmul.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/matmul.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "hwy/highway.h"
#include "kernels/packed_matmul-inl.h"
#include "kernels/pairwise_sum-inl.h"

HWY_BEFORE_NAMESPACE();
namespace microgpt {
namespace HWY_NAMESPACE {

// Strips of more rows than this leave the caches before they are used again.
inline constexpr std::size_t kLongInner = 1024;
// Rows of the left operand that pass by together stay in the second-level
// cache.
inline constexpr std::size_t kRowsFloats = 98304;
inline constexpr std::size_t kFewestRows = 48;

template <Write kWrite>
HWY_INLINE void MatMulRows(ConstMatrixView x, const ConstMatrixView& w,
                           const MatrixView& y) {
  const std::size_t most =
      std::max(kFewestRows, kRowsFloats / std::max<std::size_t>(w.rows, 1));
  if (y.rows <= most) {
    MatMulBlock<false, kWrite>({x.data, x.stride}, w, y);
    return;
  }
  const std::size_t blocks = CeilDiv(y.rows, most);
  const std::size_t size = RoundUp(CeilDiv(y.rows, blocks), TallTile::kRows);
  for (std::size_t row = 0; row < y.rows; row += size) {
    const MatrixView part = y.Rows(row, std::min(size, y.rows - row));
    MatMulBlock<false, kWrite>({x.Row(row), x.stride}, w, part);
  }
}

void MatMulImpl(const ConstMatrixView& x, const ConstMatrixView& w,
                const MatrixView& y, Write write) {
  if (w.rows > kLongInner && y.rows > TallTile::kRows) {
    PackedMatMul(LeftOperand<false>{x.data, x.stride}, w, y, write);
  } else if (write == Write::kAccumulate) {
    MatMulRows<Write::kAccumulate>(x, w, y);
  } else {
    MatMulRows<Write::kOverwrite>(x, w, y);
  }
}

// Fewer rows of dy are not worth the copies.
inline constexpr std::size_t kFewestGradientRows = 24;

void MatMulWeightGradientImpl(const ConstMatrixView& dy,
                              const ConstMatrixView& x, const MatrixView& dw,
                              Write write) {
  const LeftOperand<true> left{dy.data, dy.stride};
  if (x.rows >= kFewestGradientRows && dw.rows * dw.cols >= kLargeOperand) {
    PackedMatMul(left, x, dw, write);
  } else if (write == Write::kAccumulate) {
    MatMulBlock<true, Write::kAccumulate>(left, x, dw);
  } else {
    MatMulBlock<true, Write::kOverwrite>(left, x, dw);
  }
}

// A panel of every term stays in the cache until they are summed. Wide ones
// read little of dy again, one tile of rows less of x.
inline constexpr std::size_t kPanelRows = TallTile::kRows;
inline constexpr std::size_t kPanelCols = 128;
inline constexpr std::size_t kPanelFloats = kPanelRows * kPanelCols;

bool SumWeightGradientsImpl(std::span<const ProductGradient> terms,
                            const MatrixView& dw) {
  HWY_ALIGN float panels[kMaxTerms * kPanelFloats];
  bool finite = true;
  for (std::size_t col = 0; col < dw.cols; col += kPanelCols) {
    const std::size_t cols = PaddedCols(std::min(kPanelCols, dw.cols - col));
    for (std::size_t row = 0; row < dw.rows; row += kPanelRows) {
      const std::size_t rows = std::min(kPanelRows, dw.rows - row);
      for (std::size_t i = 0; i < terms.size(); ++i) {
        const ConstMatrixView& dy = terms[i].dy;
        const ConstMatrixView& x = terms[i].x;
        MatMulSized<true, Write::kOverwrite, false>(
            {dy.data + row, dy.stride}, {x.data + col, x.rows, cols, x.stride},
            {panels + i * kPanelFloats, rows, cols, cols});
      }
      for (std::size_t r = 0; r < rows; ++r) {
        const float* arrays[kMaxTerms];
        for (std::size_t i = 0; i < terms.size(); ++i) {
          arrays[i] = panels + i * kPanelFloats + r * cols;
        }
        finite =
            SumTermsInto(arrays, terms.size(), dw.Row(row + r) + col, cols) &&
            finite;
      }
    }
  }
  return finite;
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
HWY_EXPORT(SumWeightGradientsImpl);
HWY_EXPORT(TransposeImpl);

void MatMul(ConstMatrixView x, ConstMatrixView w, MatrixView y,
            Write write) noexcept {
  HWY_DYNAMIC_DISPATCH(MatMulImpl)(x, w, y, write);
}

void MatMulWeightGradient(ConstMatrixView dy, ConstMatrixView x, MatrixView dw,
                          Write write) noexcept {
  HWY_DYNAMIC_DISPATCH(MatMulWeightGradientImpl)(dy, x, dw, write);
}

bool SumWeightGradients(std::span<const ProductGradient> terms,
                        MatrixView dw) noexcept {
  return HWY_DYNAMIC_DISPATCH(SumWeightGradientsImpl)(terms, dw);
}

void Transpose(ConstMatrixView in, MatrixView out) noexcept {
  HWY_DYNAMIC_DISPATCH(TransposeImpl)(in, out);
}

}  // namespace microgpt
#endif  // HWY_ONCE
