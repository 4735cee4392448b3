// Where a run may save, and what ends it.
#include <unistd.h>

#include <csignal>

#include "tests/cli/checkpoint_fixture.h"

namespace microgpt {
namespace {

class OutDirTest : public CheckpointCliTest {};

TEST_F(OutDirTest, AFolderWithARunIsNotUsedAgain) {
  Results(TrainFlags(6) + Arguments{"--out-dir", "run"});
  EXPECT_TRUE(IsError(Run(TrainFlags(6) + Arguments{"--out-dir", "run"}), 2,
                      {"--out-dir", "run", "--resume"}));
  Results(TrainFlags(7) + Arguments{"--out-dir", "other"});
  EXPECT_TRUE(IsError(Run({"--resume", "run", "--out-dir", "other"}), 2,
                      {"--out-dir", "other"}));
  EXPECT_EQ(Info("run", "step"), "6 of 6");
}

TEST_F(OutDirTest, AFolderWithOtherFilesIsUsed) {
  std::filesystem::create_directory(PathOf("run"));
  Write("run/notes", "mine");
  Results(TrainFlags(6) + Arguments{"--out-dir", "run"});
  EXPECT_EQ(Read("run/notes"), "mine");
  EXPECT_EQ(Info("run", "step"), "6 of 6");
}

// All of it before a step is taken: nothing of a run is on stdout.
TEST_F(OutDirTest, PlacesThatCannotBeWritten) {
  Write("file", "");
  for (const char* path : {"file", "file/run", "missing/run", "/proc/run",
                           "/sys/kernel", "/dev/null/run"}) {
    EXPECT_TRUE(
        IsError(Run(TrainFlags(6) + Arguments{"--out-dir", path}), 4, {path}))
        << path;
  }
}

TEST_F(OutDirTest, ReadOnlyFolder) {
  std::filesystem::create_directory(PathOf("run"));
  std::filesystem::permissions(
      PathOf("run"),
      std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
  const Outcome outcome = Run(TrainFlags(6) + Arguments{"--out-dir", "run"});
  // Root may write everywhere.
  if (::geteuid() == 0) {
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  } else {
    EXPECT_TRUE(IsError(outcome, 4, {"run"}));
  }
}

TEST_F(OutDirTest, TwoProcesses) {
  Invocation first = Prepare({"--num-steps", "1000000000", "--out-dir", "run"});
  Child child(first);
  ASSERT_TRUE(child.ReadUntil("step   10 "));
  for (const Arguments& flags :
       {Arguments{"--out-dir", "run"}, Arguments{"--resume", "run"}}) {
    EXPECT_TRUE(IsError(Run(flags), 4, {"run", "in use by process "}));
  }
  // Readers need no lock.
  EXPECT_EQ(Info("run", "step"), "0 of 1000000000");
  child.Send(SIGTERM);
  EXPECT_EQ(child.Finish().exit_code, 128 + SIGTERM);
}

TEST_F(OutDirTest, AKilledHolderHoldsNothing) {
  Child child(Prepare({"--num-steps", "1000000000", "--out-dir", "run"}));
  ASSERT_TRUE(child.ReadUntil("step   10 "));
  child.Send(SIGKILL);
  child.Finish();
  EXPECT_EQ(Info("run", "step"), "0 of 1000000000");
  Child second(Prepare({"--resume", "run"}));
  EXPECT_TRUE(second.ReadUntil("step   10 "));
}

TEST_F(OutDirTest, SignalsSaveTheLastStep) {
  for (const int signal : {SIGINT, SIGTERM}) {
    const std::string name = "run" + std::to_string(signal);
    Invocation invocation =
        Prepare({"--input", "corpus", "--num-steps", "1000000000",
                 "--num-samples", "0", "--out-dir", name});
    Child child(invocation);
    ASSERT_TRUE(child.ReadUntil("step   10 "));
    child.Send(signal);
    const Outcome outcome = child.Finish();
    EXPECT_EQ(outcome.exit_code, 128 + signal);
    EXPECT_NE(outcome.err.find("--resume " + name), std::string::npos)
        << outcome.err;
    const std::vector<std::string> lines = Lines(outcome.out);
    const long step = std::stol(lines.back().substr(5));
    EXPECT_EQ(Info(name, "step"), std::to_string(step) + " of 1000000000");
  }
}

// The run that was interrupted and the one that was not.
TEST_F(OutDirTest, AnInterruptedRunGoesOnExactly) {
  const Arguments flags = {"--input", "corpus",        "--num-steps",
                           "20000",   "--num-samples", "0"};
  const std::string whole = DigestOf(Results(flags));
  Child child(Prepare(flags + Arguments{"--out-dir", "run"}));
  ASSERT_TRUE(child.ReadUntil("step   10 "));
  child.Send(SIGINT);
  const Outcome outcome = child.Finish();
  ASSERT_EQ(outcome.exit_code, 128 + SIGINT);
  EXPECT_EQ(DigestOf(Results({"--resume", "run", "--quiet"})), whole);
}

TEST_F(OutDirTest, ALostReaderDoesNotEndARunThatSaves) {
  Child child(Prepare({"--num-steps", "20000", "--out-dir", "run"}));
  ASSERT_TRUE(child.ReadUntil("step   10 "));
  child.CloseOutput();
  const Outcome outcome = child.Finish();
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(Info("run", "step"), "20000 of 20000");
}

// The next file that is opened must not take the place of a stream.
TEST_F(OutDirTest, ClosedStreamsLeaveNoTextInAGeneration) {
  Results(TrainFlags(6) + Arguments{"--out-dir", "run"});
  Invocation invocation =
      Prepare(TrainFlags(6) + Arguments{"--out-dir", "other"});
  invocation.in = Stream::Closed();
  invocation.out = Stream::Closed();
  invocation.err = Stream::Closed();
  EXPECT_EQ(RunProgram(invocation).exit_code, 0);
  EXPECT_EQ(Info("other", "digest"), Info("run", "digest"));
  for (const char* file : {"state.json", "model.safetensors"}) {
    EXPECT_EQ(Read(std::string("other/generation-000002/") + file),
              Read(std::string("run/generation-000002/") + file));
  }
}

TEST_F(OutDirTest, ANumericErrorLeavesTheLastState) {
  const Outcome outcome = Run({"--input",    "corpus", "--learning-rate", "1e6",
                               "--init-std", "1e6",    "--beta1",         "0",
                               "--beta2",    "0",      "--n-layer",       "3",
                               "--n-embd",   "64",     "--num-steps",     "200",
                               "--out-dir",  "run",    "--save-every",    "1"});
  EXPECT_TRUE(EndsWithError(
      outcome, 5, {"step ", "--learning-rate", "--init-std", "--grad-clip"}));
  const std::string step = Info("run", "step");
  EXPECT_NE(outcome.err.find("step " + std::to_string(std::stoi(step) + 1)),
            std::string::npos)
      << outcome.err << step;
}

TEST_F(OutDirTest, FileSizeLimit) {
  Invocation invocation = Prepare({});
  const std::string program = invocation.arguments.front();
  invocation.arguments = {
      "/bin/sh", "-c",
      "ulimit -f 8; exec \"$0\" --num-steps 3 --quiet --n-embd 64 "
      "--out-dir run",
      program};
  EXPECT_TRUE(IsError(RunProgram(invocation), 4, {"run/", "File too large"}));
  EXPECT_EQ(NamesIn("run"), (std::vector<std::string>{"lock"}));
}

TEST_F(OutDirTest, FlagsThatNeedOthers) {
  Results(TrainFlags(6) + Arguments{"--out-dir", "run"});
  const std::vector<std::pair<Arguments, std::string>> cases = {
      {{"--save-every", "3"}, "--out-dir"},
      {{"--allow-changed-data"}, "--resume"},
      {{"--resume", "run", "--init-from", "x"}, "--init-from"},
      {{"--resume"}, "--resume"},
      {{"--resume", ""}, "--resume"},
      {{"--out-dir", ""}, "--out-dir"},
      {{"--out-dir", "x", "--save-every", "-1"}, "--save-every"},
      {{"--out-dir", "x", "--save-every", "1.5"}, "--save-every"},
      {{"--out-dir", "x", "--out-dir", "y"}, "--out-dir"},
      {{"--checkpoint", "run"}, "--checkpoint"},
      {{"sample"}, "--checkpoint"},
      {{"eval", "--checkpoint", "run"}, "--input"},
      {{"eval", "--input", "corpus"}, "--checkpoint"},
      {{"sample", "--checkpoint", "run", "--num-steps", "3"}, "--num-steps"},
      {{"info", "--checkpoint", "run", "--n-embd", "3"}, "--n-embd"}};
  for (const auto& [arguments, word] : cases) {
    EXPECT_TRUE(IsError(Run(arguments), 2, {word})) << arguments.back();
  }
  EXPECT_FALSE(std::filesystem::exists(PathOf("x")));
}

TEST_F(OutDirTest, AnInputThatCannotBeNamed) {
  const std::string name = "caf\xE9";
  Write(name, "ab\n");
  EXPECT_TRUE(IsError(Run({"--input", name, "--out-dir", "run"}), 2,
                      {"--input", "UTF-8"}));
  EXPECT_EQ(Run({"--input", name, "--num-steps", "1", "--quiet"}).exit_code, 0);
}

}  // namespace
}  // namespace microgpt
