// EmbeddingForward and EmbeddingBackward against scalar loops. Each addition
// rounds once, so results are compared bit for bit.
#include "kernels/embedding.h"

#include "gtest/gtest.h"
#include "tests/kernels/each_target.h"
#include "tests/kernels/test_matrix.h"

namespace microgpt {
namespace {

constexpr std::size_t kVocab = 5;
constexpr std::size_t kBlock = 7;
// One token repeats, one never occurs.
constexpr std::int32_t kTokens[kBlock] = {0, 3, 3, 1, 4, 3, 0};

// Correctly rounded sum, by way of the exact sum in double.
float Sum(float a, float b) {
  return static_cast<float>(static_cast<double>(a) + static_cast<double>(b));
}

TestMatrix RandomMatrix(std::size_t rows, std::size_t cols,
                        std::uint64_t seed) {
  TestRandom random(seed);
  TestMatrix matrix = TestMatrix::Padded(rows, cols, seed);
  matrix.FillRandom(random);
  return matrix;
}

// x [positions, cols]
TestMatrix Forward(std::size_t positions, std::size_t cols) {
  const TestMatrix wte = RandomMatrix(kVocab, cols, 1);
  const TestMatrix wpe = RandomMatrix(kBlock, cols, 2);
  TestMatrix x = TestMatrix::Padded(positions, cols, 3);
  EmbeddingForward(kTokens, wte.view(), wpe.view(), x.view());
  EXPECT_TRUE(x.GuardsIntact());
  for (const float zero : x.Padding()) EXPECT_EQ(zero, 0.0f);
  return x;
}

struct Gradients {
  TestMatrix dwte;  // [kVocab, cols]
  TestMatrix dwpe;  // [kBlock, cols]
};

Gradients Backward(std::size_t positions, std::size_t cols) {
  const TestMatrix dx = RandomMatrix(positions, cols, 4);
  Gradients out{RandomMatrix(kVocab, cols, 5), RandomMatrix(kBlock, cols, 6)};
  EmbeddingBackward(kTokens, dx.view(), out.dwte.view(), out.dwpe.view());
  EXPECT_TRUE(out.dwte.GuardsIntact());
  EXPECT_TRUE(out.dwpe.GuardsIntact());
  for (const float zero : out.dwte.Padding()) EXPECT_EQ(zero, 0.0f);
  for (const float zero : out.dwpe.Padding()) EXPECT_EQ(zero, 0.0f);
  return out;
}

template <class Check>
void ForEachSize(Check check) {
  for (std::size_t positions = 0; positions <= kBlock; ++positions) {
    for (std::size_t cols = 1; cols <= 2 * kVirtualLanes + 3; ++cols) {
      SCOPED_TRACE(testing::Message() << positions << " x " << cols);
      check(positions, cols);
    }
  }
}

TEST(EmbeddingTest, ForwardMatchesTheScalarReference) {
  ForEachTarget([] {
    ForEachSize([](std::size_t positions, std::size_t cols) {
      const TestMatrix wte = RandomMatrix(kVocab, cols, 1);
      const TestMatrix wpe = RandomMatrix(kBlock, cols, 2);
      std::vector<float> expected;
      for (std::size_t t = 0; t < positions; ++t) {
        for (std::size_t i = 0; i < cols; ++i) {
          expected.push_back(Sum(
              wte.at(static_cast<std::size_t>(kTokens[t]), i), wpe.at(t, i)));
        }
      }
      EXPECT_TRUE(SameBits(Forward(positions, cols).Values(), expected));
    });
  });
}

TEST(EmbeddingTest, BackwardAddsInIncreasingPositions) {
  ForEachTarget([] {
    ForEachSize([](std::size_t positions, std::size_t cols) {
      const TestMatrix dx = RandomMatrix(positions, cols, 4);
      std::vector<float> dwte = RandomMatrix(kVocab, cols, 5).Values();
      std::vector<float> dwpe = RandomMatrix(kBlock, cols, 6).Values();
      for (std::size_t t = 0; t < positions; ++t) {
        const auto token = static_cast<std::size_t>(kTokens[t]);
        for (std::size_t i = 0; i < cols; ++i) {
          float& token_sum = dwte[token * cols + i];
          float& position_sum = dwpe[t * cols + i];
          token_sum = Sum(token_sum, dx.at(t, i));
          position_sum = Sum(position_sum, dx.at(t, i));
        }
      }
      const Gradients actual = Backward(positions, cols);
      EXPECT_TRUE(SameBits(actual.dwte.Values(), dwte));
      EXPECT_TRUE(SameBits(actual.dwpe.Values(), dwpe));
    });
  });
}

TEST(EmbeddingTest, EveryTargetGivesTheSameBits) {
  for (const std::size_t cols : {1u, 16u, 20u, 67u}) {
    ExpectSameBitsOnEveryTarget([&] { return Forward(kBlock, cols).Values(); });
    ExpectSameBitsOnEveryTarget(
        [&] { return Backward(kBlock, cols).dwte.Values(); });
    ExpectSameBitsOnEveryTarget(
        [&] { return Backward(kBlock, cols).dwpe.Values(); });
  }
}

}  // namespace
}  // namespace microgpt
