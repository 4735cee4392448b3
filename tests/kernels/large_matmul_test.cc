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

// Long chains are cut into blocks of the inner dimension.
TEST(LargeMatMulTest, LongInner) {
  TestRandom random(6);
  for (const std::size_t rows : {6u, 7u, 9u, 12u, 13u, 16u, 17u}) {
    for (const std::size_t cols : {1u, 15u, 16u, 31u, 48u, 65u, 112u}) {
      ExpectFmaChains({rows, 1025, cols}, random);
    }
  }
  for (const std::size_t inner : {1279u, 1280u, 1281u, 1537u, 3072u}) {
    ExpectFmaChains({9, inner, 33}, random);
  }
}

// Rows in several blocks: the inputs of a product, its copied rows.
TEST(LargeMatMulTest, ManyRows) {
  TestRandom random(7);
  ExpectFmaChains({99, 1000, 17}, random);
  ExpectFmaChains({260, 700, 16}, random);
  ExpectFmaChains({400, 1100, 20}, random);
}

// Weight gradients with the fewest rows that are copied, and around the blocks.
TEST(LargeMatMulTest, LargeWeightGradients) {
  TestRandom random(8);
  for (const std::size_t inner : {23u, 24u, 25u}) {
    ExpectFmaChains({511, inner, 65}, random);
    ExpectFmaChains({513, inner, 71}, random);
  }
  for (const std::size_t inner : {127u, 128u, 129u, 255u, 256u, 257u, 300u}) {
    ExpectFmaChains({519, inner, 64}, random);
  }
}

TEST(LargeMatMulTest, IsNearTheDoubleReference) {
  TestRandom random(5);
  for (const ProductShape& shape :
       {ProductShape{9, 512, 70}, ProductShape{520, 9, 70},
        ProductShape{520, 30, 70}, ProductShape{9, 1100, 33}}) {
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
