// What a benchmark measures is what training does.
#include "microgpt/benchmark.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "microgpt/error.h"
#include "microgpt/machine.h"
#include "microgpt/system.h"
#include "tests/base/error_of.h"
#include "tests/train/train_util.h"

namespace microgpt {
namespace {

void Ignore(double /*done*/) {}

BenchmarkOptions Options() {
  BenchmarkOptions options;
  options.config.model = {0, 8, 16, 1, 4, Activation::kRelu2};
  options.config.batch_size = 12;
  options.config.adam.learning_rate = 1e-4;
  options.threads = {1, 2, 3};
  options.repetitions = 2;
  options.repetition_seconds = 1e-3;
  return options;
}

TEST(BenchmarkTest, MeasuresEveryNumberOfThreads) {
  const BenchmarkOptions options = Options();
  const TrainingBenchmark result =
      MeasureTraining(options, SmallCorpus(), Ignore);
  ASSERT_EQ(result.strong.size(), 3u);
  ASSERT_EQ(result.weak.size(), 3u);
  EXPECT_EQ(result.model.vocab_size, 27);
  EXPECT_GE(result.steps_per_repetition, 1);
  for (std::size_t i = 0; i < 3; ++i) {
    const int threads = options.threads[i];
    for (const BenchmarkPoint* point : {&result.strong[i], &result.weak[i]}) {
      EXPECT_EQ(point->threads, threads);
      ASSERT_EQ(point->step_seconds.size(), 2u);
      ASSERT_EQ(point->tokens_per_second.size(), 2u);
      EXPECT_EQ(point->phases.size(), static_cast<std::size_t>(threads));
      for (const double seconds : point->step_seconds) EXPECT_GT(seconds, 0);
      EXPECT_GT(point->profiled_step_seconds, 0);
      // Names of the corpus have 3 to 9 predictions, cut at 8.
      EXPECT_GT(point->tokens_per_step, 2 * point->batch_size);
      EXPECT_LE(point->tokens_per_step, 8 * point->batch_size);
      EXPECT_NEAR(point->tokens_per_second[0] * point->step_seconds[0],
                  point->tokens_per_step, 0.5 * point->tokens_per_step);
    }
    EXPECT_EQ(result.strong[i].batch_size, 12);
    EXPECT_EQ(result.weak[i].batch_size, 12 * threads);
  }
}

TEST(BenchmarkTest, DigestsAreThoseOfPlainTraining) {
  const BenchmarkOptions options = Options();
  const TrainingBenchmark result =
      MeasureTraining(options, SmallCorpus(), Ignore);
  EXPECT_TRUE(result.DigestsEqual());
  TrainConfig config = options.config;
  config.threads = 1;
  config.num_steps = kMaxSteps;
  Trainer trainer(config, SmallCorpus());
  for (int i = 0; i < result.total_steps; ++i) trainer.Step();
  for (const BenchmarkPoint& point : result.strong) {
    EXPECT_EQ(point.digest, trainer.Digest()) << point.threads;
  }
  EXPECT_NE(result.weak[1].digest, result.strong[1].digest);
}

TEST(BenchmarkTest, OneDifferentDigestIsSeen) {
  TrainingBenchmark result;
  for (const char* digest : {"a", "a", "b"}) {
    BenchmarkPoint point;
    point.digest = digest;
    result.strong.push_back(point);
  }
  EXPECT_FALSE(result.DigestsEqual());
  result.strong.pop_back();
  EXPECT_TRUE(result.DigestsEqual());
}

TEST(BenchmarkTest, WeakScalingCanBeLeftOut) {
  BenchmarkOptions options = Options();
  options.weak_scaling = false;
  EXPECT_TRUE(MeasureTraining(options, SmallCorpus(), Ignore).weak.empty());
  options.weak_scaling = true;
  options.threads = {2};
  const TrainingBenchmark one = MeasureTraining(options, SmallCorpus(), Ignore);
  EXPECT_TRUE(one.weak.empty());
  EXPECT_EQ(one.strong.size(), 1u);
}

TEST(BenchmarkTest, WeakBatchesAreRelativeToTheFirstNumberOfThreads) {
  BenchmarkOptions options = Options();
  options.threads = {2, 3};
  const TrainingBenchmark result =
      MeasureTraining(options, SmallCorpus(), Ignore);
  ASSERT_EQ(result.weak.size(), 2u);
  EXPECT_EQ(result.weak[0].batch_size, 12);
  EXPECT_EQ(result.weak[1].batch_size, 18);
}

TEST(BenchmarkTest, ProgressGrowsToTheEnd) {
  std::vector<double> seen;
  MeasureTraining(Options(), SmallCorpus(),
                  [&](double done) { seen.push_back(done); });
  ASSERT_GT(seen.size(), 10u);
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
  EXPECT_EQ(seen.front(), 0);
  EXPECT_EQ(seen.back(), 1);
}

TEST(BenchmarkTest, ProgressEndsIt) {
  struct Enough {};
  EXPECT_THROW(MeasureTraining(Options(), SmallCorpus(),
                               [](double done) {
                                 if (done > 0) throw Enough();
                               }),
               Enough);
}

void ExpectRefused(const BenchmarkOptions& options) {
  const Corpus corpus = SmallCorpus();
  EXPECT_EQ(ErrorOf([&] { MeasureTraining(options, corpus, Ignore); }).kind(),
            ErrorKind::kUsage);
}

TEST(BenchmarkTest, RefusesWhatCannotBeMeasured) {
  for (const std::vector<int>& threads :
       {std::vector<int>{}, {0}, {2, 1}, {1, 1}, {-1, 2}, {1, 1025}}) {
    BenchmarkOptions options = Options();
    options.threads = threads;
    ExpectRefused(options);
  }
  for (const int repetitions : {0, -1, 1001}) {
    BenchmarkOptions options = Options();
    options.repetitions = repetitions;
    ExpectRefused(options);
  }
  for (const double seconds : {0.0, -1.0, 3601.0, std::nan("")}) {
    BenchmarkOptions options = Options();
    options.repetition_seconds = seconds;
    ExpectRefused(options);
  }
  BenchmarkOptions options = Options();
  options.config.model.n_head = 3;
  ExpectRefused(options);
  options = Options();
  options.config.batch_size = kMaxDimension;
  ExpectRefused(options);
}

TEST(BenchmarkTest, MemoryIsThatOfAllTrainers) {
  BenchmarkOptions options = Options();
  options.config.model.vocab_size = 27;
  options.threads = {1};
  const std::uint64_t one = BenchmarkMemory(options);
  TrainConfig config = options.config;
  config.threads = 1;
  EXPECT_EQ(one, EstimateTrainingMemory(config, 0).total_bytes());
  options.threads = {1, 2};
  options.weak_scaling = false;
  const std::uint64_t two = BenchmarkMemory(options);
  EXPECT_GT(two, one);
  options.weak_scaling = true;
  EXPECT_GT(BenchmarkMemory(options), two);
}

TEST(BenchmarkTest, KnowsTheMachine) {
  const std::vector<MachineRate> rates = MeasureMachine({1, 2});
  ASSERT_EQ(rates.size(), 2u);
  for (const MachineRate& rate : rates) {
    EXPECT_GT(rate.peak_gflops, 0);
    EXPECT_GT(rate.read_gigabytes_per_second, 0);
  }
  EXPECT_EQ(rates[1].threads, 2);
}

TEST(BenchmarkTest, KnowsTheKernels) {
  ModelConfig model = {27, 8, 16, 1, 4, Activation::kRelu2};
  const auto names = [&] {
    std::string text;
    for (const KernelRate& rate : MeasureKernels(model)) {
      EXPECT_GT(rate.gflops, 0) << rate.name;
      text += rate.name + " (" + rate.shape + ")\n";
    }
    return text;
  };
  const std::string small = names();
  EXPECT_NE(small.find("MatMul (T 64, in 16, out 64)"), small.npos) << small;
  EXPECT_NE(small.find("MatMulWeightGradient (T 64, in 64, out 16)"),
            small.npos);
  EXPECT_NE(small.find("PackedAttentionBackward (documents 8, T 8, heads 4, "
                       "head size 4)"),
            small.npos)
      << small;
  model.block_size = 20;
  const std::string longer = names();
  EXPECT_NE(longer.find("AttentionForward (documents 1, T 20,"), longer.npos);
  EXPECT_EQ(longer.find("Packed"), longer.npos);
  model.n_layer = 0;
  EXPECT_EQ(names().find("Attention"), std::string::npos);
}

TEST(BenchmarkTest, KnowsTheBuild) {
  const BuildInfo build = GetBuildInfo();
  EXPECT_EQ(build.version, Version());
  EXPECT_EQ(build.simd, SimdTarget());
  EXPECT_EQ(build.flags.find("-O"), 0u) << build.flags;
  EXPECT_EQ(build.libraries.find("Highway "), 0u) << build.libraries;
  const bool has_tbb = build.libraries.find("oneTBB 2") != std::string::npos;
  EXPECT_EQ(has_tbb, build.executor == "oneTBB") << build.libraries;
}

TEST(BenchmarkTest, CountsSixFlopsPerWeightOfAMatrix) {
  const ModelConfig model = {27, 8, 16, 2, 4, Activation::kRelu2};
  EXPECT_EQ(MatrixFlopsPerToken(model), 6.0 * (27 * 16 + 2 * 12 * 16 * 16));
}

}  // namespace
}  // namespace microgpt
