// sample, eval and info on a saved run.
#include <cmath>

#include "tests/cli/checkpoint_fixture.h"

namespace microgpt {
namespace {

class CheckpointCommandsTest : public CheckpointCliTest {
 protected:
  CheckpointCommandsTest() {
    trained_ = Results(TrainFlags(30) + Arguments{"--out-dir", "run"});
  }
  std::string Eval(const Arguments& more) const {
    return Output(Arguments{"eval", "--checkpoint", "run"} + more);
  }
  static double Value(const std::string& output, const std::string& name) {
    for (const std::string& line : Lines(output)) {
      if (line.starts_with(name + ": ")) {
        return std::stod(line.substr(name.size() + 2));
      }
    }
    ADD_FAILURE() << "no line " << name << " in " << output;
    return 0;
  }

  std::string trained_;
};

TEST_F(CheckpointCommandsTest, SamplesAreThoseOfTheTraining) {
  const std::vector<std::string> trained = SamplesOf(trained_);
  ASSERT_EQ(trained.size(), 3u);
  for (const char* threads : {"1", "2", "3", "8"}) {
    const std::string output = Output(
        {"sample", "--checkpoint", "run", "--num-samples", "3", "-t", threads});
    EXPECT_EQ(SamplesOf(output), trained);
    EXPECT_EQ(Lines(output).size(), 3u);
  }
}

TEST_F(CheckpointCommandsTest, SampleFlags) {
  const auto sample = [&](const Arguments& more) {
    return SamplesOf(Output(Arguments{"sample", "--checkpoint", "run"} + more));
  };
  EXPECT_EQ(sample({}).size(), 20u);
  EXPECT_EQ(sample({"--seed", "42"}), sample({}));
  EXPECT_NE(sample({"--seed", "43"}), sample({}));
  EXPECT_NE(sample({"--temperature", "5"}), sample({}));
  const std::vector<std::string> greedy =
      sample({"--temperature", "0", "--num-samples", "2"});
  EXPECT_EQ(greedy[0], greedy[1]);
  EXPECT_EQ(sample({"--top-k", "1", "--num-samples", "2"}), greedy);
  for (const std::string& text : sample({"--prompt", "da"})) {
    EXPECT_TRUE(text.starts_with("da")) << text;
  }
  EXPECT_TRUE(sample({"--num-samples", "0"}).empty());
  EXPECT_TRUE(IsError(Run({"sample", "--checkpoint", "run", "--prompt", "x"}),
                      3, {"--prompt", "U+0078"}));
  EXPECT_TRUE(
      IsError(Run({"sample", "--checkpoint", "run", "--prompt", "annaannaa"}),
              3, {"--prompt", "9 characters"}));
}

// All documents in one batch: the loss of the next step is the loss of eval.
TEST_F(CheckpointCommandsTest, EvalIsTheLossOfTraining) {
  Results({"--input", "corpus", "--batch-size", "6", "--num-steps", "8",
           "--out-dir", "all", "--no-shuffle"});
  const std::string output =
      Output({"eval", "--checkpoint", "all", "--input", "corpus"});
  Results({"--resume", "all", "--num-steps", "9", "--metrics", "m"});
  const std::string metrics = Lines(Read("m")).back();
  const std::string key = "\"loss\":";
  const double loss = std::stod(metrics.substr(metrics.find(key) + key.size()));
  char expected[64];
  std::snprintf(expected, sizeof(expected), "loss: %.6f\n", loss);
  EXPECT_TRUE(output.starts_with(expected)) << output << metrics;
}

TEST_F(CheckpointCommandsTest, EvalNumbersBelongTogether) {
  const std::string output = Eval({"--input", "corpus"});
  const double loss = Value(output, "loss");
  EXPECT_EQ(Value(output, "tokens"), 28);
  EXPECT_EQ(Value(output, "characters"), 22);
  EXPECT_EQ(Value(output, "num docs"), 6);
  EXPECT_NEAR(Value(output, "perplexity"), std::exp(loss), 1e-4);
  EXPECT_NEAR(Value(output, "bits per character"),
              loss * 28 / 22 / std::log(2.0), 1e-5);
  EXPECT_EQ(Lines(output).size(), 6u);
}

TEST_F(CheckpointCommandsTest, EvalIsTheSameForThreads) {
  std::string text;
  for (int i = 0; i < 2000; ++i) text += "dora\nanna\nbo\n";
  Write("long", text);
  const std::string output = Eval({"--input", "long", "-t", "1"});
  for (const char* threads : {"2", "3", "8"}) {
    const Outcome outcome =
        Run({"eval", "--checkpoint", "run", "--input", "long", "-t", threads});
    EXPECT_EQ(outcome.out, output) << threads;
  }
}

TEST_F(CheckpointCommandsTest, EvalOfTextsThatCannotBeUsed) {
  Write("foreign", "anna\nr\xC3\xA9mi\n");
  Write("empty", "\n\n");
  Write("broken", "a\n\xFF\n");
  const auto eval = [&](const std::string& input) {
    return Run({"eval", "--checkpoint", "run", "--input", input});
  };
  EXPECT_TRUE(IsError(eval("foreign"), 3, {"foreign", "line 2", "U+00E9"}));
  EXPECT_TRUE(IsError(eval("empty"), 3, {"empty"}));
  EXPECT_TRUE(IsError(eval("broken"), 3, {"broken", "line 2"}));
  EXPECT_TRUE(IsError(eval("missing"), 3, {"missing"}));
  EXPECT_TRUE(IsError(eval("."), 3, {"directory"}));
}

TEST_F(CheckpointCommandsTest, FoldersThatAreNoCheckpoint) {
  Write("file", "x");
  std::filesystem::create_directory(PathOf("empty"));
  for (const char* command : {"sample", "eval", "info"}) {
    for (const char* path : {"missing", "file", "empty", "/dev/null", "/"}) {
      Arguments arguments = {command, "--checkpoint", path};
      if (std::string(command) == "eval") {
        arguments = arguments + Arguments{"--input", "corpus"};
      }
      EXPECT_TRUE(IsError(Run(arguments), 3, {path})) << command;
    }
  }
}

TEST_F(CheckpointCommandsTest, InfoSaysWhatWasSaved) {
  const std::string output = Output({"info", "--checkpoint", "run"});
  for (const std::string line :
       {"step: 30 of 30", "num docs: 6", "num params:", "/corpus",
        "save every: 0", "n_embd: 16", "n_layer: 1", "block_size: 8",
        "n_head: 4", "activation: relu2", "batch_size: 5",
        "learning_rate: 0.01", "beta1: 0.9", "beta2: 0.95", "adam_eps: 1e-08",
        "init_std: 0.02", "seed: 42", "shuffle: true"}) {
    EXPECT_NE(output.find(line), std::string::npos) << line << "\n" << output;
  }
  EXPECT_EQ(DigestOf(output), DigestOf(trained_));
}

TEST_F(CheckpointCommandsTest, HelpOfEveryCommand) {
  for (const char* command : {"train", "sample", "eval", "info"}) {
    const std::string help = Output({command, "--help"});
    EXPECT_NE(help.find("Usage: microgpt "), std::string::npos);
    const bool trains = std::string(command) == "train";
    EXPECT_EQ(help.find("--resume") != std::string::npos, trains) << command;
    EXPECT_EQ(help.find("  --checkpoint DIR") != std::string::npos, !trains)
        << command;
  }
}

}  // namespace
}  // namespace microgpt
