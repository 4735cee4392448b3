// Choosing a token: the limits of every option, and the distribution of draws.
#include "generate/sampler.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>
#include <vector>

#include "tests/base/error_of.h"

namespace microgpt {
namespace {

using Logits = std::vector<float>;

SampleOptions Options(double temperature, int top_k = 0, double top_p = 0) {
  SampleOptions options;
  options.temperature = temperature;
  options.top_k = top_k;
  options.top_p = top_p;
  return options;
}

constexpr int kDraws = 20'000;

// How often each token is drawn.
std::map<std::int32_t, int> Draw(const SampleOptions& options,
                                 const Logits& logits) {
  Sampler sampler(options, static_cast<int>(logits.size()));
  Random random(42);
  std::map<std::int32_t, int> counts;
  for (int i = 0; i < kDraws; ++i) ++counts[sampler.Choose(logits, random)];
  return counts;
}

// Only the tokens of `weights` are drawn, as often as the weights say.
void ExpectDistribution(const SampleOptions& options, const Logits& logits,
                        const std::map<std::int32_t, double>& weights) {
  double total = 0;
  for (const auto& [token, weight] : weights) total += weight;
  std::map<std::int32_t, int> counts = Draw(options, logits);
  double chi_square = 0;
  for (const auto& [token, weight] : weights) {
    const double expected = kDraws * weight / total;
    const double off = counts[token] - expected;
    chi_square += off * off / expected;
  }
  EXPECT_EQ(counts.size(), weights.size());
  // Mean plus five standard deviations of the chi-square distribution.
  const auto freedom = static_cast<double>(weights.size()) - 1;
  EXPECT_LT(chi_square, freedom + 5 * std::sqrt(2 * freedom) + 1e-9);
}

const Logits kLogits = {0.5f, -1.0f, 2.0f, 1.5f, 0.0f, 2.0f};

double Weight(std::size_t token, double temperature) {
  return std::exp(static_cast<double>(kLogits[token]) / temperature);
}

TEST(SamplerTest, DrawsFollowTheSoftmax) {
  for (const double temperature : {0.5, 1.0, 3.0}) {
    std::map<std::int32_t, double> weights;
    for (std::size_t i = 0; i < kLogits.size(); ++i) {
      weights[static_cast<std::int32_t>(i)] = Weight(i, temperature);
    }
    ExpectDistribution(Options(temperature), kLogits, weights);
    // Limits that limit nothing.
    ExpectDistribution(Options(temperature, 6), kLogits, weights);
    ExpectDistribution(Options(temperature, 100), kLogits, weights);
    ExpectDistribution(Options(temperature, 0, 1), kLogits, weights);
  }
}

TEST(SamplerTest, TopKKeepsTheLikeliest) {
  const double t = 0.8;
  ExpectDistribution(Options(t, 2), kLogits,
                     {{2, Weight(2, t)}, {5, Weight(5, t)}});
  ExpectDistribution(Options(t, 3), kLogits,
                     {{2, Weight(2, t)}, {3, Weight(3, t)}, {5, Weight(5, t)}});
}

TEST(SamplerTest, TopPKeepsTheSmallestSetThatReachesIt) {
  // Probabilities 0.4, 0.3, 0.2, 0.1.
  const Logits logits = {std::log(0.2f), std::log(0.4f), std::log(0.1f),
                         std::log(0.3f)};
  ExpectDistribution(Options(1, 0, 0.39), logits, {{1, 4}});
  ExpectDistribution(Options(1, 0, 0.41), logits, {{1, 4}, {3, 3}});
  ExpectDistribution(Options(1, 0, 0.69), logits, {{1, 4}, {3, 3}});
  ExpectDistribution(Options(1, 0, 0.71), logits, {{1, 4}, {3, 3}, {0, 2}});
  ExpectDistribution(Options(1, 0, 0.95), logits,
                     {{1, 4}, {3, 3}, {0, 2}, {2, 1}});
  // Of what top-k left: 4/7, 3/7.
  ExpectDistribution(Options(1, 2, 0.56), logits, {{1, 4}});
  ExpectDistribution(Options(1, 2, 0.6), logits, {{1, 4}, {3, 3}});
}

TEST(SamplerTest, SettingsThatLeaveOneToken) {
  for (const SampleOptions& options :
       {Options(0), Options(0.7, 1), Options(1000, 1), Options(0.7, 0, 1e-12),
        Options(1e-3, 0, 1e-300), Options(0, 3, 0.9)}) {
    // Of equals the lowest id.
    EXPECT_EQ(Draw(options, kLogits),
              (std::map<std::int32_t, int>{{2, kDraws}}));
    EXPECT_EQ(Draw(options, Logits(5, 1.0f)),
              (std::map<std::int32_t, int>{{0, kDraws}}));
    EXPECT_EQ(Draw(options, {-3.0f}),
              (std::map<std::int32_t, int>{{0, kDraws}}));
  }
}

TEST(SamplerTest, TiesAreCutFromTheEnd) {
  const Logits equal(4, 0.25f);
  ExpectDistribution(Options(0.5, 2), equal, {{0, 1}, {1, 1}});
  ExpectDistribution(Options(0.5, 0, 0.6), equal, {{0, 1}, {1, 1}, {2, 1}});
  ExpectDistribution(Options(0.5), equal, {{0, 1}, {1, 1}, {2, 1}, {3, 1}});
}

TEST(SamplerTest, ExtremeLogits) {
  constexpr float kMax = std::numeric_limits<float>::max();
  for (const double temperature : {1e-3, 1.0, 1e3}) {
    EXPECT_EQ(Draw(Options(temperature), {-kMax, kMax, 0}),
              (std::map<std::int32_t, int>{{1, kDraws}}));
    ExpectDistribution(Options(temperature), {kMax, kMax}, {{0, 1}, {1, 1}});
  }
}

TEST(SamplerTest, TakesOneNumberOrNone) {
  for (const SampleOptions& options :
       {Options(0), Options(1), Options(1, 2, 0.5)}) {
    Sampler sampler(options, 6);
    Random used(7);
    Random expected(7);
    sampler.Choose(kLogits, used);
    if (options.temperature > 0) expected.Next();
    EXPECT_EQ(used.Next(), expected.Next());
  }
}

TEST(SampleOptionsTest, RangesAreChecked) {
  EXPECT_NO_THROW(Validate(SampleOptions()));
  const auto refused = [](const char* flag, const auto& change) {
    SampleOptions options;
    change(options);
    const Error error = ErrorOf([&] { Validate(options); });
    EXPECT_EQ(error.kind(), ErrorKind::kUsage);
    EXPECT_TRUE(Mentions(error, flag)) << error.what();
  };
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  for (const int bad : {-1, kMaxDimension + 1}) {
    refused("--num-samples", [=](SampleOptions& o) { o.num_samples = bad; });
  }
  for (const double bad : {-1.0, 1e-4, 1001.0, kNan}) {
    refused("--temperature", [=](SampleOptions& o) { o.temperature = bad; });
  }
  refused("--top-k", [](SampleOptions& o) { o.top_k = -1; });
  for (const double bad : {-0.1, 1.1, kNan}) {
    refused("--top-p", [=](SampleOptions& o) { o.top_p = bad; });
  }
  for (const int bad : {-1, kMaxThreads + 1}) {
    refused("--threads", [=](SampleOptions& o) { o.threads = bad; });
  }
}

}  // namespace
}  // namespace microgpt
