// DIR/best: the best model of a run, an output folder of its own.
#include <csignal>

#include "tests/cli/validation_fixture.h"

namespace microgpt {
namespace {

namespace fs = std::filesystem;

constexpr int kSteps = 60;

class BestFolderTest : public ValidationCliTest {
 protected:
  BestFolderTest() {
    results_ = Results(Saving("run"));
    best_ = BestOf(ValidationLosses("m"));
  }
  static Arguments Flags() { return ValidatedFlags(kSteps, 5); }
  // Saves at step 20 too, so that there is something to go back to.
  static Arguments Saving(const std::string& folder) {
    return Flags() + Arguments{"--metrics",    "m", "--out-dir", folder,
                               "--save-every", "20"};
  }
  static Arguments Resume(const std::string& folder) {
    return {"--resume", folder, "--num-samples", "3"};
  }
  void ExpectBest(const std::string& folder) const {
    EXPECT_EQ(Info(folder + "/best", "step"),
              std::to_string(best_.first) + " of " + std::to_string(kSteps));
    EXPECT_EQ(EvalLoss(folder + "/best"), Decimals(best_.second, 6));
  }
  // The newest generation in the best folder.
  std::string Newest() const {
    const std::vector<std::string> names = NamesIn("run/best");
    return "run/best/" + names[names.size() - 2];
  }

  std::string results_;
  std::pair<std::int64_t, double> best_;
};

TEST_F(BestFolderTest, HoldsTheModelOfTheBestLoss) {
  ASSERT_GT(best_.first, 5);
  ASSERT_LT(best_.first, kSteps);
  ExpectBest("run");
  EXPECT_EQ(NamesIn("run/best").size(), 3u);  // two generations and the lock
  EXPECT_EQ(SamplesOf(Output({"sample", "--checkpoint", "run/best"})).size(),
            20u);
  EXPECT_EQ(
      Info("run/best", "best validation loss"),
      Decimals(best_.second, 4) + " at step " + std::to_string(best_.first));
  // Without an output folder nothing is kept, without validation no best.
  EXPECT_EQ(Results(Flags()), results_);
  Results(TrainFlags(6) + Arguments{"--out-dir", "plain"});
  EXPECT_FALSE(fs::exists(PathOf("plain/best")));
}

TEST_F(BestFolderTest, AFinishedRunLeavesItAlone) {
  const std::vector<std::string> names = NamesIn("run/best");
  EXPECT_EQ(Results(Resume("run")), From(results_, kSteps + 1));
  EXPECT_EQ(NamesIn("run/best"), names);
  ExpectBest("run");
}

// A crash between the best model and the state of the run that knows of it.
TEST_F(BestFolderTest, ARunThatIsBehindItComesToTheSame) {
  Child child(Prepare(Saving("again")));
  ASSERT_TRUE(child.ReadUntil("step    5 /   60 | val"));
  child.Send(SIGKILL);
  child.Finish();
  fs::remove_all(PathOf("again/best"));
  fs::rename(PathOf("run/best"), PathOf("again/best"));
  const int first = std::stoi(Info("again", "step")) + 1;
  const Outcome outcome = Run(Resume("again"));
  EXPECT_EQ(WithoutTime(outcome.out), From(results_, first));
  EXPECT_EQ(outcome.err.find("warning"), std::string::npos) << outcome.err;
  ExpectBest("again");
}

TEST_F(BestFolderTest, ANewRunTakesNoOthersPlace) {
  for (const std::string& name : NamesIn("run")) {
    if (name.starts_with("generation-")) fs::remove_all(PathOf("run/" + name));
  }
  EXPECT_TRUE(IsError(Run(Saving("run")), 2, {"--out-dir", "run/best"}));
  ExpectBest("run");
  // Nor that of another's log.
  EXPECT_TRUE(IsError(Run(TrainFlags(6) + Arguments{"--out-dir", "run"}), 2,
                      {"--out-dir", "run/metrics.jsonl"}));
  for (const char* name : {"metrics.jsonl", "samples.jsonl"}) {
    fs::remove(PathOf("run/" + std::string(name)));
  }
  // It is only about runs that would use it.
  Results(TrainFlags(6) + Arguments{"--out-dir", "run"});
  ExpectBest("run");
}

TEST_F(BestFolderTest, AFileInItsPlace) {
  fs::create_directory(PathOf("new"));
  Write("new/best", "mine");
  EXPECT_TRUE(IsError(Run(Saving("new")), 4, {"new/best"}));
  EXPECT_EQ(Read("new/best"), "mine");
  fs::remove_all(PathOf("run/best"));
  Write("run/best", "mine");
  EXPECT_TRUE(IsError(Run(Resume("run")), 4, {"run/best"}));
  EXPECT_EQ(Info("run", "step"), "60 of 60");
}

TEST_F(BestFolderTest, DamageIsSaidAndTheRunGoesOn) {
  const std::string file = Newest() + "/model.safetensors";
  std::string bytes = Read(file);
  bytes[bytes.size() / 2] ^= 1;
  Write(file, bytes);
  const Outcome outcome = Run(Resume("run"));
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(WithoutTime(outcome.out), From(results_, kSteps + 1));
  for (const std::string& word :
       {std::string("warning: the best model"), file, std::string("checksum"),
        "step " + std::to_string(best_.first) + ","}) {
    EXPECT_NE(outcome.err.find(word), std::string::npos) << outcome.err;
  }
}

TEST_F(BestFolderTest, OneThatIsGoneIsSaid) {
  fs::remove_all(PathOf("run/best"));
  const Outcome outcome = Run(Resume("run"));
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_NE(outcome.err.find("run/best is empty"), std::string::npos)
      << outcome.err;
}

TEST_F(BestFolderTest, AResumedBestModelIsKeptAtOnce) {
  Results({"--resume", "run/best", "--out-dir", "other", "--num-samples", "3"});
  ExpectBest("other");
  EXPECT_EQ(Info("other", "digest"), Info("run", "digest"));
  EXPECT_EQ(NamesIn("other/best").size(), 2u);
}

TEST_F(BestFolderTest, NoRunMayUseItAsItsFolder) {
  const std::vector<std::string> names = NamesIn("run/best");
  for (const Arguments& flags :
       {Arguments{"--resume", "run/best"}, Arguments{"--resume", Newest()},
        Arguments{"--resume", "run", "--out-dir", "run/best/"},
        Saving("run/./best")}) {
    EXPECT_TRUE(IsError(Run(flags), 2, {"--out-dir", "best", "--resume"}));
  }
  Invocation invocation = Prepare({"--resume", "."});
  invocation.folder = PathOf("run/best");
  EXPECT_TRUE(IsError(RunProgram(invocation), 2, {"--out-dir"}));
  EXPECT_EQ(NamesIn("run/best"), names);
  // Elsewhere it is a run like any other.
  fs::rename(PathOf("run/best"), PathOf("best"));
  Results({"--resume", "best", "--num-steps", "61"});
  EXPECT_EQ(Info("best", "step"), "61 of 61");
}

TEST_F(BestFolderTest, IsLocked) {
  Child child(Prepare(ValidatedFlags(1'000'000'000, 1) +
                      Arguments{"--out-dir", "long"}));
  ASSERT_TRUE(child.ReadUntil("val loss"));
  fs::create_directory(PathOf("other"));
  fs::create_directory_symlink(PathOf("long/best"), PathOf("other/best"));
  EXPECT_TRUE(IsError(Run(Saving("other")), 4, {"best", "in use by process "}));
  child.Send(SIGTERM);
  EXPECT_EQ(child.Finish().exit_code, 128 + SIGTERM);
}

}  // namespace
}  // namespace microgpt
