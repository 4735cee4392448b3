// Adam over many steps against a double loop.
#include "optim/adam.h"

#include <cmath>
#include <vector>

#include "gtest/gtest.h"
#include "tests/kernels/each_target.h"

namespace microgpt {
namespace {

constexpr std::int64_t kSteps = 200;
constexpr std::size_t kSize = 5 * kVirtualLanes;

TEST(AdamTest, ScalarsOfTheFirstSteps) {
  const Adam adam(AdamConfig{}, kVirtualLanes);
  const AdamScalars first = adam.Scalars(0, 0.01, 0.25);
  EXPECT_EQ(first.beta1, 0.9f);
  EXPECT_EQ(first.beta2, 0.95f);
  EXPECT_FLOAT_EQ(first.gradient_factor, static_cast<float>(0.1 * 0.25));
  EXPECT_FLOAT_EQ(first.square_factor, static_cast<float>(0.05 * 0.0625));
  const double root = std::sqrt(0.05);
  EXPECT_FLOAT_EQ(first.eps, static_cast<float>(1e-8 * root));
  EXPECT_FLOAT_EQ(first.step_size, static_cast<float>(0.01 / 0.1 * root));
  const AdamScalars third = adam.Scalars(2, 0.0098, 1);
  const double third_root = std::sqrt(1 - 0.95 * 0.95 * 0.95);
  EXPECT_FLOAT_EQ(third.gradient_factor, 0.1f);
  EXPECT_FLOAT_EQ(third.square_factor, 0.05f);
  EXPECT_FLOAT_EQ(
      third.step_size,
      static_cast<float>(0.0098 / (1 - 0.9 * 0.9 * 0.9) * third_root));
}

TEST(AdamTest, DecayIsExactlyOneWhenItIsOff) {
  const Adam off(AdamConfig{}, kVirtualLanes);
  EXPECT_EQ(off.Scalars(0, 0.01, 1).decay, 1.0f);
  const Adam on(AdamConfig{.weight_decay = 0.25}, kVirtualLanes);
  EXPECT_EQ(on.Scalars(0, 0.5, 1).decay, 0.875f);
  EXPECT_EQ(on.Scalars(0, 0, 1).decay, 1.0f);
}

// Gradients of step `step` [kSize]: a trend, noise, and one weight in eight
// that has none at all.
std::vector<float> Gradients(std::int64_t step) {
  TestRandom random(static_cast<std::uint64_t>(step));
  std::vector<float> gradients = random.Floats(kSize, 40.0f);
  for (std::size_t i = 0; i < kSize; ++i) {
    gradients[i] = i % 8 == 0 ? 0.0f : gradients[i] + 10.0f;
  }
  return gradients;
}

double RateOf(const AdamConfig& config, std::int64_t step) {
  return config.learning_rate * (1 - static_cast<double>(step) / kSteps);
}

struct Weights {
  std::vector<float> p, m, v;  // [kSize]
};

Weights Train(const AdamConfig& config, std::size_t block_size) {
  Weights weights{TestRandom(99).Floats(kSize), {}, {}};
  Adam adam(config, kSize);
  for (std::int64_t step = 0; step < kSteps; ++step) {
    const std::vector<float> gradients = Gradients(step);
    const AdamScalars scalars =
        adam.Scalars(step, RateOf(config, step), 1.0 / 32);
    for (std::size_t at = 0; at < kSize; at += block_size) {
      adam.Update(scalars, weights.p.data(), gradients.data(), at, block_size);
    }
  }
  weights.m.assign(adam.first_moments(), adam.first_moments() + kSize);
  weights.v.assign(adam.second_moments(), adam.second_moments() + kSize);
  return weights;
}

struct Reference {
  std::vector<double> p, m, v;  // [kSize]
};

// Kingma & Ba 2015, algorithm 1, as it stands there, after the decay of
// Loshchilov & Hutter 2019.
Reference TrainReference(const AdamConfig& config) {
  const std::vector<float> start = TestRandom(99).Floats(kSize);
  Reference out{{start.begin(), start.end()},
                std::vector<double>(kSize),
                std::vector<double>(kSize)};
  for (std::int64_t step = 0; step < kSteps; ++step) {
    const std::vector<float> gradients = Gradients(step);
    const auto done = static_cast<double>(step);
    const double rate = RateOf(config, step);
    for (std::size_t i = 0; i < kSize; ++i) {
      const double g = static_cast<double>(gradients[i]) / 32;
      out.m[i] = config.beta1 * out.m[i] + (1 - config.beta1) * g;
      out.v[i] = config.beta2 * out.v[i] + (1 - config.beta2) * g * g;
      const double m_hat = out.m[i] / (1 - std::pow(config.beta1, done + 1));
      const double v_hat = out.v[i] / (1 - std::pow(config.beta2, done + 1));
      out.p[i] -= rate * config.weight_decay * out.p[i];
      out.p[i] -= rate * m_hat / (std::sqrt(v_hat) + config.eps);
    }
  }
  return out;
}

class AdamRunTest : public testing::TestWithParam<AdamConfig> {};

// Absolute errors; the numbers are of magnitude one. Measured: p 9.9e-7, m
// 1.4e-7, v 2.7e-7.
TEST_P(AdamRunTest, StaysNearTheDoubleLoop) {
  const Reference expected = TrainReference(GetParam());
  ForEachTarget([&] {
    const Weights actual = Train(GetParam(), kSize);
    for (std::size_t i = 0; i < kSize; ++i) {
      EXPECT_NEAR(actual.p[i], expected.p[i], 3e-6) << i;
      EXPECT_NEAR(actual.m[i], expected.m[i], 1e-6) << i;
      EXPECT_NEAR(actual.v[i], expected.v[i], 1e-6) << i;
    }
  });
}

TEST_P(AdamRunTest, WeightsMove) {
  const std::vector<float> start = TestRandom(99).Floats(kSize);
  const Weights trained = Train(GetParam(), kSize);
  for (std::size_t i = 0; i < kSize; ++i) {
    if (i % 8 == 0 && GetParam().weight_decay == 0) {
      EXPECT_EQ(trained.p[i], start[i]) << "no gradient, " << i;
    } else {
      EXPECT_NE(trained.p[i], start[i]) << i;
    }
  }
}

// Blocks may be updated by different threads.
TEST_P(AdamRunTest, BlocksGiveTheBitsOfTheWhole) {
  const Weights whole = Train(GetParam(), kSize);
  const Weights blocks = Train(GetParam(), kVirtualLanes);
  EXPECT_TRUE(SameBits(blocks.p, whole.p));
  EXPECT_TRUE(SameBits(blocks.m, whole.m));
  EXPECT_TRUE(SameBits(blocks.v, whole.v));
}

TEST_P(AdamRunTest, EveryTargetGivesTheSameBits) {
  ExpectSameBitsOnEveryTarget([] {
    const Weights weights = Train(GetParam(), kSize);
    std::vector<float> all = weights.p;
    all.insert(all.end(), weights.m.begin(), weights.m.end());
    all.insert(all.end(), weights.v.begin(), weights.v.end());
    return all;
  });
}

// learning_rate, beta1, beta2, eps, weight_decay
INSTANTIATE_TEST_SUITE_P(
    Configs, AdamRunTest,
    testing::Values(AdamConfig{}, AdamConfig{0.003, 0.85, 0.999, 1e-6},
                    AdamConfig{0.01, 0.0, 0.0, 1e-3},
                    AdamConfig{0.01, 0.9, 0.95, 1e-8, 0.3}));

}  // namespace
}  // namespace microgpt
