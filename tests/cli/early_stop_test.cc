// --early-stop-patience ends a run that finds nothing better.
#include "tests/cli/validation_fixture.h"

namespace microgpt {
namespace {

constexpr int kSteps = 120;
constexpr int kEvery = 5;
constexpr int kPatience = 3;

class EarlyStopTest : public ValidationCliTest {
 protected:
  // The step after which patience is used up, from a run without it.
  EarlyStopTest() {
    whole_ = Results(Flags() + Arguments{"--metrics", "whole"});
    const std::map<std::int64_t, double> losses = ValidationLosses("whole");
    double best = losses.begin()->second;
    std::int64_t since = 0;
    for (const auto& [step, loss] : losses) {
      since = loss < best ? 0 : since + (step == kEvery ? 0 : 1);
      if (since == 0) best_step_ = step;
      best = std::min(best, loss);
      stop_ = step;
      if (since == kPatience) break;
    }
  }
  static Arguments Flags() { return ValidatedFlags(kSteps, kEvery); }
  static Arguments Patient() {
    return Flags() + Arguments{"--early-stop-patience",
                               std::to_string(kPatience), "--out-dir", "run"};
  }
  std::string Stopped() const {
    return "stopped early after step " + std::to_string(stop_) + " of " +
           std::to_string(kSteps);
  }

  std::string whole_;
  std::int64_t best_step_ = 0;
  std::int64_t stop_ = 0;
};

TEST_F(EarlyStopTest, StopsWithAllThatAnEndHas) {
  ASSERT_GT(best_step_, kEvery);
  ASSERT_LT(stop_, kSteps);
  const Outcome outcome = Run(Patient());
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(Lines(outcome.err).size(), 1u);
  EXPECT_NE(outcome.err.find(Stopped()), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("step " + std::to_string(best_step_) + ","),
            std::string::npos)
      << outcome.err;
  // The lines are those of the run without patience, as far as they go.
  const std::vector<std::string> lines = Lines(WithoutTime(outcome.out));
  const std::vector<std::string> expected = Lines(whole_);
  std::int64_t last = 0;
  for (std::size_t i = 0; lines[i].find("mean loss") == std::string::npos;
       ++i) {
    EXPECT_EQ(lines[i], expected[i]);
    if (lines[i].starts_with("step ")) last = std::stol(lines[i].substr(5));
  }
  EXPECT_EQ(last, stop_);
  EXPECT_EQ(SamplesOf(outcome.out).size(), 3u);
  EXPECT_EQ(DigestOf(outcome.out), Info("run", "digest"));
  EXPECT_EQ(Info("run", "step"),
            std::to_string(stop_) + " of " + std::to_string(kSteps));
  EXPECT_EQ(Info("run/best", "step"),
            std::to_string(best_step_) + " of " + std::to_string(kSteps));
}

TEST_F(EarlyStopTest, QuietSaysNothing) {
  const Outcome outcome = Run(Patient() + Arguments{"--quiet"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(DigestOf(outcome.out), Info("run", "digest"));
}

TEST_F(EarlyStopTest, ResumedItSaysSoAndDoesNoStep) {
  const std::string results = Results(Patient());
  const std::vector<std::string> names = NamesIn("run");
  for (const Arguments& more :
       {Arguments{}, Arguments{"--num-steps", "500"},
        Arguments{"--early-stop-patience", std::to_string(kPatience)}}) {
    const Outcome outcome =
        Run(Arguments{"--resume", "run", "--num-samples", "3"} + more);
    EXPECT_EQ(outcome.exit_code, 0);
    EXPECT_EQ(WithoutTime(outcome.out),
              From(results, static_cast<int>(stop_) + 1));
    EXPECT_NE(outcome.err.find("stopped early after step"), std::string::npos);
    EXPECT_NE(outcome.err.find("--early-stop-patience"), std::string::npos);
  }
  EXPECT_EQ(NamesIn("run"), names);
}

TEST_F(EarlyStopTest, GoesOnWithMorePatience) {
  Results(Patient());
  CopyFolder("run", "copy");
  // Off: what follows is what the run without patience did.
  EXPECT_EQ(Results({"--resume", "run", "--num-samples", "3",
                     "--early-stop-patience", "0"}),
            From(whole_, static_cast<int>(stop_) + 1));
  const Outcome outcome = Run({"--resume", "copy", "--early-stop-patience",
                               std::to_string(kPatience + 1)});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_NE(outcome.out.find("step " +
                             std::string(stop_ + kEvery < 100 ? "  " : " ") +
                             std::to_string(stop_ + kEvery) + " / "),
            std::string::npos)
      << outcome.out;
  EXPECT_EQ(Info("copy", "early_stop_patience"), std::to_string(kPatience + 1));
}

TEST_F(EarlyStopTest, PatienceNeedsARunThatValidates) {
  Results(TrainFlags(6) + Arguments{"--out-dir", "plain"});
  EXPECT_TRUE(IsError(Run({"--resume", "plain", "--early-stop-patience", "3"}),
                      2, {"--early-stop-patience", "--eval-every"}));
}

}  // namespace
}  // namespace microgpt
