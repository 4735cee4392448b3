// Runs killed at random moments, again and again, until they are through.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <random>
#include <regex>
#include <sstream>
#include <thread>

#include "tests/crash/crash_fixture.h"

namespace microgpt {
namespace {

namespace fs = std::filesystem;

constexpr int kKills = 200;
constexpr int kSteps = 2000;
constexpr const char* kRun = "run";

// Steps large enough to be shared by threads.
const Arguments kTraining =
    Arguments{"--quiet", "--num-samples", "0", "--metrics", "metrics"} +
    Arguments{"-i", "corpus",      "--batch-size",
              "32", "--num-steps", std::to_string(kSteps)};

class RandomKillTest : public CrashTest {
 protected:
  RandomKillTest() {
    std::string corpus;
    for (int i = 0; i < 100; ++i) {
      corpus += std::to_string(i * 12347 % 9973) + "names\n";
    }
    Write("corpus", corpus);
    reference_digest_ = DigestOf(Output(kTraining));
    reference_ = StepsOf(Read("metrics"));
    fs::remove(PathOf("metrics"));
    FindTargets();
  }

  // A new run, killed until it is through or kills_ is reached, then let go.
  void RunToTheEnd() {
    saved_step_ = -1;
    while (kills_ < kKills) {
      const Outcome outcome = Live(true);
      if (outcome.signal == 0) return CheckEnd(outcome);
      ASSERT_EQ(outcome.signal, SIGKILL);
      ++kills_;
      CheckState();
      ASSERT_FALSE(HasFailure());
    }
    CheckEnd(Live(false));
  }

  int kills_ = 0;
  int kills_in_progress_ = 0;  // that hit a run after it had saved something

 private:
  // "step and loss and learning rate" of every line but the first.
  static std::vector<std::string> StepsOf(const std::string& metrics) {
    std::vector<std::string> steps = Lines(metrics);
    if (!steps.empty()) steps.erase(steps.begin());
    for (std::string& step : steps) step.resize(step.find(",\"tok_per_s\""));
    return steps;
  }

  void FindTargets() {
    const std::string info = Output({"info"});
    std::smatch list;
    ASSERT_TRUE(
        std::regex_search(info, list, std::regex("available: ([^)]*)")));
    std::istringstream names(list[1]);
    for (std::string name; names >> name;) {
      if (name.ends_with(',')) name.pop_back();
      targets_.push_back(name);
    }
    ASSERT_FALSE(targets_.empty());
  }

  // Starts or resumes, and kills after a while if `kill` says so.
  Outcome Live(bool kill) {
    const bool begun = saved_step_ >= 0;
    ++lives_;
    // The first target is the best, and much faster than the last.
    target_ = kill && lives_ % 2 == 0 ? lives_ / 2 % targets_.size() : 0;
    Child child(
        Prepare(kTraining +
                Arguments{"--threads", std::to_string(lives_ % 3 + 1), "--simd",
                          targets_[target_]} +
                (begun ? Arguments{"--resume", kRun}
                       : Arguments{"--out-dir", kRun, "--save-every", "2"})));
    if (kill) {
      std::this_thread::sleep_for(std::chrono::duration<double, std::milli>(
          std::uniform_real_distribution<>(1, longest_milliseconds_)(random_)));
      child.Send(SIGKILL);
    }
    return child.Finish();
  }

  // After a kill.
  void CheckState() {
    const Outcome info = Run({"info", "--checkpoint", kRun});
    if (info.exit_code == 3 && saved_step_ < 0) return Lengthen();
    ASSERT_EQ(info.exit_code, 0) << info.err;
    std::smatch match;
    ASSERT_TRUE(std::regex_search(info.out, match,
                                  std::regex("step: ([0-9]+) of 2000\n")));
    const int step = std::stoi(match[1]);
    ASSERT_GE(step, saved_step_);
    ASSERT_TRUE(step % 2 == 0 && step <= kSteps) << step;
    if (step == saved_step_) return Lengthen();
    saved_step_ = step;
    ++kills_in_progress_;
    // What is logged is never less than what is saved.
    const std::string metrics = Read("metrics");
    const std::string whole = metrics.substr(0, metrics.rfind('\n') + 1);
    const std::vector<std::string> steps = StepsOf(whole);
    ASSERT_GE(steps.size(), static_cast<std::size_t>(step));
    ASSERT_LE(steps.size(), reference_.size());
    ASSERT_TRUE(std::equal(steps.begin(), steps.end(), reference_.begin()));
  }

  // Starting takes longer on a busy machine than a life may last.
  void Lengthen() {
    if (target_ == 0) longest_milliseconds_ *= 1.1;
  }

  void CheckEnd(const Outcome& outcome) {
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_EQ(DigestOf(outcome.out), reference_digest_);
    EXPECT_EQ(SavedDigest(kRun), reference_digest_);
    const std::string metrics = Read("metrics");
    EXPECT_TRUE(metrics.starts_with("{\"version\""));
    EXPECT_EQ(StepsOf(metrics), reference_);
    for (const std::string& name : NamesIn(kRun)) {
      EXPECT_TRUE(name == "lock" || name == "config.toml" ||
                  name.starts_with("generation-"))
          << name;
    }
    fs::remove_all(PathOf(kRun));
    fs::remove(PathOf("metrics"));
  }

  std::string reference_digest_;
  std::vector<std::string> reference_;
  std::vector<std::string> targets_;
  std::mt19937 random_{2024};
  double longest_milliseconds_ = 60;
  std::size_t lives_ = 0;
  std::size_t target_ = 0;  // of the last life
  int saved_step_ = -1;     // -1: nothing is saved yet
};

TEST_F(RandomKillTest, TwoHundred) {
  while (kills_ < kKills) {
    RunToTheEnd();
    ASSERT_FALSE(HasFailure());
  }
  EXPECT_GE(kills_in_progress_, kKills / 8);
  RecordProperty("kills", kills_);
  RecordProperty("kills_in_progress", kills_in_progress_);
}

}  // namespace
}  // namespace microgpt
