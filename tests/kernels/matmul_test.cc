// MatMul and MatMulWeightGradient against a double reference and, bit for bit,
// against the chain of std::fma that defines them.
#include "kernels/matmul.h"

#include <cmath>
#include <string>

#include "gtest/gtest.h"
#include "tests/kernels/each_target.h"
#include "tests/kernels/test_matrix.h"

namespace microgpt {
namespace {

enum class Product { kForward, kWeightGradient };

// y [rows, cols] is a sum of `inner` terms.
struct Shape {
  std::size_t rows;
  std::size_t inner;
  std::size_t cols;
};

// One product in misaligned parts of larger buffers, with its references.
class ProductCase {
 public:
  ProductCase(Product product, Shape shape, Write write, TestRandom& random)
      : product_(product),
        shape_(shape),
        write_(write),
        left_(product == Product::kForward
                  ? TestMatrix::Inside(shape.rows, shape.inner, 3)
                  : TestMatrix::Inside(shape.inner, shape.rows, 3)),
        right_(TestMatrix::Inside(shape.inner, shape.cols, 5)),
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
  Shape shape_;
  Write write_;
  TestMatrix left_;           // [rows, inner] or, for the gradient, transposed
  TestMatrix right_;          // [inner, cols]
  std::vector<float> start_;  // [rows, cols] y before the call
};

// Every number of rows that a register tile can meet, every column tail of
// every vector width, and every inner size.
std::vector<Shape> AllShapes() {
  std::vector<Shape> shapes;
  for (std::size_t rows = 0; rows <= 17; rows = rows == 13 ? 17 : rows + 1) {
    for (std::size_t size = 0; size <= 2 * kVirtualLanes + 3; ++size) {
      for (const std::size_t inner : {1u, 3u, 16u, 35u}) {
        shapes.push_back({rows, inner, size});
      }
      for (const std::size_t cols : {1u, 17u, 35u}) {
        shapes.push_back({rows, size, cols});
      }
    }
  }
  return shapes;
}

class MatMulTest
    : public testing::TestWithParam<std::tuple<Product, Write, std::string>> {
 protected:
  template <class Check>
  void ForEachCase(Check check) {
    const auto& [product, write, target] = GetParam();
    const ScopedSimdTarget scope(target);
    TestRandom random(1);
    for (const Shape& shape : AllShapes()) {
      check(ProductCase(product, shape, write, random));
      ASSERT_FALSE(HasFailure()) << "rows " << shape.rows << ", inner "
                                 << shape.inner << ", cols " << shape.cols;
    }
  }
};

TEST_P(MatMulTest, IsNearTheDoubleReference) {
  ForEachCase([](const ProductCase& product) {
    EXPECT_TRUE(Within(product.Compute(), product.DoubleReference()));
  });
}

TEST_P(MatMulTest, IsAChainOfFmaInIncreasingOrder) {
  ForEachCase([](const ProductCase& product) {
    EXPECT_TRUE(SameBits(product.Compute(), product.FmaChain()));
  });
}

// Factors from 2^-72 to 2^70, half of them with few bits: ties, cancellation
// subnormal results and overflow, where an emulated FMA could go wrong.
TEST_P(MatMulTest, RoundsOnceForHardNumbers) {
  const auto& [product, write, target] = GetParam();
  const ScopedSimdTarget scope(target);
  TestRandom random(2);
  const auto hard_float = [&] {
    const int exponent = static_cast<int>(random.Index(60)) - 30;
    const int range = random.Index(2) == 0 ? 2 : 1;
    const auto bits = 1 + random.Index(random.Index(2) == 0 ? 4 : 1 << 24);
    const auto mantissa = static_cast<float>(bits);
    return std::ldexp(random.Index(2) == 0 ? mantissa : -mantissa,
                      exponent * range - 12);
  };
  constexpr Shape kShape{6, 3, 35};
  for (int repeat = 0; repeat < 300; ++repeat) {
    ProductCase hard(product, kShape, write, random);
    for (TestMatrix* matrix : {&hard.left(), &hard.right()}) {
      std::vector<float> values = matrix->Values();
      for (float& value : values) value = hard_float();
      matrix->Assign(values);
    }
    ASSERT_TRUE(SameBits(hard.Compute(), hard.FmaChain()));
  }
}

std::string ProductName(
    const testing::TestParamInfo<MatMulTest::ParamType>& info) {
  const auto& [product, write, target] = info.param;
  return std::string(product == Product::kForward ? "MatMul"
                                                  : "WeightGradient") +
         (write == Write::kOverwrite ? "_overwrite_" : "_accumulate_") + target;
}

INSTANTIATE_TEST_SUITE_P(
    Products, MatMulTest,
    testing::Combine(testing::Values(Product::kForward,
                                     Product::kWeightGradient),
                     testing::Values(Write::kOverwrite, Write::kAccumulate),
                     testing::ValuesIn(SimdTargets())),
    ProductName);

// Shapes of the models in DESIGN.md and a large one.
TEST(MatMulTargets, GiveTheSameBits) {
  for (const Product product : {Product::kForward, Product::kWeightGradient}) {
    for (const Shape& shape :
         {Shape{8, 16, 48}, Shape{8, 64, 16}, Shape{9, 20, 80},
          Shape{64, 16, 27}, Shape{48, 70, 113}}) {
      TestRandom random(3);
      const ProductCase product_case(product, shape, Write::kAccumulate,
                                     random);
      ExpectSameBitsOnEveryTarget([&] { return product_case.Compute(); });
    }
  }
}

TEST(TransposeTest, MovesEveryElement) {
  TestRandom random(4);
  ForEachTarget([&] {
    for (std::size_t rows = 0; rows <= 19; ++rows) {
      for (std::size_t cols = 0; cols <= 2 * kVirtualLanes + 3; ++cols) {
        TestMatrix in = TestMatrix::Inside(rows, cols, 3);
        TestMatrix out = TestMatrix::Inside(cols, rows, 5);
        in.FillRandom(random);
        Transpose(in.view(), out.view());
        ASSERT_TRUE(out.GuardsIntact()) << rows << " x " << cols;
        for (std::size_t i = 0; i < rows * cols; ++i) {
          ASSERT_EQ(out.at(i % cols, i / cols), in.at(i / cols, i % cols))
              << rows << " x " << cols;
        }
      }
    }
  });
}

}  // namespace
}  // namespace microgpt
