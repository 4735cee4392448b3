// MatMul and MatMulWeightGradient against a double reference and, bit for bit,
// against the chain of std::fma that defines them.
#include "kernels/matmul.h"

#include <cmath>
#include <string>

#include "gtest/gtest.h"
#include "tests/kernels/each_target.h"
#include "tests/kernels/product_case.h"
#include "tests/kernels/test_matrix.h"

namespace microgpt {
namespace {

// Every number of rows that a register tile can meet, every column tail of
// every vector width, and every inner size.
std::vector<ProductShape> AllShapes() {
  std::vector<ProductShape> shapes;
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
    for (const ProductShape& shape : AllShapes()) {
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
  constexpr ProductShape kShape{6, 3, 35};
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
    for (const ProductShape& shape :
         {ProductShape{8, 16, 48}, ProductShape{8, 64, 16},
          ProductShape{9, 20, 80}, ProductShape{64, 16, 27},
          ProductShape{48, 70, 113}}) {
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
