// Every fixture trained again, step by step.
#include <gtest/gtest.h>

#include <filesystem>
#include <iterator>
#include <string>
#include <vector>

#include "tests/train/trace.h"

namespace microgpt {
namespace {

struct Fixture {
  const char* name;
  double bound;  // about ten times the difference that was measured
};

constexpr Fixture kFixtures[] = {
    {"batch8", 1e-6},        {"block1", 2e-6},
    {"default_words", 1e-4}, {"heads5", 5e-6},
    {"layers0", 1e-5},       {"no_shuffle", 2e-6},
    {"relu", 3e-6},          {"tricky", 1e-6},
    {"text_words", 1e-3},    {"text_tricky", 1e-3},
    {"all_options", 1e-6},   {"constant", 7e-6},
    {"cosine", 4e-6},        {"grad_accum", 2e-6},
    {"grad_clip", 3e-6},     {"grad_clip_direct", 2e-5},
    {"linear_warmup", 3e-6}, {"weight_decay", 2e-6},
};

TEST(FixtureTest, EveryLossAgrees) {
  for (const Fixture& fixture : kFixtures) {
    SCOPED_TRACE(fixture.name);
    const Trace trace = ReadTrace(
        PathIn("MICROGPT_FIXTURES", std::string(fixture.name) + ".json"));
    const std::string input =
        std::filesystem::path(trace.input).filename().string();
    Trainer trainer(trace.config,
                    Corpus::FromFile(PathIn("MICROGPT_FIXTURES", input),
                                     CorpusOptionsOf(trace.config)));
    const std::vector<double> losses = Losses(trainer, trace);
    EXPECT_LT(LargestDifference(losses, trace, trace.losses.size()),
              fixture.bound);
  }
}

TEST(FixtureTest, NoTraceIsForgotten) {
  std::size_t traces = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(PathIn("MICROGPT_FIXTURES", ""))) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with(".json") && !name.starts_with("firststep")) ++traces;
  }
  EXPECT_EQ(traces, std::size(kFixtures));
}

}  // namespace
}  // namespace microgpt
