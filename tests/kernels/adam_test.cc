// AdamUpdate against a double reference.
#include "kernels/adam.h"

#include <cmath>

#include "gtest/gtest.h"
#include "tests/kernels/each_target.h"
#include "tests/kernels/test_matrix.h"

namespace microgpt {
namespace {

constexpr AdamScalars kScalars{0.9f,  0.95f, 0.0125f, 0.05f / 64.0f,
                               0.02f, 3e-9f, 0.875f};

// Weights, moments and gradients of one range, [count] each.
struct State {
  State(std::size_t count, TestRandom& random)
      : p(TestMatrix::Array(count, 1)),
        m(TestMatrix::Array(count, 3)),
        v(TestMatrix::Array(count, 5)),
        g(TestMatrix::Array(count, 7)) {
    p.FillRandom(random);
    m.FillRandom(random, 0.1f);
    g.FillRandom(random);
    for (std::size_t i = 0; i < count; ++i) {
      v.data()[i] = std::abs(random.Float(0.1f));
    }
  }

  void Update() {
    AdamUpdate(kScalars, p.data(), m.data(), v.data(), g.data(), p.view().cols);
    EXPECT_TRUE(p.GuardsIntact());
    EXPECT_TRUE(m.GuardsIntact());
    EXPECT_TRUE(v.GuardsIntact());
    EXPECT_TRUE(g.GuardsIntact());
  }

  TestMatrix p, m, v, g;
};

TEST(AdamUpdateTest, IsNearTheDoubleReference) {
  TestRandom random(1);
  ForEachTarget([&] {
    for (std::size_t count = 0; count <= 8 * kVirtualLanes;
         count += kVirtualLanes) {
      State state(count, random);
      std::vector<Bounded> p;
      std::vector<Bounded> m;
      std::vector<Bounded> v;
      for (std::size_t i = 0; i < count; ++i) {
        const AdamScalars& s = kScalars;
        const double g = state.g.at(0, i);
        const double old_m = static_cast<double>(s.beta1) * state.m.at(0, i);
        const double add_m = static_cast<double>(s.gradient_factor) * g;
        const double new_v = static_cast<double>(s.beta2) * state.v.at(0, i) +
                             static_cast<double>(s.square_factor) * g * g;
        const double size = static_cast<double>(s.step_size) /
                            (std::sqrt(new_v) + static_cast<double>(s.eps));
        // At most three roundings before m and v, seven before the update.
        const double magnitude = std::abs(old_m) + std::abs(add_m);
        m.push_back({old_m + add_m, 3 * kUnit * magnitude});
        v.push_back({new_v, 4 * kUnit * new_v});
        const double kept = static_cast<double>(s.decay) * state.p.at(0, i);
        const double new_p = kept - size * (old_m + add_m);
        p.push_back({new_p, kUnit * (std::abs(new_p) + std::abs(kept)) +
                                10 * kUnit * size * magnitude});
      }
      state.Update();
      ASSERT_TRUE(Within(state.p.Values(), p)) << count;
      ASSERT_TRUE(Within(state.m.Values(), m)) << count;
      ASSERT_TRUE(Within(state.v.Values(), v)) << count;
    }
  });
}

// Padding is updated like everything else and must stay zero.
TEST(AdamUpdateTest, ZeroStaysZero) {
  ForEachTarget([&] {
    TestRandom random(2);
    State state(kVirtualLanes, random);
    const std::vector<float> zeros(kVirtualLanes, 0.0f);
    for (TestMatrix* part : {&state.p, &state.m, &state.v, &state.g}) {
      part->Assign(zeros);
    }
    state.Update();
    EXPECT_EQ(state.p.Values(), zeros);
    EXPECT_EQ(state.m.Values(), zeros);
    EXPECT_EQ(state.v.Values(), zeros);
  });
}

TEST(AdamUpdateTest, EveryTargetGivesTheSameBits) {
  ExpectSameBitsOnEveryTarget([] {
    TestRandom random(3);
    State state(64 * kVirtualLanes, random);
    state.Update();
    state.Update();
    std::vector<float> all = state.p.Values();
    for (const TestMatrix* part : {&state.m, &state.v}) {
      const std::vector<float> values = part->Values();
      all.insert(all.end(), values.begin(), values.end());
    }
    return all;
  });
}

}  // namespace
}  // namespace microgpt
