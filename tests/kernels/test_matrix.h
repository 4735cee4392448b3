// Matrices surrounded by guards: NaNs that poison whatever reads them and whose
// bits show whether they were overwritten.
#ifndef MICROGPT_TESTS_KERNELS_TEST_MATRIX_H_
#define MICROGPT_TESTS_KERNELS_TEST_MATRIX_H_

#include <cstddef>
#include <vector>

#include "base/aligned_buffer.h"
#include "gtest/gtest.h"
#include "kernels/matrix.h"
#include "tests/kernels/compare.h"

namespace microgpt {

class TestMatrix {
 public:
  // [rows, cols] that begins at column `begin` of a wider matrix; everything
  // around it is guards.
  static TestMatrix Inside(std::size_t rows, std::size_t cols,
                           std::size_t begin) {
    return TestMatrix(rows, cols, PaddedCols(begin + cols + 1), begin, cols);
  }

  // [rows, cols] with rows of PaddedCols(cols), as the model has them: padding
  // is zero and belongs to the matrix. Its address is `begin` floats past a
  // cache line; guards before and after.
  static TestMatrix Padded(std::size_t rows, std::size_t cols,
                           std::size_t begin) {
    const std::size_t stride = PaddedCols(cols);
    return TestMatrix(rows, cols, stride, begin, stride);
  }

  // [1, count] for kernels that take plain arrays.
  static TestMatrix Array(std::size_t count, std::size_t begin) {
    return TestMatrix(1, count, PaddedCols(count + 1), begin, count);
  }

  MatrixView view() { return {begin_, rows_, cols_, stride_}; }
  ConstMatrixView view() const { return {begin_, rows_, cols_, stride_}; }
  float* data() { return begin_; }
  const float* data() const { return begin_; }
  float at(std::size_t row, std::size_t col) const {
    return begin_[row * stride_ + col];
  }

  // values [rows, cols]
  void Assign(const std::vector<float>& values);
  void FillRandom(TestRandom& random, float scale = 1.0f);

  // [rows, cols]
  std::vector<float> Values() const { return Columns(0, cols_); }
  // [rows, stride - cols]
  std::vector<float> Padding() const { return Columns(cols_, stride_); }

  testing::AssertionResult GuardsIntact() const;

 private:
  TestMatrix(std::size_t rows, std::size_t cols, std::size_t stride,
             std::size_t begin, std::size_t owned);

  std::vector<float> Columns(std::size_t from, std::size_t to) const;

  std::size_t rows_;
  std::size_t cols_;
  std::size_t stride_;
  std::size_t owned_;  // columns that kernels may write
  AlignedBuffer<float> memory_;
  float* begin_;
};

}  // namespace microgpt

#endif  // MICROGPT_TESTS_KERNELS_TEST_MATRIX_H_
