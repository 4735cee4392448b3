// Flags that exclude or need each other, from several sources.
#include <cstdint>

#include "tests/cli/settings_fixture.h"

namespace microgpt {
namespace {

class YieldingTest : public SettingsTest {
 protected:
  YieldingTest() {
    std::string ids;
    for (int i = 0; i < 60; ++i) ids += {static_cast<char>(i % 7), '\0'};
    Write("ids", ids);
  }
  void WriteConfig(const std::string& text) const {
    Write("run.toml", "num_steps = 3\nnum_samples = 0\n" + text);
  }
  std::string WithFile(const Arguments& arguments) const {
    return Digest(Arguments{"--config", "run.toml"} + arguments);
  }
  static Arguments Short() {
    return {"--num-steps", "3", "--num-samples", "0"};
  }
};

TEST_F(YieldingTest, TextAndTokens) {
  const Arguments tokens = {"--tokens", "ids", "--vocab-size", "7"};
  const Arguments input = {"--input", "corpus"};
  WriteConfig(
      "input = \"corpus\"\ndoc_mode = \"text\"\nlong_docs = \"chunk\"\n");
  EXPECT_EQ(WithFile(tokens), Digest(Short() + tokens));
  WriteConfig("tokens = \"ids\"\nvocab_size = 7\n");
  EXPECT_EQ(WithFile({}), Digest(Short() + tokens));
  EXPECT_EQ(WithFile(input), Digest(Short() + input));
  EXPECT_EQ(Digest({"--config", "run.toml"}, {{"MICROGPT_INPUT", "corpus"}}),
            Digest(Short() + input));
  WriteConfig("input = \"corpus\"\ntokens = \"ids\"\nvocab_size = 7\n");
  EXPECT_TRUE(IsError(Run({"--config", "run.toml"}), 2,
                      {"--input", "--tokens", "is from run.toml"}));
}

TEST_F(YieldingTest, TwoValidations) {
  WriteConfig("input = \"corpus\"\nval_split = 0.5\n");
  const Arguments other = {"--val-input", "corpus"};
  EXPECT_EQ(WithFile(other),
            Digest(Short() + Arguments{"--input", "corpus"} + other));
  WriteConfig("input = \"corpus\"\nval_split = 0.5\nval_input = \"corpus\"\n");
  EXPECT_TRUE(IsError(Run({"--config", "run.toml"}), 2,
                      {"--val-split", "--val-input"}));
}

TEST_F(YieldingTest, ValuesThatLeaveOthersWithoutMeaning) {
  WriteConfig("input = \"corpus\"\nmin_lr = 0.001\nlong_docs = \"chunk\"\n");
  const Arguments constant = {"--lr-schedule", "constant", "--doc-mode",
                              "text"};
  EXPECT_EQ(WithFile(constant),
            Digest(Short() + Arguments{"--input", "corpus"} + constant));
  WriteConfig("lr_schedule = \"constant\"\n");
  EXPECT_TRUE(IsError(Run({"--config", "run.toml", "--min-lr", "0.1"}), 2,
                      {"--min-lr", "--lr-schedule is from run.toml"}));
}

TEST_F(YieldingTest, WhatNeedsAnotherFlagIsVoidWithoutIt) {
  WriteConfig("save_every = 2\nallow_changed_data = true\nlabel = \"x\"\n");
  EXPECT_EQ(WithFile({}), Digest(Short()));
  EXPECT_TRUE(IsError(Run({"--save-every", "2"}), 2, {"--save-every"}));
  EXPECT_TRUE(IsError(Run({"bench", "--config", "run.toml", "--input", "none"}),
                      3, {"none"}));
}

TEST_F(YieldingTest, Resume) {
  Results(TrainFlags(6) + Arguments{"--out-dir", "run"});
  Write("fits.toml", "num_steps = 6\nbatch_size = 5\nseed = 42\n");
  Output({"--resume", "run", "--config", "fits.toml", "--quiet"});
  Write("run.toml", "batch_size = 4\n");
  EXPECT_TRUE(IsError(Run({"--resume", "run", "--config", "run.toml"}), 3,
                      {"--batch-size", "is 4, but 5", "from run.toml"}));
  EXPECT_TRUE(IsError(RunIn({{"MICROGPT_SEED", "1"}}, {"--resume", "run"}), 3,
                      {"--seed", "is 1, but 42", "from MICROGPT_SEED"}));
  // Both name weights, or a configuration.
  const Variables preset = {{"MICROGPT_PRESET", "nano"},
                            {"MICROGPT_INIT_FROM", "missing"}};
  EXPECT_EQ(RunIn(preset, {"--resume", "run", "--quiet"}).exit_code, 0);
  EXPECT_TRUE(IsError(Run({"--resume", "run", "--preset", "nano"}), 2,
                      {"--preset", "--resume"}));
  Write("both.toml", "resume = \"run\"\npreset = \"nano\"\n");
  EXPECT_TRUE(IsError(Run({"--config", "both.toml"}), 2,
                      {"--preset", "is from both.toml"}));
}

TEST_F(YieldingTest, ACheckpointSaysWhatAFileWouldSay) {
  Results(TrainFlags(3) + Arguments{"--out-dir", "run"});
  Write("run.toml", "n_embd = 32\npreset = \"nano\"\nseed = 1\n");
  const std::string info = Output({"info", "--checkpoint", "run"});
  EXPECT_EQ(Output({"info", "--checkpoint", "run", "--config", "run.toml"}),
            info);
  EXPECT_EQ(RunIn({{"MICROGPT_CHECKPOINT", "run"}, {"MICROGPT_N_EMBD", "8"}},
                  {"info"})
                .out,
            info);
  EXPECT_TRUE(IsError(Run({"info", "--checkpoint", "run", "--n-embd", "32"}), 2,
                      {"--n-embd"}));
}

TEST_F(YieldingTest, SweepHasModelsOfItsOwn) {
  Write("run.toml", "n_embd = 32\ndoc_mode = \"lines\"\ninput = \"missing\"\n");
  // Goes as far as the input, which is looked for before anything is measured.
  EXPECT_TRUE(
      IsError(Run({"bench", "--preset", "sweep", "--config", "run.toml"}), 3,
              {"missing"}));
  EXPECT_TRUE(IsError(Run({"bench", "--preset", "sweep", "--n-embd", "32"}), 2,
                      {"--n-embd"}));
}

TEST_F(YieldingTest, BuiltInNamesByName) {
  const std::string digest = Digest(Short());
  Write("input.txt", "zz\nyy\n");
  EXPECT_NE(Digest(Short()), digest);
  EXPECT_EQ(Digest(Short() + Arguments{"--input", "built-in"}), digest);
  Write("built-in", "zz\nyy\n");
  EXPECT_EQ(Digest(Short() + Arguments{"--input", "built-in"}), digest);
  EXPECT_EQ(Digest(Short() + Arguments{"--input", "./built-in"}),
            Digest(Short()));
  Output(Short() +
         Arguments{"--input", "built-in", "--quiet", "--out-dir", "run"});
  EXPECT_NE(Output({"eval", "--checkpoint", "run", "--input", "built-in"})
                .find("num docs: 12003"),
            std::string::npos);
}

}  // namespace
}  // namespace microgpt
