// SIGINT and SIGTERM: the first ends the run after its step, the second at
// once.
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <thread>

#include "tests/cli/cli_fixture.h"

namespace microgpt {
namespace {

constexpr int kSignalBase = 128;

class SignalTest : public CliTest, public testing::WithParamInterface<int> {
 protected:
  // A run whose only step takes far longer than any test waits. Its metrics
  // file appears once signals are caught.
  Invocation OneEndlessStep() const {
    return Prepare({"--n-embd", "512", "--n-layer", "8", "--block-size", "64",
                    "--batch-size", "1048576", "--num-steps", "1", "--threads",
                    "1", "--metrics", "metrics"});
  }
  void WaitForMetrics(Child& child) const {
    std::error_code ignored;
    while (std::filesystem::file_size(PathOf("metrics"), ignored) == 0 ||
           ignored) {
      ASSERT_TRUE(child.Poll());
      ignored.clear();
    }
  }
};

// Step lines must be whole and complete from the first on; the last number.
long CheckSteps(const std::string& output) {
  EXPECT_TRUE(output.ends_with("\n"));
  const std::vector<std::string> lines = Lines(output);
  for (std::size_t i = 2; i < lines.size(); ++i) {
    char expected[64];
    std::snprintf(expected, sizeof(expected), "step %4zu / 1000000000 | loss ",
                  i - 1);
    EXPECT_TRUE(lines[i].starts_with(expected)) << lines[i];
    EXPECT_EQ(lines[i].size() - lines[i].rfind('.'), 5u) << lines[i];
    if (testing::Test::HasFailure()) return 0;
  }
  return static_cast<long>(lines.size()) - 2;
}

TEST_P(SignalTest, EndsAfterTheStep) {
  Child child(Prepare({"--num-steps", "1000000000", "--metrics", "metrics",
                       "--long-docs", "chunk"}));
  ASSERT_TRUE(child.ReadUntil("step   10 "));
  child.Send(GetParam());
  const Outcome outcome = child.Finish();
  EXPECT_EQ(outcome.exit_code, kSignalBase + GetParam());
  const long steps = CheckSteps(outcome.out);
  EXPECT_GE(steps, 10);
  EXPECT_EQ(Lines(outcome.err).size(), 1u);
  EXPECT_TRUE(outcome.err.starts_with("microgpt: ")) << outcome.err;
  EXPECT_NE(outcome.err.find(" step " + std::to_string(steps) + " "),
            std::string::npos)
      << outcome.err;
  const std::string metrics = Read("metrics");
  EXPECT_TRUE(metrics.ends_with("}\n"));
  EXPECT_EQ(Lines(metrics).size(), static_cast<std::size_t>(steps) + 1);
}

TEST_P(SignalTest, SecondEndsAtOnce) {
  Child child(OneEndlessStep());
  WaitForMetrics(child);
  child.Send(GetParam());
  // Two that are pending together would be one; each must be delivered.
  while (child.Poll()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    child.Send(GetParam());
  }
  const Outcome outcome = child.Finish();
  EXPECT_FALSE(outcome.timed_out);
  EXPECT_EQ(outcome.exit_code, kSignalBase + GetParam());
}

TEST_P(SignalTest, EndsSamplingAtOnce) {
  Child child(Prepare({"--num-steps", "1", "--num-samples", "1000000",
                       "--block-size", "64", "--n-embd", "64"}));
  ASSERT_TRUE(child.ReadUntil("training time"));
  child.Send(GetParam());
  const Outcome outcome = child.Finish();
  EXPECT_FALSE(outcome.timed_out);
  EXPECT_EQ(outcome.exit_code, kSignalBase + GetParam());
  EXPECT_EQ(outcome.out.find("sample"), std::string::npos);
}

TEST_F(SignalTest, WorksWithoutAReaderOfErrors) {
  Invocation invocation = Prepare({"--num-steps", "1000000000"});
  invocation.err = Stream::Closed();
  Child child(invocation);
  ASSERT_TRUE(child.ReadUntil("step   10 "));
  child.Send(SIGTERM);
  EXPECT_EQ(child.Finish().exit_code, kSignalBase + SIGTERM);
}

INSTANTIATE_TEST_SUITE_P(All, SignalTest, testing::Values(SIGINT, SIGTERM),
                         [](const auto& test) {
                           return test.param == SIGINT ? "Interrupt"
                                                       : "Terminate";
                         });

}  // namespace
}  // namespace microgpt
