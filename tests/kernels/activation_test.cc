// ActivationForward and ActivationBackward against scalar references. Both are
// one or two roundings, so results are compared exactly.
#include "kernels/activation.h"

#include <cmath>
#include <limits>

#include "gtest/gtest.h"
#include "tests/kernels/each_target.h"
#include "tests/kernels/test_matrix.h"

namespace microgpt {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

class ActivationTest : public testing::TestWithParam<Activation> {
 protected:
  // Exact: a product of two floats is exact in double.
  static float Value(float u) {
    const double r = u > 0 ? u : 0;
    return static_cast<float>(GetParam() == Activation::kRelu ? r : r * r);
  }
  static float Gradient(float u, float da) {
    const double slope = u > 0 ? 2 * static_cast<double>(u) : 0;
    const double relu_slope = u > 0 ? 1 : 0;
    return static_cast<float>(
        da * (GetParam() == Activation::kRelu ? relu_slope : slope));
  }

  // a [T, cols] = act(u).
  static TestMatrix Forward(const TestMatrix& u) {
    const ConstMatrixView view = u.view();
    TestMatrix a = TestMatrix::Padded(view.rows, view.cols, 3);
    ActivationForward(GetParam(), view, a.view());
    EXPECT_TRUE(a.GuardsIntact());
    for (const float zero : a.Padding()) EXPECT_EQ(zero, 0.0f);
    return a;
  }
};

TEST_P(ActivationTest, MatchesTheScalarReference) {
  TestRandom random(1);
  ForEachTarget([&] {
    for (std::size_t cols = 1; cols <= 2 * kVirtualLanes + 3; ++cols) {
      const std::size_t rows = cols % 4;
      TestMatrix u = TestMatrix::Padded(rows, cols, 1);
      u.FillRandom(random, 3.0f);
      TestMatrix da = TestMatrix::Padded(rows, cols, 5);
      da.FillRandom(random);
      const std::vector<float> in = u.Values();
      const std::vector<float> grad = da.Values();
      const std::vector<float> a = Forward(u).Values();
      ActivationBackward(GetParam(), u.view(), da.view());
      ASSERT_TRUE(da.GuardsIntact()) << cols;
      const std::vector<float> du = da.Values();
      for (std::size_t i = 0; i < in.size(); ++i) {
        ASSERT_EQ(a[i], Value(in[i])) << cols;
        ASSERT_EQ(du[i], Gradient(in[i], grad[i])) << cols;
      }
      ActivationForward(GetParam(), u.view(), u.view());
      ASSERT_TRUE(SameBits(u.Values(), a)) << cols;
    }
  });
}

TEST_P(ActivationTest, LetsNanAndInfinityThrough) {
  ForEachTarget([&] {
    for (std::size_t at = 0; at < 17; ++at) {
      TestMatrix u = TestMatrix::Padded(1, 17, 0);
      u.data()[at] = kNan;
      EXPECT_TRUE(std::isnan(Forward(u).at(0, at))) << at;
      u.data()[at] = kInfinity;
      EXPECT_EQ(Forward(u).at(0, at), kInfinity) << at;
      u.data()[at] = -kInfinity;
      EXPECT_EQ(Forward(u).at(0, at), 0.0f) << at;
    }
  });
}

// A NaN gradient must reach the check for finite gradients.
TEST_P(ActivationTest, LetsNanGradientsThroughWhereItIsOn) {
  ForEachTarget([&] {
    TestMatrix u = TestMatrix::Padded(1, 17, 0);
    TestMatrix da = TestMatrix::Padded(1, 17, 0);
    u.Assign(std::vector<float>(17, 0.5f));
    da.data()[16] = kNan;
    ActivationBackward(GetParam(), u.view(), da.view());
    EXPECT_TRUE(std::isnan(da.at(0, 16)));
    EXPECT_EQ(da.at(0, 15), 0.0f);
  });
}

TEST_P(ActivationTest, EveryTargetGivesTheSameBits) {
  TestRandom random(2);
  TestMatrix u = TestMatrix::Padded(9, 83, 1);
  TestMatrix start = TestMatrix::Padded(9, 83, 1);
  u.FillRandom(random);
  start.FillRandom(random);
  u.data()[0] = -0.0f;
  u.data()[1] = 0.0f;
  u.data()[2] = std::numeric_limits<float>::denorm_min();
  ExpectSameBitsOnEveryTarget([&] {
    std::vector<float> all = Forward(u).Values();
    TestMatrix da = TestMatrix::Padded(9, 83, 3);
    da.Assign(start.Values());
    ActivationBackward(GetParam(), u.view(), da.view());
    const std::vector<float> du = da.Values();
    all.insert(all.end(), du.begin(), du.end());
    return all;
  });
}

INSTANTIATE_TEST_SUITE_P(Kinds, ActivationTest,
                         testing::Values(Activation::kRelu2, Activation::kRelu),
                         [](const testing::TestParamInfo<Activation>& kind) {
                           return ToString(kind.param);
                         });

}  // namespace
}  // namespace microgpt
