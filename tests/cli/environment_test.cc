// Variables of the environment, and which of several sources is taken.
#include "tests/cli/settings_fixture.h"

namespace microgpt {
namespace {

using EnvironmentTest = SettingsTest;

TEST_F(EnvironmentTest, SetsFlags) {
  EXPECT_EQ(Model({{"MICROGPT_N_EMBD", "32"}, {"MICROGPT_N_LAYER", "2"}}, {}),
            Parameters(32, 2));
  EXPECT_EQ(Digest(TrainFlags(3), {{"MICROGPT_LEARNING_RATE", "1e-3"},
                                   {"MICROGPT_ACTIVATION", "relu"}}),
            Digest(TrainFlags(3) + Arguments{"--learning-rate", "1e-3",
                                             "--activation", "relu"}));
}

TEST_F(EnvironmentTest, NamesAFile) {
  Write("run.toml", "n_embd = 32\n");
  EXPECT_EQ(Model({{"MICROGPT_CONFIG", "run.toml"}}, {}), Parameters(32, 1));
  EXPECT_TRUE(IsError(RunIn({{"MICROGPT_CONFIG", "missing"}}, {"info"}), 3,
                      {"missing"}));
  Write("other.toml", "n_embd = 64\n");
  EXPECT_EQ(
      Model({{"MICROGPT_CONFIG", "run.toml"}}, {"--config", "other.toml"}),
      Parameters(64, 1));
}

TEST_F(EnvironmentTest, NothingIsNothing) {
  EXPECT_EQ(Model({{"MICROGPT_N_EMBD", ""}, {"MICROGPT_CONFIG", ""}}, {}),
            Parameters(16, 1));
}

TEST_F(EnvironmentTest, Switches) {
  const std::string shuffled = Digest(TrainFlags(3));
  const std::string in_order =
      Digest(TrainFlags(3) + Arguments{"--no-shuffle"});
  ASSERT_NE(shuffled, in_order);
  for (const char* yes : {"1", "true"}) {
    EXPECT_EQ(Digest(TrainFlags(3), {{"MICROGPT_NO_SHUFFLE", yes}}), in_order);
  }
  for (const char* no : {"0", "false", ""}) {
    EXPECT_EQ(Digest(TrainFlags(3), {{"MICROGPT_NO_SHUFFLE", no}}), shuffled);
  }
  Write("run.toml", "no_shuffle = true\n");
  EXPECT_EQ(Digest(TrainFlags(3) + Arguments{"--config", "run.toml"},
                   {{"MICROGPT_NO_SHUFFLE", "0"}}),
            shuffled);
}

struct BadVariable {
  Variables variables;
  std::vector<std::string> words;
};

TEST_F(EnvironmentTest, OneLineNamesTheVariable) {
  const std::vector<BadVariable> cases = {
      {{{"MICROGPT_N_EMBD", "x"}}, {"MICROGPT_N_EMBD: 'x'", "from 1 to"}},
      {{{"MICROGPT_N_EMBD", "10"}}, {"--n-embd 10", "from MICROGPT_N_EMBD"}},
      {{{"MICROGPT_ACTIVATION", "rely"}},
       {"MICROGPT_ACTIVATION: 'rely'", "mean relu?"}},
      {{{"MICROGPT_QUIET", "yes"}}, {"MICROGPT_QUIET: 'yes'", "1 or 0"}},
      {{{"MICROGPT_NO_SHUFFLE", "2"}}, {"MICROGPT_NO_SHUFFLE: '2'"}},
      {{{"MICROGPT_BETA1", "2"}}, {"--beta1: 2", "from MICROGPT_BETA1"}},
      {{{"MICROGPT_TEMPERATURE", "-1"}}, {"from MICROGPT_TEMPERATURE"}},
      {{{"MICROGPT_SIMD", "mmx"}}, {"'mmx'", "from MICROGPT_SIMD"}},
      {{{"MICROGPT_PRESET", "sweep"}}, {"MICROGPT_PRESET: 'sweep'", "nano"}},
      {{{"MICROGPT_TOKENS", "t"}, {"MICROGPT_INPUT", "i"}},
       {"--input is from MICROGPT_INPUT", "--tokens is from MICROGPT_TOKENS"}}};
  for (const BadVariable& bad : cases) {
    EXPECT_TRUE(
        IsError(RunIn(bad.variables, {"--num-steps", "1"}), 2, bad.words));
  }
  EXPECT_TRUE(
      IsError(RunIn({{"MICROGPT_INPUT", "missing"}}, {}), 3, {"missing"}));
}

TEST_F(EnvironmentTest, ASlipIsWarnedAbout) {
  const Outcome outcome = RunIn({{"MICROGPT_N_EMBED", "32"}}, {"info"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.err,
            "microgpt: warning: the environment variable MICROGPT_N_EMBED has "
            "no meaning; did you mean MICROGPT_N_EMBD?\n");
  EXPECT_NE(RunIn({{"MICROGPT_n_embd", "32"}}, {"info"}).err, "");
}

TEST_F(EnvironmentTest, OtherNamesAreIgnored) {
  const Outcome outcome = RunIn({{"MICROGPT_BUILD_DIR", "x"},
                                 {"MICROGPT_NAMES_URL", "x"},
                                 {"MICROGPT_VERSION", "1"},
                                 {"MICROGPT_HELP", "1"},
                                 {"MICROGPT_FIXTURES", "x"},
                                 {"MICROGPT_HOME", "x"},
                                 {"MICROGPT_", "x"},
                                 {"MICROGPT", "x"},
                                 {"microgpt_n_embd", "x"}},
                                {"info"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.err, "");
  // Of another command.
  EXPECT_EQ(RunIn({{"MICROGPT_TEMPERATURE", "x"}}, {"info"}).exit_code, 0);
}

TEST_F(EnvironmentTest, TheNearerSourceIsTaken) {
  Write("run.toml", "n_embd = 32\nn_layer = 0\npreset = \"nano\"\n");
  const Arguments file = {"--config", "run.toml", "--block-size", "8"};
  // Preset: n_embd 128, n_layer 4.
  EXPECT_EQ(Model({}, {"--preset", "nano", "--block-size", "8"}),
            Parameters(128, 4));
  EXPECT_EQ(Model({}, file), Parameters(32, 0));
  EXPECT_EQ(Model({{"MICROGPT_N_EMBD", "64"}}, file), Parameters(64, 0));
  EXPECT_EQ(
      Model({{"MICROGPT_N_EMBD", "64"}}, file + Arguments{"--n-embd", "8"}),
      Parameters(8, 0));
  // What is not taken need not make sense.
  EXPECT_EQ(
      Model({{"MICROGPT_N_EMBD", "x"}}, file + Arguments{"--n-embd", "8"}),
      Parameters(8, 0));
  EXPECT_EQ(Model({{"MICROGPT_PRESET", "microgpt-py"},
                   {"MICROGPT_N_LAYER", "2"},
                   {"MICROGPT_N_EMBD", "16"}},
                  file),
            Parameters(16, 2));
}

}  // namespace
}  // namespace microgpt
