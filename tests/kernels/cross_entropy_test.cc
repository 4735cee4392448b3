// SoftmaxCrossEntropy against a double reference.
#include "kernels/cross_entropy.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/scalar_math.h"
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

// logits [T, V]. Padding is NaN before the call and must be zero after it, in
// rows that have a loss.
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
  const std::vector<float> padding = matrix.Padding();
  for (std::size_t i = 0; i < padding.size(); ++i) {
    const std::size_t t = i / (view.stride - vocab_size);
    if (std::isfinite(out.losses[t])) {
      EXPECT_EQ(padding[i], 0.0f) << "row " << t;
    }
  }
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

// Whether `loss` is Log(sum) + (max - chosen) for the float sum of exponentials
// whose inverse the kernel multiplied by; up to four sums have the same one.
bool IsLossOfInverse(double loss, float inverse, double distance) {
  float sum = 1.0f / inverse;
  for (int i = 0; i < 4; ++i) sum = std::nextafter(sum, 0.0f);
  for (int i = 0; i < 9; ++i) {
    if (1.0f / sum == inverse &&
        Log(static_cast<double>(sum)) + distance == loss) {
      return true;
    }
    sum = std::nextafter(sum, std::numeric_limits<float>::infinity());
  }
  return false;
}

// The exponential of the largest logit is one, so its probability is the
// inverse of the sum.
TEST_P(CrossEntropyTest, LossIsTheScalarFormulaBitForBit) {
  constexpr std::size_t kRows = 35;
  TestRandom random(3);
  ForEachTarget([&] {
    for (std::size_t vocab = 2; vocab <= kMaxVocab; ++vocab) {
      const std::vector<float> logits =
          random.Floats(kRows * vocab, GetParam());
      std::vector<std::int32_t> targets;
      std::vector<std::size_t> largest;
      for (std::size_t t = 0; t < kRows; ++t) {
        const auto begin =
            logits.begin() + static_cast<std::ptrdiff_t>(t * vocab);
        const auto end = begin + static_cast<std::ptrdiff_t>(vocab);
        largest.push_back(
            static_cast<std::size_t>(std::max_element(begin, end) - begin));
        const std::size_t other =
            (largest[t] + 1 + random.Index(vocab - 1)) % vocab;
        targets.push_back(static_cast<std::int32_t>(other));
      }
      const Losses actual = Compute(logits, vocab, targets);
      for (std::size_t t = 0; t < kRows; ++t) {
        const auto target = static_cast<std::size_t>(targets[t]);
        const double distance =
            static_cast<double>(logits[t * vocab + largest[t]]) -
            static_cast<double>(logits[t * vocab + target]);
        const float inverse = actual.gradients[t * vocab + largest[t]];
        ASSERT_TRUE(IsLossOfInverse(actual.losses[t], inverse, distance))
            << "row " << t << ", vocabulary of " << vocab;
      }
    }
  });
}

// Logarithms are taken for 16 rows at a time.
TEST_P(CrossEntropyTest, RowsDoNotDependOnTheirNumber) {
  constexpr std::size_t kVocab = 27;
  constexpr std::size_t kMaxRows = 50;
  TestRandom random(4);
  const std::vector<float> logits =
      random.Floats(kMaxRows * kVocab, GetParam());
  std::vector<std::int32_t> targets;
  for (std::size_t t = 0; t < kMaxRows; ++t) {
    targets.push_back(static_cast<std::int32_t>(random.Index(kVocab)));
  }
  ForEachTarget([&] {
    Losses alone;
    for (std::size_t t = 0; t < kMaxRows; ++t) {
      const auto at = static_cast<std::ptrdiff_t>(t * kVocab);
      const auto begin = logits.begin() + at;
      const Losses row = Compute({begin, begin + kVocab}, kVocab, {targets[t]});
      const Losses all =
          Compute({logits.begin(), begin + kVocab}, kVocab,
                  {targets.begin(), targets.begin() + static_cast<int>(t) + 1});
      alone.losses.push_back(row.losses[0]);
      alone.gradients.insert(alone.gradients.end(), row.gradients.begin(),
                             row.gradients.end());
      ASSERT_TRUE(SameBits(all.losses, alone.losses)) << t + 1 << " rows";
      ASSERT_TRUE(SameBits(all.gradients, alone.gradients)) << t + 1 << " rows";
    }
  });
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

// The sum is the number of equal logits, exactly.
TEST(CrossEntropyExtremes, LossOfEqualLogitsIsTheLogarithm) {
  ForEachTarget([] {
    for (std::size_t vocab = 1; vocab <= 300; ++vocab) {
      const Losses out = Compute(std::vector<float>(vocab, 2.5f), vocab, {0});
      ASSERT_EQ(out.losses[0], Log(static_cast<double>(vocab))) << vocab;
    }
  });
}

// Losses of 17 rows of which row `bad` has `value` at `column`.
std::vector<double> LossesWith(float value, std::size_t bad,
                               std::size_t column) {
  constexpr std::size_t kVocab = 19;
  TestRandom random(5);
  std::vector<float> logits = random.Floats(17 * kVocab, 3.0f);
  logits[bad * kVocab + column] = value;
  return Compute(logits, kVocab, std::vector<std::int32_t>(17, 2)).losses;
}

TEST(CrossEntropyExtremes, LogitsThatAreNotFiniteSpoilTheirRowAlone) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  ForEachTarget([&] {
    for (std::size_t bad = 0; bad < 17; ++bad) {
      const std::vector<double> good = LossesWith(0.5f, bad, 2);
      for (std::size_t column = 0; column < 19; ++column) {
        for (const float value : {kNan, -kNan, kInfinity, -kInfinity}) {
          // Minus infinity is a token that never comes, unless it is the
          // target.
          const bool finite = value == -kInfinity && column != 2;
          const std::vector<double> losses = LossesWith(value, bad, column);
          for (std::size_t t = 0; t < 17; ++t) {
            if (t == bad) {
              ASSERT_EQ(std::isfinite(losses[t]), finite)
                  << value << " in column " << column << " of row " << bad;
            } else {
              ASSERT_EQ(losses[t], good[t]) << t;
            }
          }
        }
      }
    }
  });
}

TEST(CrossEntropyExtremes, MinusInfinityEverywhereIsNoLoss) {
  ForEachTarget([] {
    const std::vector<float> logits(5, -std::numeric_limits<float>::infinity());
    EXPECT_FALSE(std::isfinite(Compute(logits, 5, {3}).losses[0]));
  });
}

TEST(CrossEntropyExtremes, NoRows) {
  ForEachTarget([] { EXPECT_TRUE(Compute({}, 5, {}).losses.empty()); });
}

}  // namespace
}  // namespace microgpt
