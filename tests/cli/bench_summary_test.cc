// From measured seconds to the numbers of a report.
#include <gtest/gtest.h>

#include "cli/bench/plan.h"
#include "cli/bench/summarize.h"
#include "microgpt/error.h"
#include "tests/base/error_of.h"

namespace microgpt::cli {
namespace {

TEST(SpreadTest, QuartilesAreInterpolated) {
  const SpreadReport five = SpreadOf({5, 1, 4, 2, 3});
  EXPECT_EQ(five.median, 3);
  EXPECT_EQ(five.min, 1);
  EXPECT_EQ(five.max, 5);
  EXPECT_EQ(five.first_quartile, 2);
  EXPECT_EQ(five.third_quartile, 4);
  const SpreadReport four = SpreadOf({10, 20, 30, 40});
  EXPECT_EQ(four.median, 25);
  EXPECT_EQ(four.first_quartile, 17.5);
  EXPECT_EQ(four.third_quartile, 32.5);
  const SpreadReport one = SpreadOf({7});
  EXPECT_EQ(one.median, 7);
  EXPECT_EQ(one.first_quartile, 7);
  EXPECT_EQ(one.max, 7);
}

std::vector<PointReport> Points(const std::vector<int>& threads,
                                double (*seconds)(int)) {
  std::vector<PointReport> points;
  for (const int count : threads) {
    PointReport point;
    point.threads = count;
    point.step_seconds.median = seconds(count);
    points.push_back(point);
  }
  return points;
}

TEST(AmdahlTest, FindsBothPartsAgain) {
  const auto fit =
      FitAmdahl(Points({1, 2, 4, 16}, [](int n) { return 0.002 + 0.008 / n; }));
  ASSERT_TRUE(fit.has_value());
  EXPECT_NEAR(fit->serial_seconds, 0.002, 1e-9);
  EXPECT_NEAR(fit->parallel_seconds, 0.008, 1e-9);
  EXPECT_NEAR(fit->serial_fraction, 0.2, 1e-6);
}

TEST(AmdahlTest, NoPartIsNegative) {
  const auto superlinear =
      FitAmdahl(Points({1, 2, 4}, [](int n) { return 0.008 / (n * n); }));
  ASSERT_TRUE(superlinear.has_value());
  EXPECT_EQ(superlinear->serial_seconds, 0);
  EXPECT_GT(superlinear->parallel_seconds, 0);
  EXPECT_EQ(superlinear->serial_fraction, 0);
  const auto slower =
      FitAmdahl(Points({1, 2, 4}, [](int n) { return 0.001 * n; }));
  ASSERT_TRUE(slower.has_value());
  EXPECT_EQ(slower->parallel_seconds, 0);
  EXPECT_EQ(slower->serial_fraction, 1);
}

TEST(AmdahlTest, NeedsTwoPoints) {
  EXPECT_FALSE(FitAmdahl({}).has_value());
  EXPECT_FALSE(FitAmdahl(Points({4}, [](int) { return 1.0; })).has_value());
}

BenchmarkPoint Measured(int threads, double step_seconds) {
  BenchmarkPoint point;
  point.threads = threads;
  point.batch_size = 8;
  point.step_seconds = {step_seconds, step_seconds, step_seconds};
  point.tokens_per_step = 100;
  point.tokens_per_second = {100 / step_seconds, 100 / step_seconds,
                             100 / step_seconds};
  point.phases.resize(static_cast<std::size_t>(threads));
  point.phases[0] = {0.1, 0.2, 0.3, 0.05, 0.05};
  point.profiled_step_seconds = 1;
  point.digest = "d";
  return point;
}

TEST(SummarizeTest, ComparesWithTheFirstNumberOfThreads) {
  TrainingBenchmark measured;
  measured.model = {27, 8, 16, 1, 4, Activation::kRelu2};
  measured.strong = {Measured(2, 0.4), Measured(8, 0.2)};
  const std::vector<MachineRate> machine = {{2, 1e-3, 1}, {8, 4e-3, 1}};
  const ModelReport report = Summarize(measured, machine, "names");
  ASSERT_EQ(report.strong.size(), 2u);
  EXPECT_EQ(report.strong[0].speedup, 1);
  EXPECT_EQ(report.strong[0].efficiency, 1);
  EXPECT_NEAR(report.strong[1].speedup, 2, 1e-12);
  EXPECT_NEAR(report.strong[1].efficiency, 0.5, 1e-12);
  EXPECT_NEAR(report.strong[0].gflops,
              MatrixFlopsPerToken(measured.model) * 250 * 1e-9, 1e-12);
  EXPECT_NEAR(report.strong[1].of_peak, report.strong[1].gflops / 4e-3, 1e-9);
  EXPECT_TRUE(report.digests_equal);
  EXPECT_TRUE(report.amdahl.has_value());
  EXPECT_TRUE(report.weak.empty());
  EXPECT_EQ(report.num_params, ParameterCount(measured.model));
  EXPECT_NEAR(report.strong[0].phases[0].idle, 0.3, 1e-12);
  EXPECT_EQ(report.strong[0].phases[1].idle, 1);
}

TEST(SummarizeTest, DigestsThatDifferAreNotEqual) {
  TrainingBenchmark measured;
  measured.model = {27, 8, 16, 1, 4, Activation::kRelu2};
  measured.strong = {Measured(1, 0.4), Measured(2, 0.2)};
  measured.strong[1].digest = "e";
  EXPECT_FALSE(Summarize(measured, {}, "names").digests_equal);
}

TEST(SummarizeTest, WithoutCalibrationNothingIsOfPeak) {
  TrainingBenchmark measured;
  measured.model = {27, 8, 16, 1, 4, Activation::kRelu2};
  measured.strong = {Measured(1, 0.4)};
  EXPECT_EQ(Summarize(measured, {}, "names").strong[0].of_peak, 0);
}

TEST(ThreadCountsTest, AreSortedLists) {
  EXPECT_EQ(ParseThreadCounts("--threads", "4,1,2"),
            (std::vector<int>{1, 2, 4}));
  EXPECT_EQ(ParseThreadCounts("--threads", "1024"), std::vector<int>{1024});
  for (const char* text : {"", ",", "1,", ",1", "1,,2", "0", "1025", "1,1",
                           "1 2", "1;2", "x", "1.5", "-1"}) {
    const Error error = ErrorOf([&] { ParseThreadCounts("--threads", text); });
    EXPECT_EQ(error.kind(), ErrorKind::kUsage) << text;
    EXPECT_TRUE(Mentions(error, "--threads")) << error.what();
  }
}

TEST(ThreadCountsTest, DefaultsDoubleUpToTheCores) {
  EXPECT_EQ(DefaultThreadCounts(1), std::vector<int>{1});
  EXPECT_EQ(DefaultThreadCounts(2), (std::vector<int>{1, 2}));
  EXPECT_EQ(DefaultThreadCounts(6), (std::vector<int>{1, 2, 4, 6}));
  EXPECT_EQ(DefaultThreadCounts(8), (std::vector<int>{1, 2, 4, 8}));
}

TEST(PlanTest, OneModelOrSeven) {
  Options options;
  options.train.model.n_embd = 32;
  options.bench.threads = {1, 2};
  const std::vector<BenchmarkOptions> one = PlanBenchmark(options);
  ASSERT_EQ(one.size(), 1u);
  EXPECT_EQ(one[0].config.model.n_embd, 32);
  EXPECT_EQ(one[0].threads, (std::vector<int>{1, 2}));
  EXPECT_TRUE(one[0].weak_scaling);
  options.bench.sweep = true;
  const std::vector<BenchmarkOptions> sweep = PlanBenchmark(options);
  ASSERT_EQ(sweep.size(), 7u);
  EXPECT_EQ(sweep.front().config.model.n_embd, 16);
  EXPECT_EQ(sweep.back().config.model.n_embd, 768);
  for (const BenchmarkOptions& each : sweep) EXPECT_FALSE(each.weak_scaling);
}

}  // namespace
}  // namespace microgpt::cli
