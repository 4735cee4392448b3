// Shaped views of float32 memory, the currency between model and kernels.
#ifndef MICROGPT_KERNELS_MATRIX_H_
#define MICROGPT_KERNELS_MATRIX_H_

#include <cstddef>

#include "base/checked_math.h"

namespace microgpt {

// True reductions run in this many virtual lanes whatever the vector width.
inline constexpr std::size_t kVirtualLanes = 16;

// Row strides are multiples of kVirtualLanes. The elements between cols and
// stride are padding: they are zero unless a kernel says otherwise, and kernels
// may read and rewrite them.
constexpr std::size_t PaddedCols(std::size_t cols) {
  return RoundUp(cols, kVirtualLanes);
}

// The stride of matrices that products read column strips of. Rows a multiple
// of 1 KiB apart would share a few sets of the caches.
constexpr std::size_t RowStride(std::size_t cols) {
  const std::size_t padded = PaddedCols(cols);
  return padded % 256 == 0 ? padded + kVirtualLanes : padded;
}

// Row-major [rows, cols]; element (r, c) is data[r * stride + c].
struct MatrixView {
  float* data = nullptr;
  std::size_t rows = 0;
  std::size_t cols = 0;
  std::size_t stride = 0;

  float* Row(std::size_t row) const { return data + row * stride; }
  MatrixView Rows(std::size_t begin, std::size_t count) const {
    return {Row(begin), count, cols, stride};
  }
  MatrixView Cols(std::size_t begin, std::size_t count) const {
    return {data + begin, rows, count, stride};
  }
};

struct ConstMatrixView {
  const float* data = nullptr;
  std::size_t rows = 0;
  std::size_t cols = 0;
  std::size_t stride = 0;

  ConstMatrixView() = default;
  ConstMatrixView(const float* data_in, std::size_t rows_in,
                  std::size_t cols_in, std::size_t stride_in)
      : data(data_in), rows(rows_in), cols(cols_in), stride(stride_in) {}
  // NOLINTNEXTLINE(google-explicit-constructor): as T* converts to const T*
  ConstMatrixView(const MatrixView& view)
      : ConstMatrixView(view.data, view.rows, view.cols, view.stride) {}

  const float* Row(std::size_t row) const { return data + row * stride; }
  ConstMatrixView Rows(std::size_t begin, std::size_t count) const {
    return {Row(begin), count, cols, stride};
  }
  ConstMatrixView Cols(std::size_t begin, std::size_t count) const {
    return {data + begin, rows, count, stride};
  }
};

// Rows [begin, begin + count) of a matrix.
struct RowRange {
  std::size_t begin = 0;
  std::size_t count = 0;
};

// Whether a kernel replaces its output or adds to it.
enum class Write { kOverwrite, kAccumulate };

}  // namespace microgpt

#endif  // MICROGPT_KERNELS_MATRIX_H_
