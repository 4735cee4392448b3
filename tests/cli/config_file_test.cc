// --config: files that are read, and files that are refused.
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "tests/cli/settings_fixture.h"

namespace microgpt {
namespace {

class ConfigFileTest : public SettingsTest {
 protected:
  std::string ModelOf(const std::string& file) const {
    Write("run.toml", file);
    return Model({}, {"--config", "run.toml"});
  }
};

TEST_F(ConfigFileTest, SetsFlags) {
  EXPECT_EQ(ModelOf("n_embd = 32\nn_layer = 2\n"), Parameters(32, 2));
  EXPECT_EQ(ModelOf("n-embd = 32"), Parameters(32, 1));
  EXPECT_EQ(ModelOf("\xEF\xBB\xBFn_embd = 3_2\r\nn_layer = 0\r\n"),
            Parameters(32, 0));
  EXPECT_EQ(ModelOf(""), Parameters(16, 1));
}

TEST_F(ConfigFileTest, TextsNumbersAndSwitches) {
  Write("run.toml",
        "input = \"corpus\"\nbatch_size = 5\nnum_steps = 6\nnum_samples = 2\n"
        "learning_rate = 1e-3\nbeta2 = 0.99\nactivation = 'relu'\n"
        "no_shuffle = true\nprompt = \"a\"\nquiet = true\ntemperature = 1\n");
  const Arguments typed = {"--input",
                           "corpus",
                           "--batch-size",
                           "5",
                           "--num-steps",
                           "6",
                           "--num-samples",
                           "2",
                           "--learning-rate",
                           "0.001",
                           "--beta2",
                           "0.99",
                           "--activation",
                           "relu",
                           "--no-shuffle",
                           "--prompt",
                           "a",
                           "--quiet",
                           "--temperature",
                           "1"};
  EXPECT_EQ(Output({"--config", "run.toml"}), Output(typed));
}

TEST_F(ConfigFileTest, FalseIsAsIfASwitchWereNotGiven) {
  Write("run.toml", "no_shuffle = false\nquiet = false\n");
  EXPECT_EQ(Results(TrainFlags(3) + Arguments{"--config", "run.toml"}),
            Results(TrainFlags(3)));
}

TEST_F(ConfigFileTest, KeysOfOtherCommandsAreIgnored) {
  Write("run.toml",
        "n_embd = 32\nnum_samples = 3\nrepetitions = 2\ntop_k = 5\n"
        "checkpoint = \"nowhere\"\nquiet = true\nlog_every = 5\n");
  EXPECT_EQ(Run({"--config", "run.toml", "--num-steps", "1"}).exit_code, 0);
  Results(TrainFlags(3) + Arguments{"--out-dir", "run"});
  EXPECT_EQ(SamplesOf(Output({"sample", "--checkpoint", "run", "--config",
                              "run.toml"}))
                .size(),
            3u);
  Output({"eval", "--checkpoint", "run", "--input", "corpus", "--config",
          "run.toml"});
  Output({"info", "--checkpoint", "run", "--config", "run.toml"});
}

// The input is looked for when everything else is understood.
TEST_F(ConfigFileTest, AListIsAString) {
  const Arguments bench = {"bench", "--config", "run.toml", "--input", "none"};
  Write("run.toml", "threads = \"1,2\"\n");
  EXPECT_TRUE(IsError(Run(bench), 3, {"none"}));
  EXPECT_TRUE(IsError(Run({"--config", "run.toml"}), 2,
                      {"run.toml: threads", "'1,2'", "whole number"}));
  Write("run.toml", "threads = 1\n");
  EXPECT_TRUE(IsError(Run(bench), 3, {"none"}));
  Write("run.toml", "threads = \"1,,2\"\n");
  EXPECT_TRUE(IsError(Run(bench), 2, {"run.toml: threads", "''"}));
  Write("run.toml", "threads = 1.5\n");
  EXPECT_TRUE(IsError(Run(bench), 2, {"run.toml: threads", "in quotes"}));
}

struct BadFile {
  const char* content;
  std::vector<std::string> words;
};

TEST_F(ConfigFileTest, OneLineNamesFileKeyAndReason) {
  const std::vector<BadFile> cases = {
      {"n_embed = 16", {"line 1", "unknown key 'n_embed'", "mean n_embd?"}},
      {"\nfrobnicate = 16", {"line 2", "unknown key 'frobnicate'"}},
      {"config = \"a\"", {"config is for the command line"}},
      {"help = true", {"help is for the command line"}},
      {"version = true", {"version is for the command line"}},
      {"t = 2", {"unknown key 't'"}},
      {"N_EMBD = 2", {"unknown key 'N_EMBD'"}},
      {"n_embd = 0", {"run.toml: n_embd: '0'", "from 1 to 1048576"}},
      {"n_embd = 1.5", {"run.toml: n_embd", "a whole number"}},
      {"n_embd = \"32\"", {"run.toml: n_embd", "without quotes"}},
      {"n_embd = true", {"run.toml: n_embd", "a whole number"}},
      {"n_embd = 99999999999999999999", {"run.toml: n_embd"}},
      {"learning_rate = \"1e-3\"", {"run.toml: learning_rate", "a number"}},
      {"learning_rate = nan", {"run.toml: learning_rate", "'nan'"}},
      {"learning_rate = -1", {"--learning-rate: -1", "is from run.toml"}},
      {"activation = 5", {"run.toml: activation", "in quotes"}},
      {"activation = \"rely\"", {"run.toml: activation", "mean relu?"}},
      {"input = \"\"", {"run.toml: input", "empty"}},
      {"input = \"corpus\\u0000\"", {"line 1", "escapes"}},
      {"quiet = 1", {"run.toml: quiet", "true or false"}},
      {"quiet = \"true\"", {"run.toml: quiet", "true or false"}},
      {"preset = \"nanno\"", {"run.toml: preset", "mean nano?"}},
      {"seed = -1", {"run.toml: seed", "'-1'"}},
      {"threads = [1, 2]", {"line 1", "array"}},
      {"[model]\nn_embd = 2", {"line 1", "tables"}},
      {"n_embd = 10", {"--n-embd 10", "--n-embd is from run.toml"}},
      {"lr_schedule = \"constant\"\nmin_lr = 0.001",
       {"--min-lr", "--lr-schedule", "run.toml"}},
      {"eval_every = 5", {"--eval-every needs", "is from run.toml"}},
      {"n_embd 16", {"line 1", "'='"}},
      {"\xFF\xFE", {"line 1", "UTF-8"}}};
  for (const BadFile& bad : cases) {
    Write("run.toml", bad.content);
    EXPECT_TRUE(IsError(Run({"--config", "run.toml"}), 2, {"run.toml"}))
        << bad.content;
    EXPECT_TRUE(IsError(Run({"--config", "run.toml"}), 2, bad.words))
        << bad.content;
  }
}

TEST_F(ConfigFileTest, WhatCannotBeReadExits3) {
  std::filesystem::create_directory(PathOf("folder"));
  ASSERT_EQ(::mkfifo(PathOf("fifo").c_str(), 0600), 0);
  std::filesystem::create_symlink("nowhere", PathOf("link"));
  Write("huge", std::string((1 << 20) + 1, '#'));
  for (const char* path : {"missing", "folder", "fifo", "link", "huge",
                           "/dev/zero", "corpus/in/a/file"}) {
    EXPECT_TRUE(IsError(Run({"--config", path}), 3, {"--config", path}))
        << path;
  }
  if (::geteuid() != 0) {
    Write("secret", "");
    ::chmod(PathOf("secret").c_str(), 0);
    EXPECT_TRUE(IsError(Run({"--config", "secret"}), 3, {"secret"}));
  }
}

TEST_F(ConfigFileTest, TheFlagItself) {
  EXPECT_TRUE(IsError(Run({"--config"}), 2, {"--config"}));
  EXPECT_TRUE(IsError(Run({"--config", ""}), 2, {"--config", "empty"}));
  EXPECT_TRUE(
      IsError(Run({"--config", "a", "--config", "b"}), 2, {"--config"}));
  Write("large", "n_embd = 32\n" + std::string(1 << 19, '#'));
  EXPECT_EQ(Model({}, {"--config", "large"}), Parameters(32, 1));
}

// --help needs no file.
TEST_F(ConfigFileTest, HelpDoesNotReadIt) {
  EXPECT_EQ(Output({"--config", "missing", "--help"}), Output({"--help"}));
}

}  // namespace
}  // namespace microgpt
