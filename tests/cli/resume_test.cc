// Saving and going on, from outside.
#include <fstream>
#include <sstream>

#include "tests/cli/checkpoint_fixture.h"

namespace microgpt {
namespace {

class ResumeCliTest : public CheckpointCliTest {};

TEST_F(ResumeCliTest, SavingChangesNothing) {
  const std::string results = Results(TrainFlags(30));
  EXPECT_EQ(Results(TrainFlags(30) + Arguments{"--out-dir", "run"}), results);
  EXPECT_EQ(Results(TrainFlags(30) +
                    Arguments{"--out-dir", "run7", "--save-every", "7"}),
            results);
  EXPECT_EQ(DigestOf(results), Info("run", "digest"));
  EXPECT_EQ(Info("run", "digest"), Info("run7", "digest"));
}

TEST_F(ResumeCliTest, FirstAndLastStateAreSaved) {
  Results(TrainFlags(30) + Arguments{"--out-dir", "run"});
  EXPECT_EQ(NamesIn("run"),
            (std::vector<std::string>{"config.toml", "generation-000001",
                                      "generation-000002", "lock"}));
  EXPECT_EQ(Info("run/generation-000001", "step"), "0 of 30");
  EXPECT_EQ(Info("run", "step"), "30 of 30");
}

TEST_F(ResumeCliTest, SaveEveryKeepsTheTwoNewest) {
  Results(TrainFlags(30) + Arguments{"--out-dir", "run", "--save-every", "7"});
  // 0, 7, 14, 21, 28, 30.
  EXPECT_EQ(NamesIn("run"),
            (std::vector<std::string>{"config.toml", "generation-000005",
                                      "generation-000006", "lock"}));
  EXPECT_EQ(Info("run/generation-000005", "step"), "28 of 30");
  EXPECT_EQ(Info("run", "save every"), "7");
}

TEST_F(ResumeCliTest, NoStepsSaveTheInitialWeights) {
  const std::string results =
      Results(TrainFlags(0) + Arguments{"--out-dir", "run"});
  EXPECT_EQ(NamesIn("run"), (std::vector<std::string>{
                                "config.toml", "generation-000001", "lock"}));
  EXPECT_EQ(DigestOf(results), Info("run", "digest"));
}

// From the state after 28 of 30 steps, with nothing but --resume.
TEST_F(ResumeCliTest, GoesOnWithTheSameLines) {
  const std::string results = Results(
      TrainFlags(30) + Arguments{"--out-dir", "run", "--save-every", "7"});
  const Arguments resume = {"--resume", "run/generation-000005",
                            "--num-samples", "3"};
  std::istringstream names(Output({"info"}));
  std::string targets;
  for (std::string line; std::getline(names, line);) {
    if (line.starts_with("simd: ")) targets = line;
  }
  for (const Arguments& more :
       {Arguments{}, Arguments{"-t", "1"}, Arguments{"-t", "3"},
        Arguments{"-t", "8"}, Arguments{"--simd", "sse4"},
        Arguments{"--input", "corpus"}, Arguments{"--seed", "42"},
        Arguments{"--save-every", "1"}, Arguments{"train"}}) {
    if (more == Arguments{"--simd", "sse4"} &&
        targets.find("sse4") == std::string::npos) {
      continue;
    }
    const Arguments all =
        more == Arguments{"train"} ? more + resume : resume + more;
    std::filesystem::copy(PathOf("run"), PathOf("kept"),
                          std::filesystem::copy_options::recursive);
    EXPECT_EQ(Results(all), From(results, 29)) << more.size();
    std::filesystem::remove_all(PathOf("run"));
    std::filesystem::rename(PathOf("kept"), PathOf("run"));
  }
}

TEST_F(ResumeCliTest, HalfARunAndItsRestAreTheRun) {
  const std::string results = Results(TrainFlags(60));
  Child child(Prepare(TrainFlags(60) +
                      Arguments{"--out-dir", "run", "--save-every", "1"}));
  ASSERT_TRUE(child.ReadUntil("step   10 "));
  child.Send(SIGKILL);
  child.Finish();
  const std::string step = Info("run", "step");
  const std::string rest = Results({"--resume", "run", "--num-samples", "3"});
  EXPECT_EQ(rest, From(results, std::stoi(step) + 1));
}

TEST_F(ResumeCliTest, AFinishedRunIsPrintedAgain) {
  const std::string results =
      Results(TrainFlags(30) + Arguments{"--out-dir", "run"});
  const std::vector<std::string> names = NamesIn("run");
  EXPECT_EQ(Results({"--resume", "run", "--num-samples", "3"}),
            From(results, 31));
  EXPECT_EQ(NamesIn("run"), names);
}

TEST_F(ResumeCliTest, MoreSteps) {
  Results(TrainFlags(30) + Arguments{"--out-dir", "run"});
  const Outcome outcome =
      Run({"--resume", "run", "--num-steps", "40", "--num-samples", "0"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_NE(outcome.err.find("40 steps instead of 30"), std::string::npos)
      << outcome.err;
  EXPECT_NE(outcome.out.find("step   31 /   40 "), std::string::npos);
  EXPECT_EQ(Info("run", "step"), "40 of 40");
  // The next resume knows the longer schedule.
  EXPECT_EQ(DigestOf(Results({"--resume", "run"})), Info("run", "digest"));
}

TEST_F(ResumeCliTest, IntoAnotherFolder) {
  Results(TrainFlags(30) + Arguments{"--out-dir", "run"});
  Results({"--resume", "run", "--num-steps", "35", "--out-dir", "other"});
  EXPECT_EQ(Info("run", "step"), "30 of 30");
  EXPECT_EQ(Info("other/generation-000001", "step"), "30 of 35");
  EXPECT_EQ(Info("other", "step"), "35 of 35");
}

TEST_F(ResumeCliTest, FromInsideTheFolders) {
  Results(TrainFlags(6) + Arguments{"--out-dir", "run"});
  int steps = 6;
  for (const auto& [folder, path] : {std::pair{"run", "."},
                                     {"run", "./"},
                                     {"run", "../run"},
                                     {"run", "generation-000002"},
                                     {"run/generation-000002", "."},
                                     {"run/generation-000002", ".."}}) {
    Invocation invocation = Prepare(
        {"--resume", path, "--num-steps", std::to_string(++steps), "--quiet"});
    invocation.folder = PathOf(folder);
    // The generation in use must not be removed under our feet.
    std::filesystem::copy(PathOf("run"), PathOf("copy"),
                          std::filesystem::copy_options::recursive);
    const Outcome outcome = RunProgram(invocation);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_EQ(Info("run", "step"),
              std::to_string(steps) + " of " + std::to_string(steps));
    std::filesystem::remove_all(PathOf("run"));
    std::filesystem::rename(PathOf("copy"), PathOf("run"));
  }
}

TEST_F(ResumeCliTest, ACopiedGenerationNeedsAFolderToSaveInto) {
  Results(TrainFlags(6) + Arguments{"--out-dir", "run"});
  std::filesystem::rename(PathOf("run/generation-000002"), PathOf("kept"));
  EXPECT_TRUE(IsError(Run({"--resume", "kept"}), 2, {"--out-dir", "kept"}));
  Results({"--resume", "kept", "--out-dir", "new"});
  EXPECT_EQ(Info("new", "step"), "6 of 6");
}

TEST_F(ResumeCliTest, MetricsGoOn) {
  Results(TrainFlags(20) + Arguments{"--metrics", "whole"});
  Results(TrainFlags(20) +
          Arguments{"--metrics", "m", "--out-dir", "run", "--save-every", "7"});
  // As a killed run leaves it: more steps than saved, half a line.
  const std::string logged = Read("m");
  Write("m", logged.substr(0, logged.size() - 10));
  Results({"--resume", "run/generation-000003", "--metrics", "m"});
  const auto losses = [&](const std::string& name) {
    std::string text;
    for (const std::string& line : Lines(Read(name))) {
      text += line.substr(0, line.find(",\"lr\"")) + "\n";
    }
    return text.substr(text.find('\n'));
  };
  EXPECT_EQ(Lines(Read("m")).size(), 21u);
  EXPECT_EQ(losses("m"), losses("whole"));
  EXPECT_TRUE(Read("m").starts_with(logged.substr(0, logged.find('\n'))));
}

TEST_F(ResumeCliTest, MetricsOfSomethingElseAreReplaced) {
  Results(TrainFlags(6) + Arguments{"--out-dir", "run", "--save-every", "4"});
  Write("m", "not of this program\n");
  Results({"--resume", "run/generation-000002", "--metrics", "m"});
  EXPECT_EQ(Lines(Read("m")).size(), 3u);
  EXPECT_TRUE(Read("m").starts_with("{\"version\""));
}

TEST_F(ResumeCliTest, TheInputIsFoundFromElsewhere) {
  const std::string results =
      Results(TrainFlags(6) + Arguments{"--out-dir", "run"});
  std::filesystem::create_directory(PathOf("elsewhere"));
  Invocation invocation = Prepare({"--resume", "../run", "--quiet"});
  invocation.folder = PathOf("elsewhere");
  const Outcome outcome = RunProgram(invocation);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(DigestOf(outcome.out), DigestOf(results));
}

TEST_F(ResumeCliTest, AMovedInputIsGiven) {
  const std::string results =
      Results(TrainFlags(6) + Arguments{"--out-dir", "run"});
  std::filesystem::rename(PathOf("corpus"), PathOf("moved"));
  EXPECT_TRUE(IsError(Run({"--resume", "run"}), 3, {"corpus"}));
  EXPECT_EQ(Results({"--resume", "run", "-i", "moved", "--num-samples", "3"}),
            From(results, 7));
}

// input.txt appears after a run on the built-in names began.
TEST_F(ResumeCliTest, BuiltInNamesStayThem) {
  const Arguments flags = {"--num-steps", "6", "--quiet"};
  const std::string results = Results(flags + Arguments{"--out-dir", "run"});
  Write("input.txt", "other\n");
  EXPECT_EQ(Results({"--resume", "run", "--quiet"}), results);
  EXPECT_EQ(Info("run", "input"), "built-in names");
}

TEST_F(ResumeCliTest, ChangedData) {
  Results(TrainFlags(6) + Arguments{"--out-dir", "run"});
  const Arguments resume = {"--resume", "run", "--num-steps", "9"};
  Write("corpus", "anna\nbob\ncleo\ndora\nemil\nfay\nlea\n");
  EXPECT_TRUE(IsError(Run(resume), 3, {"run", "--allow-changed-data"}));
  Results(resume + Arguments{"--allow-changed-data"});
  EXPECT_EQ(Info("run", "step"), "9 of 9");
  Write("corpus",
        "anna\nb\xC3\xB6"
        "b\n");
  EXPECT_TRUE(IsError(Run({"--resume", "run", "--allow-changed-data"}), 3,
                      {"corpus", "line 2", "U+00F6", "ö"}));
}

TEST_F(ResumeCliTest, FlagsThatContradictAreRefusedWithBothValues) {
  Results(TrainFlags(6) + Arguments{"--out-dir", "run"});
  const std::vector<std::array<std::string, 3>> cases = {
      {"--n-embd", "32", "16"},
      {"--n-layer", "2", "1"},
      {"--block-size", "16", "8"},
      {"--n-head", "2", "4"},
      {"--activation", "relu", "relu2"},
      {"--num-steps", "5", "6"},
      {"--batch-size", "4", "5"},
      {"--learning-rate", "0.02", "0.01"},
      {"--beta1", "0.8", "0.9"},
      {"--beta2", "0.9", "0.95"},
      {"--adam-eps", "1e-7", "1e-08"},
      {"--init-std", "0.01", "0.02"},
      {"--grad-accum", "2", "1"},
      {"--weight-decay", "0.1", "0"},
      {"--grad-clip", "1", "0"},
      {"--lr-schedule", "cosine", "linear"},
      {"--warmup-steps", "5", "0"},
      {"--min-lr", "0.001", "0"},
      {"--doc-mode", "text", "lines"},
      {"--long-docs", "chunk", "truncate"},
      {"--val-split", "0.5", "0"},
      {"--eval-every", "3", "0"},
      {"--seed", "43", "42"}};
  for (const auto& [flag, value, saved] : cases) {
    EXPECT_TRUE(IsError(Run({"--resume", "run", flag, value}), 3,
                        {flag + ":", "but " + saved + " in"}))
        << flag;
    EXPECT_EQ(Run({"--resume", "run", flag, saved, "--quiet"}).exit_code, 0)
        << flag;
  }
  EXPECT_TRUE(IsError(Run({"--resume", "run", "--no-shuffle"}), 3,
                      {"--no-shuffle", "false", "true"}));
  EXPECT_EQ(Info("run", "step"), "6 of 6");
}

// They are compared with the run, not with the defaults of other flags.
TEST_F(ResumeCliTest, FlagsOfTheRunMayBeRepeated) {
  const Arguments rates = {"--learning-rate", "0.1", "--min-lr", "0.05",
                           "--n-embd",        "20",  "--n-head", "5"};
  Results(TrainFlags(6) + rates + Arguments{"--out-dir", "run"});
  for (std::size_t i = 0; i < rates.size(); i += 2) {
    EXPECT_EQ(
        Run({"--resume", "run", rates[i], rates[i + 1], "--quiet"}).exit_code,
        0)
        << rates[i];
  }
  EXPECT_TRUE(IsError(Run({"--resume", "run", "--learning-rate", "-1"}), 3,
                      {"--learning-rate:", "-1", "but 0.1 in"}));
}

TEST_F(ResumeCliTest, MoreStepsOfOtherSchedules) {
  const std::vector<std::pair<Arguments, std::string>> cases = {
      {{"--lr-schedule", "cosine"}, "falls to zero over 9 steps instead of 6"},
      {{"--lr-schedule", "cosine", "--min-lr", "0.001"},
       "falls to 0.001 over 9 steps instead of 6"},
      {{"--min-lr", "0.01"}, "falls to 0.01 over 9 steps instead of 6"},
      {{"--lr-schedule", "constant"}, "stays over 9 steps instead of 6"}};
  for (const auto& [flags, note] : cases) {
    Results(TrainFlags(6) + flags + Arguments{"--out-dir", "run"});
    const Outcome outcome =
        Run({"--resume", "run", "--num-steps", "9", "--num-samples", "0"});
    EXPECT_EQ(outcome.exit_code, 0);
    EXPECT_NE(outcome.err.find("learning rate now " + note), std::string::npos)
        << outcome.err;
    std::filesystem::remove_all(PathOf("run"));
  }
}

TEST_F(ResumeCliTest, DamageIsNamedAndThePreviousGenerationOffered) {
  const std::string results = Results(
      TrainFlags(6) + Arguments{"--out-dir", "run", "--save-every", "4"});
  const std::string file = "run/generation-000003/optimizer.safetensors";
  std::string bytes = Read(file);
  bytes[bytes.size() / 2] ^= 1;
  Write(file, bytes);
  EXPECT_TRUE(IsError(Run({"--resume", "run"}), 3,
                      {file, "checksum", "run/generation-000002 is intact"}));
  // The next generation counts on from the damaged one.
  EXPECT_EQ(
      Results({"--resume", "run/generation-000002", "--num-samples", "3"}),
      From(results, 5));
  EXPECT_EQ(Info("run", "digest"), DigestOf(results));
  EXPECT_EQ(NamesIn("run"),
            (std::vector<std::string>{"config.toml", "generation-000002",
                                      "generation-000003", "generation-000004",
                                      "lock"}));
}

}  // namespace
}  // namespace microgpt
