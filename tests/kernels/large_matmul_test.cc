// Products of operands that do not fit into a second-level cache run through
// kernels of their own, which must give the same bits.
#include <string>

#include "gtest/gtest.h"
#include "kernels/matmul.h"
#include "tests/kernels/each_target.h"
#include "tests/kernels/product_case.h"

namespace microgpt {
namespace {

// Rows of so many floats make three of them a large operand.
constexpr std::size_t kLargeStride = 11000;

// Both products, overwriting and accumulating.
void ExpectFmaChains(const ProductShape& shape, TestRandom& random) {
  for (const Product product : {Product::kForward, Product::kWeightGradient}) {
    for (const Write write : {Write::kOverwrite, Write::kAccumulate}) {
      const ProductCase product_case(product, shape, write, random);
      const std::vector<float> expected = product_case.FmaChain();
      ForEachTarget(
          [&] { EXPECT_TRUE(SameBits(product_case.Compute(), expected)); });
    }
  }
  ASSERT_FALSE(testing::Test::HasFailure())
      << "rows " << shape.rows << ", inner " << shape.inner << ", cols "
      << shape.cols;
}

TEST(LargeMatMulTest, EveryTileOfSmallOperands) {
  TestRandom random(1);
  for (std::size_t rows = 1; rows <= 20; ++rows) {
    for (std::size_t cols = 1; cols <= 70; ++cols) {
      ExpectFmaChains({rows, 2, cols}, random);
    }
  }
}

TEST(LargeMatMulTest, EveryTileOfLargeWeights) {
  TestRandom random(2);
  for (std::size_t rows = 1; rows <= 20; ++rows) {
    for (std::size_t cols = 1; cols <= 70; ++cols) {
      ExpectFmaChains({rows, 3, cols, kLargeStride}, random);
    }
  }
}

TEST(LargeMatMulTest, LargeWeights) {
  TestRandom random(3);
  for (const std::size_t rows : {1u, 7u, 16u}) {
    ExpectFmaChains({rows, 512, 64}, random);
    ExpectFmaChains({rows, 33, 1027}, random);
  }
}

TEST(LargeMatMulTest, LargeOutputs) {
  TestRandom random(4);
  ExpectFmaChains({600, 5, 70}, random);
  ExpectFmaChains({33, 7, 1027}, random);
  ExpectFmaChains({1, 3, 40000}, random);
}

TEST(LargeMatMulTest, IsNearTheDoubleReference) {
  TestRandom random(5);
  for (const ProductShape& shape :
       {ProductShape{9, 512, 70}, ProductShape{520, 9, 70}}) {
    for (const Product product :
         {Product::kForward, Product::kWeightGradient}) {
      const ProductCase product_case(product, shape, Write::kAccumulate,
                                     random);
      const std::vector<Bounded> expected = product_case.DoubleReference();
      ForEachTarget(
          [&] { EXPECT_TRUE(Within(product_case.Compute(), expected)); });
    }
  }
}

}  // namespace
}  // namespace microgpt
