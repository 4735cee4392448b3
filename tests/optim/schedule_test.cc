// The learning rate of every schedule, at its corners and against formulas.
#include "optim/schedule.h"

#include <cmath>
#include <numbers>
#include <vector>

#include "gtest/gtest.h"

namespace microgpt {
namespace {

TrainConfig Config(LrSchedule kind, std::int64_t num_steps,
                   std::int64_t warmup_steps = 0, double min_lr = 0) {
  TrainConfig config;
  config.adam.learning_rate = 0.02;
  config.num_steps = num_steps;
  config.schedule = {kind, warmup_steps, min_lr};
  return config;
}

constexpr LrSchedule kKinds[] = {LrSchedule::kLinear, LrSchedule::kCosine,
                                 LrSchedule::kConstant};

// The formulas as ScheduleConfig states them.
double Expected(const TrainConfig& config, std::int64_t step) {
  const double lr = config.adam.learning_rate;
  const double min_lr = config.schedule.min_lr;
  const auto w = static_cast<double>(config.schedule.warmup_steps);
  const auto at = static_cast<double>(step);
  if (at < w) return lr * (at + 1) / (w + 1);
  const double r = (at - w) / (static_cast<double>(config.num_steps) - w);
  switch (config.schedule.kind) {
    case LrSchedule::kLinear:
      return min_lr + (lr - min_lr) * (1 - r);
    case LrSchedule::kCosine:
      return min_lr + (lr - min_lr) * (1 + std::cos(std::numbers::pi * r)) / 2;
    case LrSchedule::kConstant:
      break;
  }
  return lr;
}

TEST(ScheduleTest, FollowsTheFormulas) {
  for (const LrSchedule kind : kKinds) {
    for (const std::int64_t warmup : {0, 1, 7, 99}) {
      for (const double min_lr : {0.0, 0.003, 0.02}) {
        const TrainConfig config = Config(kind, 100, warmup, min_lr);
        for (std::int64_t step = 0; step < 100; ++step) {
          EXPECT_NEAR(LearningRate(config, step), Expected(config, step), 1e-16)
              << ToString(kind) << ", warm-up " << warmup << ", least "
              << min_lr << ", step " << step;
        }
      }
    }
  }
}

TEST(ScheduleTest, TheDefaultFallsLinearlyFromStepZero) {
  TrainConfig config;
  config.adam.learning_rate = 0.02;
  EXPECT_EQ(LearningRate(config, 0), 0.02);
  for (std::int64_t step = 0; step < 500; ++step) {
    // The digests of default runs depend on these bits.
    EXPECT_EQ(LearningRate(config, step),
              0.02 * (1 - static_cast<double>(step) / 500));
  }
}

TEST(ScheduleTest, FallingSchedulesStayAtTheLeastFromTheEndOn) {
  for (const double min_lr : {0.0, 0.003}) {
    for (const LrSchedule kind : {LrSchedule::kLinear, LrSchedule::kCosine}) {
      const TrainConfig config = Config(kind, 500, 10, min_lr);
      EXPECT_GT(LearningRate(config, 499), min_lr);
      for (const std::int64_t step :
           {std::int64_t{500}, std::int64_t{501}, kMaxSteps}) {
        EXPECT_EQ(LearningRate(config, step), min_lr) << step;
      }
    }
  }
  const TrainConfig constant = Config(LrSchedule::kConstant, 500, 10, 0.003);
  EXPECT_EQ(LearningRate(constant, 499), 0.02);
  EXPECT_EQ(LearningRate(constant, kMaxSteps), 0.02);
}

TEST(ScheduleTest, ARunWithoutSteps) {
  EXPECT_EQ(LearningRate(Config(LrSchedule::kLinear, 0), 0), 0.0);
  EXPECT_EQ(LearningRate(Config(LrSchedule::kCosine, 0, 0, 0.003), 0), 0.003);
  EXPECT_EQ(LearningRate(Config(LrSchedule::kConstant, 0), 0), 0.02);
  EXPECT_EQ(LearningRate(Config(LrSchedule::kLinear, 1), 0), 0.02);
}

TEST(ScheduleTest, AWarmUpMayBeLongerThanTheRun) {
  for (const LrSchedule kind : kKinds) {
    for (const std::int64_t num_steps : {0, 3, 9}) {
      const TrainConfig config = Config(kind, num_steps, 9);
      for (std::int64_t step = 0; step < 9; ++step) {
        EXPECT_DOUBLE_EQ(LearningRate(config, step),
                         0.002 * static_cast<double>(step + 1));
      }
      EXPECT_EQ(LearningRate(config, 9),
                kind == LrSchedule::kConstant ? 0.02 : 0.0);
    }
  }
}

TEST(ScheduleTest, NeverLeavesItsRangeNorRisesAfterTheWarmUp) {
  for (const LrSchedule kind : kKinds) {
    const TrainConfig config = Config(kind, 20'000, 100, 0.003);
    double before = 0;
    for (std::int64_t step = 0; step <= 20'000; ++step) {
      const double rate = LearningRate(config, step);
      EXPECT_GT(rate, 0) << step;
      EXPECT_LE(rate, 0.02) << step;
      if (step <= 100) {
        EXPECT_GT(rate, before) << step;
      } else {
        EXPECT_LE(rate, before) << step;
        EXPECT_GE(rate, 0.003) << step;
      }
      before = rate;
    }
  }
}

// Parts of runs with more steps than a double of float size could count.
TEST(ScheduleTest, TheLongestRuns) {
  const TrainConfig cosine =
      Config(LrSchedule::kCosine, kMaxSteps, kMaxSteps / 2);
  EXPECT_NEAR(LearningRate(cosine, kMaxSteps / 4), 0.01, 1e-12);
  EXPECT_EQ(LearningRate(cosine, kMaxSteps / 2), 0.02);
  EXPECT_NEAR(LearningRate(cosine, kMaxSteps / 4 * 3), 0.01, 1e-12);
}

}  // namespace
}  // namespace microgpt
