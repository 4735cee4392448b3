// What AdamUpdate does with moments and gradients that are not ordinary
// numbers, at every place of a vector.
#include <cmath>
#include <limits>
#include <vector>

#include "gtest/gtest.h"
#include "kernels/adam.h"
#include "tests/kernels/each_target.h"
#include "tests/kernels/test_matrix.h"

namespace microgpt {
namespace {

using Limits = std::numeric_limits<float>;

constexpr std::size_t kCount = 2 * kVirtualLanes;
constexpr AdamScalars kScalars{0.5f, 0.5f, 0.5f, 0.25f, 0.01f, 1e-8f, 1.0f};

// One weight, and what becomes of it.
struct Weight {
  float p;
  float m;
  float v;
  float g;
};

// The weight at `at`, between ordinary ones.
Weight UpdateAt(std::size_t at, const Weight& weight) {
  std::vector<float> p(kCount, 1.0f);
  std::vector<float> m(kCount, 0.5f);
  std::vector<float> v(kCount, 0.25f);
  std::vector<float> g(kCount, 2.0f);
  p[at] = weight.p;
  m[at] = weight.m;
  v[at] = weight.v;
  g[at] = weight.g;
  AdamUpdate(kScalars, p.data(), m.data(), v.data(), g.data(), kCount);
  for (std::size_t i = 0; i < kCount; ++i) {
    if (i == at) continue;
    EXPECT_EQ(m[i], 1.25f) << i;
    EXPECT_EQ(v[i], 1.125f) << i;
    EXPECT_LT(p[i], 1.0f) << i;
  }
  return {p[at], m[at], v[at], g[at]};
}

template <class Check>
void ForEachPlace(const Weight& weight, Check check) {
  ForEachTarget([&] {
    for (std::size_t at = 0; at < kCount; ++at) check(UpdateAt(at, weight));
  });
}

TEST(AdamMomentsTest, SubnormalMomentsBecomePlusZero) {
  for (const float sign : {1.0f, -1.0f}) {
    for (const float size : {Limits::denorm_min(), Limits::min() / 2,
                             Limits::min(), 1.999f * Limits::min()}) {
      const Weight weight{0.75f, sign * size, size, 0.0f};
      ForEachPlace(weight, [](const Weight& updated) {
        EXPECT_EQ(updated.m, 0.0f);
        EXPECT_EQ(updated.v, 0.0f);
        EXPECT_FALSE(std::signbit(updated.v));
        EXPECT_EQ(updated.p, 0.75f);
      });
    }
  }
}

TEST(AdamMomentsTest, TheSmallestNormalNumberStays) {
  for (const float sign : {1.0f, -1.0f}) {
    const float before = 2 * Limits::min();
    ForEachPlace({0.75f, sign * before, before, 0.0f}, [&](const Weight& w) {
      EXPECT_EQ(w.m, sign * Limits::min());
      EXPECT_EQ(w.v, Limits::min());
    });
  }
}

// The square of a small gradient is subnormal where the gradient is not.
TEST(AdamMomentsTest, EachMomentIsJudgedAlone) {
  ForEachPlace({0.75f, 0.0f, 0.0f, 1e-20f}, [](const Weight& updated) {
    EXPECT_EQ(updated.m, 0.5e-20f);
    EXPECT_EQ(updated.v, 0.0f);
    EXPECT_LE(updated.p, 0.75f);
  });
}

TEST(AdamMomentsTest, NanPassesFromWhereverItComes) {
  constexpr float kNan = Limits::quiet_NaN();
  ForEachPlace({0.75f, 0.0f, 0.0f, kNan}, [](const Weight& updated) {
    EXPECT_TRUE(std::isnan(updated.m));
    EXPECT_TRUE(std::isnan(updated.v));
    EXPECT_TRUE(std::isnan(updated.p));
  });
  ForEachPlace({0.75f, kNan, 0.0f, 0.0f}, [](const Weight& updated) {
    EXPECT_TRUE(std::isnan(updated.m));
    EXPECT_TRUE(std::isnan(updated.p));
  });
  ForEachPlace({0.75f, 0.0f, kNan, 0.0f}, [](const Weight& updated) {
    EXPECT_TRUE(std::isnan(updated.v));
    EXPECT_TRUE(std::isnan(updated.p));
  });
}

TEST(AdamMomentsTest, InfinityPasses) {
  for (const float infinity : {Limits::infinity(), -Limits::infinity()}) {
    ForEachPlace({0.75f, 0.0f, 0.0f, infinity}, [&](const Weight& updated) {
      EXPECT_EQ(updated.m, infinity);
      EXPECT_EQ(updated.v, Limits::infinity());
      EXPECT_TRUE(std::isnan(updated.p));
    });
  }
}

}  // namespace
}  // namespace microgpt
