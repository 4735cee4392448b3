// RmsNormForward and RmsNormBackward against a double reference and, bit for
// bit, against 16 scalar lanes with a fixed tree.
#include "kernels/rms_norm.h"

#include <array>
#include <cmath>

#include "gtest/gtest.h"
#include "tests/kernels/each_target.h"
#include "tests/kernels/test_matrix.h"

namespace microgpt {
namespace {

constexpr std::size_t kMaxWidth = 4 * kVirtualLanes + 3;

struct Forward {
  TestMatrix y;       // [T, C]
  TestMatrix scales;  // [T]
};

Forward RunForward(const TestMatrix& x, std::size_t width) {
  const std::size_t rows = x.view().rows;
  Forward out{TestMatrix::Padded(rows, width, 5), TestMatrix::Array(rows, 3)};
  RmsNormForward(x.view(), width, out.y.view(), out.scales.data());
  EXPECT_TRUE(out.y.GuardsIntact());
  EXPECT_TRUE(out.scales.GuardsIntact());
  return out;
}

TestMatrix RandomMatrix(std::size_t rows, std::size_t width,
                        TestRandom& random) {
  TestMatrix matrix = TestMatrix::Padded(rows, width, 1);
  matrix.FillRandom(random, 2.0f);
  return matrix;
}

// Element i goes to lane i % 16; then lane i joins lane i + 8, + 4, + 2, + 1.
float LaneDot(const TestMatrix& a, const TestMatrix& b, std::size_t row,
              std::size_t width) {
  std::array<float, kVirtualLanes> lanes{};
  for (std::size_t i = 0; i < width; ++i) {
    float& lane = lanes[i % kVirtualLanes];
    lane = std::fma(a.at(row, i), b.at(row, i), lane);
  }
  for (std::size_t half = kVirtualLanes / 2; half != 0; half /= 2) {
    for (std::size_t i = 0; i < half; ++i) lanes[i] += lanes[i + half];
  }
  return lanes[0];
}

double Mean(const TestMatrix& a, const TestMatrix& b, std::size_t row,
            std::size_t width) {
  double sum = 0;
  for (std::size_t i = 0; i < width; ++i) {
    sum += static_cast<double>(a.at(row, i)) * b.at(row, i);
  }
  return sum / static_cast<double>(width);
}

// dx = s (dy - y mean(dy y)), within 12 units of its largest terms.
std::vector<Bounded> BackwardReference(const TestMatrix& dy, const Forward& f,
                                       std::size_t rows, std::size_t width,
                                       const std::vector<float>& start) {
  std::vector<Bounded> expected;
  for (std::size_t t = 0; t < rows; ++t) {
    const double mean = Mean(dy, f.y, t, width);
    double magnitude = 0;
    for (std::size_t i = 0; i < width; ++i) {
      magnitude += std::abs(static_cast<double>(dy.at(t, i)) * f.y.at(t, i));
    }
    magnitude /= static_cast<double>(width);
    const double scale = f.scales.at(0, t);
    for (std::size_t i = 0; i < width; ++i) {
      const double grad = dy.at(t, i);
      const double y = f.y.at(t, i);
      const double old = start[t * width + i];
      expected.push_back(
          {old + scale * (grad - y * mean),
           12 * kUnit *
               (std::abs(old) +
                scale * (std::abs(grad) + std::abs(y) * magnitude))});
    }
  }
  return expected;
}

TEST(RmsNormTest, ForwardIsNearTheDoubleReference) {
  TestRandom random(1);
  ForEachTarget([&] {
    for (std::size_t width = 1; width <= kMaxWidth; ++width) {
      const std::size_t rows = width % 5;
      const TestMatrix x = RandomMatrix(rows, width, random);
      const Forward out = RunForward(x, width);
      std::vector<Bounded> expected_y;
      std::vector<Bounded> expected_scales;
      for (std::size_t t = 0; t < rows; ++t) {
        const double scale = 1 / std::sqrt(Mean(x, x, t, width) + 1e-5);
        expected_scales.push_back({scale, 8 * kUnit * scale});
        for (std::size_t i = 0; i < width; ++i) {
          const double y = x.at(t, i) * scale;
          expected_y.push_back({y, 8 * kUnit * std::abs(y)});
        }
      }
      ASSERT_TRUE(Within(out.y.Values(), expected_y)) << width;
      ASSERT_TRUE(Within(out.scales.Values(), expected_scales)) << width;
      for (const float zero : out.y.Padding()) ASSERT_EQ(zero, 0.0f) << width;
    }
  });
}

TEST(RmsNormTest, ForwardReducesInSixteenLanes) {
  TestRandom random(2);
  ForEachTarget([&] {
    for (std::size_t width = 1; width <= kMaxWidth; ++width) {
      const TestMatrix x = RandomMatrix(2, width, random);
      const Forward out = RunForward(x, width);
      std::vector<float> expected;
      for (std::size_t t = 0; t < 2; ++t) {
        const float mean = LaneDot(x, x, t, width) / static_cast<float>(width);
        const float scale = 1.0f / std::sqrt(mean + 1e-5f);
        for (std::size_t i = 0; i < width; ++i) {
          expected.push_back(x.at(t, i) * scale);
        }
      }
      ASSERT_TRUE(SameBits(out.y.Values(), expected)) << width;
    }
  });
}

TEST(RmsNormTest, ForwardInPlace) {
  TestRandom random(3);
  ForEachTarget([&] {
    TestMatrix x = RandomMatrix(3, 20, random);
    const Forward out = RunForward(x, 20);
    TestMatrix scales = TestMatrix::Array(3, 0);
    RmsNormForward(x.view(), 20, x.view(), scales.data());
    EXPECT_TRUE(SameBits(x.Values(), out.y.Values()));
  });
}

// A row of zeros must stay zero, not become NaN.
TEST(RmsNormTest, ZeroRow) {
  ForEachTarget([&] {
    const Forward out = RunForward(TestMatrix::Padded(1, 7, 0), 7);
    EXPECT_EQ(out.y.Values(), std::vector<float>(7, 0.0f));
    EXPECT_NEAR(out.scales.at(0, 0), 1 / std::sqrt(1e-5), 1e-4);
  });
}

class RmsNormBackwardTest : public testing::TestWithParam<Write> {
 protected:
  std::vector<float> Compute(const TestMatrix& dy, const Forward& forward,
                             std::size_t width,
                             const std::vector<float>& start) {
    TestMatrix dx = TestMatrix::Padded(dy.view().rows, width, 7);
    dx.Assign(start);
    // Once in place, once from a copy: the result must be the same.
    TestMatrix base = TestMatrix::Padded(dy.view().rows, width, 3);
    base.Assign(start);
    TestMatrix other = TestMatrix::Padded(dy.view().rows, width, 5);
    const bool add = GetParam() == Write::kAccumulate;
    RmsNormBackward(dy.view(), forward.y.view(), forward.scales.data(), width,
                    add ? dx.view() : MatrixView(), dx.view());
    RmsNormBackward(dy.view(), forward.y.view(), forward.scales.data(), width,
                    add ? base.view() : MatrixView(), other.view());
    EXPECT_TRUE(SameBits(other.Values(), dx.Values()));
    EXPECT_EQ(base.Values(), start);
    EXPECT_TRUE(dx.GuardsIntact());
    EXPECT_TRUE(other.GuardsIntact());
    for (const float zero : dx.Padding()) EXPECT_EQ(zero, 0.0f);
    return dx.Values();
  }
};

TEST_P(RmsNormBackwardTest, IsNearTheDoubleReference) {
  TestRandom random(4);
  ForEachTarget([&] {
    for (std::size_t width = 1; width <= kMaxWidth; ++width) {
      const std::size_t rows = width % 5;
      const Forward forward =
          RunForward(RandomMatrix(rows, width, random), width);
      const TestMatrix dy = RandomMatrix(rows, width, random);
      const std::vector<float> start = random.Floats(rows * width);
      const std::vector<float> added =
          GetParam() == Write::kAccumulate
              ? start
              : std::vector<float>(start.size(), 0.0f);
      ASSERT_TRUE(Within(Compute(dy, forward, width, start),
                         BackwardReference(dy, forward, rows, width, added)))
          << width;
    }
  });
}

TEST_P(RmsNormBackwardTest, ReducesInSixteenLanes) {
  TestRandom random(5);
  ForEachTarget([&] {
    for (std::size_t width = 1; width <= kMaxWidth; ++width) {
      const Forward forward = RunForward(RandomMatrix(1, width, random), width);
      const TestMatrix dy = RandomMatrix(1, width, random);
      const std::vector<float> start = random.Floats(width);
      const float mean =
          LaneDot(dy, forward.y, 0, width) / static_cast<float>(width);
      const float scale = forward.scales.at(0, 0);
      std::vector<float> expected;
      for (std::size_t i = 0; i < width; ++i) {
        const float centred = std::fma(forward.y.at(0, i), -mean, dy.at(0, i));
        expected.push_back(GetParam() == Write::kAccumulate
                               ? std::fma(centred, scale, start[i])
                               : centred * scale);
      }
      ASSERT_TRUE(SameBits(Compute(dy, forward, width, start), expected))
          << width;
    }
  });
}

TEST_P(RmsNormBackwardTest, EveryTargetGivesTheSameBits) {
  TestRandom random(6);
  for (const std::size_t width : {1u, 7u, 16u, 20u, 48u, 67u}) {
    const TestMatrix x = RandomMatrix(9, width, random);
    const TestMatrix dy = RandomMatrix(9, width, random);
    const std::vector<float> start = random.Floats(9 * width);
    ExpectSameBitsOnEveryTarget([&] {
      const Forward forward = RunForward(x, width);
      std::vector<float> all = forward.y.Values();
      const std::vector<float> dx = Compute(dy, forward, width, start);
      all.insert(all.end(), dx.begin(), dx.end());
      return all;
    });
  }
}

INSTANTIATE_TEST_SUITE_P(Writes, RmsNormBackwardTest,
                         testing::Values(Write::kOverwrite, Write::kAccumulate),
                         [](const testing::TestParamInfo<Write>& write) {
                           return write.param == Write::kOverwrite
                                      ? "overwrite"
                                      : "accumulate";
                         });

}  // namespace
}  // namespace microgpt
