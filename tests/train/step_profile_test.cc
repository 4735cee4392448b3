// What a profile says must be possible, and must change nothing.
#include "train/step_profile.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include "tests/train/train_util.h"
#include "train/executor.h"
#include "train/thread_plan.h"

namespace microgpt {
namespace {

using Clock = StepProfile::Clock;

void Sleep() { std::this_thread::sleep_for(std::chrono::milliseconds(5)); }
constexpr double kSlept = 0.005;

TrainConfig Config(const ModelConfig& model, int batch_size, int threads) {
  TrainConfig config;
  config.model = model;
  config.batch_size = batch_size;
  config.threads = threads;
  return config;
}

// Its documents have few enough positions for weights to be updated directly.
const ModelConfig kShort = {27, 8, 16, 1, 4, Activation::kRelu2};
const ModelConfig kSmall = {27, 16, 16, 1, 4, Activation::kRelu2};
const ModelConfig kWide = {27, 128, 128, 2, 4, Activation::kRelu2};

TEST(StepProfileTest, CountsOnlyWhileItIsOn) {
  StepProfile profile(2);
  profile.Time(0, Phase::kForward, Sleep);
  profile.Start();
  profile.Time(1, Phase::kLoss, Sleep);
  profile.Time(1, Phase::kReduce, Sleep);
  const std::vector<PhaseSeconds> seconds = profile.Stop();
  profile.Time(0, Phase::kOptimizer, Sleep);
  ASSERT_EQ(seconds.size(), 2u);
  EXPECT_EQ(seconds[0].total(), 0);
  EXPECT_GE(seconds[1].loss, kSlept);
  EXPECT_GE(seconds[1].reduce, kSlept);
  EXPECT_EQ(seconds[1].forward + seconds[1].backward + seconds[1].optimizer, 0);
  profile.Start();
  EXPECT_EQ(profile.Stop()[1].total(), 0);
}

// Worker 1 goes on after worker 0 has done its part, which then only waits.
TEST(StepProfileTest, WaitingIsNotWork) {
  const std::unique_ptr<Executor> inner =
      MakeExecutor(ExecutorKind::kStdThread, 2);
  StepProfile profile(2);
  ProfiledExecutor executor(*inner, profile);
  std::atomic<bool> second_has_begun = false;
  std::atomic<bool> first_is_done = false;
  profile.Start();
  const Clock::time_point begin = Clock::now();
  profile.Time(0, Phase::kBackward, [&] {
    executor.ForEach(2, [&](int worker, std::size_t) {
      if (worker == 0) {
        while (!second_has_begun) std::this_thread::yield();
        first_is_done = true;
      } else {
        second_has_begun = true;
        while (!first_is_done) std::this_thread::yield();
        Sleep();
      }
    });
  });
  const double wall =
      std::chrono::duration<double>(Clock::now() - begin).count();
  const std::vector<PhaseSeconds> seconds = profile.Stop();
  EXPECT_GE(seconds[1].backward, kSlept);
  EXPECT_GE(seconds[0].backward, 0);
  EXPECT_LE(seconds[0].backward, wall - kSlept);
  EXPECT_EQ(seconds[0].total(), seconds[0].backward);
}

// Every thread of every way to run a step.
TEST(StepProfileTest, PhasesOfAStepAreWithinItsTime) {
  struct Case {
    TrainConfig config;
    bool reduces;  // sums gradients
  };
  const std::vector<Case> cases = {{Config(kShort, 1, 1), false},
                                   {Config(kSmall, 100, 1), true},
                                   {Config(kSmall, 100, 3), true},
                                   {Config(kWide, 1, 2), true},
                                   {Config(kWide, 1, 1), true}};
  for (const ExecutorKind kind : ExecutorKinds()) {
    for (const Case& each : cases) {
      TrainConfig config = each.config;
      config.executor = kind;
      SCOPED_TRACE(config.batch_size * 10 + config.threads);
      Trainer trainer(config, LongAndShortDocuments(100));
      trainer.StartProfile();
      const Clock::time_point begin = Clock::now();
      for (int i = 0; i < 5; ++i) trainer.Step();
      const double wall =
          std::chrono::duration<double>(Clock::now() - begin).count();
      const std::vector<PhaseSeconds> profile = trainer.StopProfile();
      ASSERT_EQ(profile.size(), static_cast<std::size_t>(config.threads));
      PhaseSeconds sum;
      for (const PhaseSeconds& thread : profile) {
        for (const double seconds :
             {thread.forward, thread.loss, thread.backward, thread.reduce,
              thread.optimizer}) {
          EXPECT_GE(seconds, 0);
        }
        EXPECT_LE(thread.total(), wall);
        sum.forward += thread.forward;
        sum.loss += thread.loss;
        sum.backward += thread.backward;
        sum.reduce += thread.reduce;
        sum.optimizer += thread.optimizer;
      }
      for (const double seconds :
           {sum.forward, sum.loss, sum.backward, sum.optimizer}) {
        EXPECT_GT(seconds, 0);
      }
      EXPECT_EQ(sum.reduce > 0, each.reduces);
    }
  }
}

TEST(StepProfileTest, ChangesNoBit) {
  for (const TrainConfig& config :
       {Config(kSmall, 100, 3), Config(kWide, 1, 2)}) {
    Trainer plain(config, LongAndShortDocuments(100));
    Trainer profiled(config, LongAndShortDocuments(100));
    profiled.StartProfile();
    for (int i = 0; i < 4; ++i) {
      EXPECT_EQ(plain.Step().loss, profiled.Step().loss);
    }
    EXPECT_EQ(plain.Digest(), profiled.Digest());
  }
}

TEST(StepProfileTest, TheCasesCoverSharedPacks) {
  EXPECT_TRUE(PlanThreads(Config(kWide, 1, 2), 1).parallel_packs);
}

}  // namespace
}  // namespace microgpt
