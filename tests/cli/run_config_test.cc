// config.toml in the folder of a run: with it the run comes again.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "tests/cli/settings_fixture.h"

namespace microgpt {
namespace {

class RunConfigTest : public SettingsTest {
 protected:
  // A saved run and the same from its file, called in another folder with other
  // things around.
  void ComesAgain(const Arguments& arguments) const {
    const std::string digest =
        Digest(arguments + Arguments{"--out-dir", "run"});
    const std::filesystem::path elsewhere = PathOf("elsewhere");
    std::filesystem::create_directory(elsewhere);
    Write("elsewhere/input.txt", "other\ntext\n");
    Invocation again = Prepare({"--config", "../run/config.toml"});
    again.folder = elsewhere.string();
    const Outcome outcome = RunProgram(again);
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_EQ(DigestOf(outcome.out), digest);
    // And it contradicts nothing that the run says of itself.
    EXPECT_EQ(Digest({"--resume", "run", "--config", "run/config.toml"}),
              digest);
    std::filesystem::remove_all(PathOf("run"));
    std::filesystem::remove_all(elsewhere);
  }
};

TEST_F(RunConfigTest, EveryKindOfRunComesAgain) {
  std::string ids;
  for (int i = 0; i < 60; ++i) ids += {static_cast<char>(i % 7), '\0'};
  Write("ids", ids);
  Write("odd # \"name\", [1]\\.txt", "anna\nbob\n");
  const Arguments few = {"--num-steps", "4", "--num-samples", "1"};
  ComesAgain(few);
  ComesAgain(few + Arguments{"--input", "corpus", "--seed",
                             "18446744073709551615", "--no-shuffle"});
  ComesAgain(few + Arguments{"--input", "odd # \"name\", [1]\\.txt"});
  ComesAgain(few + Arguments{"--input", "corpus", "--doc-mode", "text",
                             "--block-size", "4"});
  ComesAgain(few + Arguments{"--input", "corpus", "--long-docs", "chunk",
                             "--block-size", "2", "--lr-schedule", "constant",
                             "--grad-accum", "3", "--adam-eps", "1e-9"});
  ComesAgain(few + Arguments{"--tokens", "ids", "--vocab-size", "7"});
  ComesAgain(few + Arguments{"--input", "corpus", "--val-split", "0.4",
                             "--eval-every", "2", "--early-stop-patience",
                             "1"});
  ComesAgain(few + Arguments{"--input", "corpus", "--val-input", "corpus"});
  ComesAgain(few + Arguments{"--input", "corpus", "--preset", "nano",
                             "--n-embd", "8", "--n-layer", "1"});
  ComesAgain(few + Arguments{"--preset", "microgpt-py", "--threads", "1",
                             "--prompt", "a", "--save-every", "2"});
}

TEST_F(RunConfigTest, InitialWeightsToo) {
  Results(TrainFlags(3) + Arguments{"--out-dir", "first"});
  const std::string model = "first/" + NewestIn("first") + "/model.safetensors";
  const std::string digest = Digest(
      TrainFlags(4) + Arguments{"--init-from", model, "--out-dir", "run"});
  EXPECT_EQ(Digest({"--config", "run/config.toml"}), digest);
  // --resume keeps what only the file knows.
  const std::string longer =
      Digest({"--resume", "run", "--num-steps", "6", "--top-k", "3"});
  const std::string config = Read("run/config.toml");
  const std::vector<std::string> lines = {
      "num_steps = 6\n", "num_samples = 3\n", "top_k = 3\n",
      "init_from = \"" + PathOf(model) + "\"\n"};
  for (const std::string& line : lines) {
    EXPECT_NE(config.find(line), std::string::npos) << line << config;
  }
  EXPECT_EQ(Digest({"--resume", "run", "--config", "run/config.toml"}), longer);
}

TEST_F(RunConfigTest, HasNoPlaceToSaveAndTemporaryNames) {
  Results(TrainFlags(3) + Arguments{"--out-dir", "run", "--metrics", "m",
                                    "--threads", "1", "--quiet"});
  const std::string config = Read("run/config.toml");
  for (const char* key :
       {"out_dir", "resume", "config =", "threads =", "simd =", "metrics",
        "quiet", "no_color", "preset", "checkpoint"}) {
    EXPECT_EQ(config.find("\n" + std::string(key)), std::string::npos) << key;
  }
  EXPECT_TRUE(config.starts_with("# Configuration of a run of microgpt "));
  EXPECT_NE(config.find("input = \"" + PathOf("corpus") + "\"\n"),
            std::string::npos);
  const std::vector<std::string> names = NamesIn("run");
  EXPECT_EQ(std::count(names.begin(), names.end(), "config.toml"), 1);
  EXPECT_EQ(std::count(names.begin(), names.end(), "config.toml.part"), 0);
}

TEST_F(RunConfigTest, NotInTheFolderOfTheBestModel) {
  Results(TrainFlags(3) + Arguments{"--out-dir", "run", "--val-split", "0.4"});
  for (const std::string& name : NamesIn("run/best")) {
    EXPECT_NE(name, "config.toml");
  }
}

TEST_F(RunConfigTest, AnotherFileOfThatNameIsKept) {
  std::filesystem::create_directory(PathOf("run"));
  Write("run/config.toml", "num_steps = 3\n");
  const Outcome outcome =
      Run({"--out-dir", "run", "--config", "run/config.toml", "--quiet"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_NE(outcome.err.find("warning: run/config.toml"), std::string::npos);
  EXPECT_EQ(Read("run/config.toml"), "num_steps = 3\n");
  std::filesystem::remove(PathOf("run/config.toml"));
  // Waits for no writer.
  ASSERT_EQ(::mkfifo(PathOf("run/config.toml").c_str(), 0600), 0);
  EXPECT_EQ(Run({"--resume", "run", "--quiet"}).exit_code, 0);
}

TEST_F(RunConfigTest, WhatAKilledRunLeftDoesNotMatter) {
  const std::string digest =
      Digest(TrainFlags(3) + Arguments{"--out-dir", "run"});
  const std::string config = Read("run/config.toml");
  Write("run/config.toml.part", config.substr(0, 100));
  Write("run/config.toml", config.substr(0, 200));  // by another program
  EXPECT_EQ(Digest({"--resume", "run"}), digest);
  EXPECT_EQ(Digest({"--config", "run/config.toml"}), digest);
  std::filesystem::remove(PathOf("run/config.toml"));
  EXPECT_EQ(Digest({"--resume", "run"}), digest);
  EXPECT_EQ(Digest({"--config", "run/config.toml"}), digest);
}

TEST_F(RunConfigTest, WhatCannotBeWrittenFails) {
  std::filesystem::create_directories(PathOf("run/config.toml.part/x"));
  EXPECT_TRUE(EndsWithError(
      Run(TrainFlags(3) + Arguments{"--out-dir", "run", "--quiet"}), 4,
      {"config.toml"}));
  std::filesystem::remove_all(PathOf("run/config.toml.part"));
  EXPECT_EQ(Digest({"--resume", "run"}), Digest(TrainFlags(3)));
}

}  // namespace
}  // namespace microgpt
