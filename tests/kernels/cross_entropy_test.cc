// SoftmaxCrossEntropy against a double reference.
#include "kernels/cross_entropy.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "gtest/gtest.h"
#include "tests/kernels/each_target.h"
#include "tests/kernels/test_matrix.h"

namespace microgpt {
namespace {

constexpr std::size_t kMaxVocab = 40;

struct Losses {
  std::vector<double> losses;    // [T]
  std::vector<float> gradients;  // [T, V]
};

// logits [T, V]. Padding is NaN before the call and must be zero after it.
Losses Compute(const std::vector<float>& logits, std::size_t vocab_size,
               const std::vector<std::int32_t>& targets) {
  TestMatrix matrix = TestMatrix::Padded(targets.size(), vocab_size, 3);
  matrix.Assign(logits);
  const MatrixView view = matrix.view();
  for (std::size_t t = 0; t < view.rows; ++t) {
    std::fill(view.Row(t) + vocab_size, view.Row(t) + view.stride,
              std::numeric_limits<float>::quiet_NaN());
  }
  Losses out;
  out.losses.resize(targets.size());
  SoftmaxCrossEntropy(view, vocab_size, targets.data(), out.losses.data());
  EXPECT_TRUE(matrix.GuardsIntact());
  for (const float zero : matrix.Padding()) EXPECT_EQ(zero, 0.0f);
  out.gradients = matrix.Values();
  return out;
}

// Errors of a probability: eight units from exp, the sum and the quotient, one
// for each unit of (logit - max), and the flush to zero below e^-87.
struct Reference {
  std::vector<Bounded> losses;
  std::vector<Bounded> gradients;
};

Reference DoubleReference(const std::vector<float>& logits,
                          std::size_t vocab_size,
                          const std::vector<std::int32_t>& targets) {
  Reference reference;
  for (std::size_t t = 0; t < targets.size(); ++t) {
    const float* row = logits.data() + t * vocab_size;
    const double max = *std::max_element(row, row + vocab_size);
    double sum = 0;
    for (std::size_t i = 0; i < vocab_size; ++i) sum += std::exp(row[i] - max);
    const auto target = static_cast<std::size_t>(targets[t]);
    reference.losses.push_back({std::log(sum) + max - row[target], 8 * kUnit});
    for (std::size_t i = 0; i < vocab_size; ++i) {
      const double p = std::exp(row[i] - max) / sum;
      const double hit = i == target ? 1 : 0;
      reference.gradients.push_back(
          {p - hit, p * kUnit * (8 + max - row[i]) + hit * kUnit + 2e-38});
    }
  }
  return reference;
}

class CrossEntropyTest : public testing::TestWithParam<float> {};

TEST_P(CrossEntropyTest, IsNearTheDoubleReference) {
  TestRandom random(1);
  ForEachTarget([&] {
    for (std::size_t vocab = 1; vocab <= kMaxVocab; ++vocab) {
      const std::vector<float> logits = random.Floats(4 * vocab, GetParam());
      std::vector<std::int32_t> targets;
      for (int t = 0; t < 4; ++t) {
        targets.push_back(static_cast<std::int32_t>(random.Index(vocab)));
      }
      const Losses actual = Compute(logits, vocab, targets);
      const Reference expected = DoubleReference(logits, vocab, targets);
      ASSERT_TRUE(Within(actual.losses, expected.losses)) << vocab;
      ASSERT_TRUE(Within(actual.gradients, expected.gradients)) << vocab;
    }
  });
}

TEST_P(CrossEntropyTest, EveryTargetGivesTheSameBits) {
  TestRandom random(2);
  for (std::size_t vocab = 1; vocab <= kMaxVocab; ++vocab) {
    const std::vector<float> logits = random.Floats(3 * vocab, GetParam());
    const std::vector<std::int32_t> targets{
        0, static_cast<std::int32_t>(vocab / 2),
        static_cast<std::int32_t>(vocab - 1)};
    ExpectSameBitsOnEveryTarget(
        [&] { return Compute(logits, vocab, targets).losses; });
    ExpectSameBitsOnEveryTarget(
        [&] { return Compute(logits, vocab, targets).gradients; });
  }
}

INSTANTIATE_TEST_SUITE_P(LogitScales, CrossEntropyTest,
                         testing::Values(1.0f, 10.0f, 80.0f));

// The target is 160 below the largest logit: its probability is below the
// smallest float, its loss is not.
TEST(CrossEntropyExtremes, LossOfAnImpossibleTarget) {
  ForEachTarget([] {
    const Losses out = Compute({80.0f, -80.0f, 0.0f}, 3, {1});
    EXPECT_NEAR(out.losses[0], 160, 1e-6);
    EXPECT_EQ(out.gradients,
              (std::vector<float>{1.0f, -1.0f, out.gradients[2]}));
    EXPECT_NEAR(out.gradients[2], std::exp(-80.0), 1e-40);
  });
}

TEST(CrossEntropyExtremes, EqualLogits) {
  ForEachTarget([] {
    const Losses out = Compute(std::vector<float>(32, -3.5f), 32, {31});
    EXPECT_NEAR(out.losses[0], std::log(32.0), 1e-15);
    EXPECT_EQ(out.gradients[0], 1.0f / 32);
    EXPECT_EQ(out.gradients[31], 1.0f / 32 - 1.0f);
  });
}

TEST(CrossEntropyExtremes, NoRows) {
  ForEachTarget([] { EXPECT_TRUE(Compute({}, 5, {}).losses.empty()); });
}

}  // namespace
}  // namespace microgpt
