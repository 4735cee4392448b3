// One matrix product with random operands and its references.
#ifndef MICROGPT_TESTS_KERNELS_PRODUCT_CASE_H_
#define MICROGPT_TESTS_KERNELS_PRODUCT_CASE_H_

#include <cmath>
#include <cstddef>
#include <vector>

#include "kernels/matmul.h"
#include "tests/kernels/compare.h"
#include "tests/kernels/test_matrix.h"

namespace microgpt {

enum class Product { kForward, kWeightGradient };

// y [rows, cols] is a sum of `inner` terms.
struct ProductShape {
  std::size_t rows;
  std::size_t inner;
  std::size_t cols;
  // Where the right operand begins in its row, which ends soon after it.
  std::size_t right_begin = 5;
};

// One product in misaligned parts of larger buffers, with its references.
class ProductCase {
 public:
  ProductCase(Product product, const ProductShape& shape, Write write,
              TestRandom& random)
      : product_(product),
        shape_(shape),
        write_(write),
        left_(product == Product::kForward
                  ? TestMatrix::Inside(shape.rows, shape.inner, 3)
                  : TestMatrix::Inside(shape.inner, shape.rows, 3)),
        right_(TestMatrix::Inside(shape.inner, shape.cols, shape.right_begin)),
        start_(random.Floats(shape.rows * shape.cols)) {
    left_.FillRandom(random);
    right_.FillRandom(random);
  }

  TestMatrix& left() { return left_; }
  TestMatrix& right() { return right_; }

  // y [rows, cols]; checks that nothing else was written.
  std::vector<float> Compute() const {
    TestMatrix y = TestMatrix::Inside(shape_.rows, shape_.cols, 1);
    y.Assign(start_);
    if (product_ == Product::kForward) {
      MatMul(left_.view(), right_.view(), y.view(), write_);
    } else {
      MatMulWeightGradient(left_.view(), right_.view(), y.view(), write_);
    }
    EXPECT_TRUE(y.GuardsIntact());
    return y.Values();
  }

  // A chain of n roundings is within n units of the sum of magnitudes.
  std::vector<Bounded> DoubleReference() const {
    std::vector<Bounded> expected;
    for (std::size_t i = 0; i < start_.size(); ++i) {
      double sum = Start(i);
      double magnitude = std::abs(sum);
      for (std::size_t k = 0; k < shape_.inner; ++k) {
        const double term = static_cast<double>(Left(i, k)) * Right(i, k);
        sum += term;
        magnitude += std::abs(term);
      }
      const auto roundings = static_cast<double>(shape_.inner);
      expected.push_back({sum, roundings * kUnit * magnitude});
    }
    return expected;
  }

  std::vector<float> FmaChain() const {
    std::vector<float> expected;
    for (std::size_t i = 0; i < start_.size(); ++i) {
      float sum = Start(i);
      for (std::size_t k = 0; k < shape_.inner; ++k) {
        sum = std::fma(Left(i, k), Right(i, k), sum);
      }
      expected.push_back(sum);
    }
    return expected;
  }

 private:
  // Of element i of y, row-major.
  float Start(std::size_t i) const {
    return write_ == Write::kAccumulate ? start_[i] : 0.0f;
  }
  float Left(std::size_t i, std::size_t k) const {
    const std::size_t row = i / shape_.cols;
    return product_ == Product::kForward ? left_.at(row, k) : left_.at(k, row);
  }
  float Right(std::size_t i, std::size_t k) const {
    return right_.at(k, i % shape_.cols);
  }

  Product product_;
  ProductShape shape_;
  Write write_;
  TestMatrix left_;           // [rows, inner] or, for the gradient, transposed
  TestMatrix right_;          // [inner, cols]
  std::vector<float> start_;  // [rows, cols] y before the call
};

}  // namespace microgpt

#endif  // MICROGPT_TESTS_KERNELS_PRODUCT_CASE_H_
