// --preset, and that docs/CONFIGURATION.md says what it does.
#include "cli/presets.h"

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "tests/cli/settings_fixture.h"

namespace microgpt {
namespace {

class PresetTest : public SettingsTest {
 protected:
  // The configuration of a run, as its file has it.
  std::string ConfigOf(const Arguments& arguments) const {
    const std::string name = "run" + std::to_string(++runs_);
    const Outcome outcome =
        Run(arguments + Arguments{"--input", "corpus", "--out-dir", name,
                                  "--num-samples", "0"});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return outcome.exit_code == 0 ? Read(name + "/config.toml") : "";
  }

 private:
  mutable int runs_ = 0;
};

TEST_F(PresetTest, TheFirstIsTheDefault) {
  EXPECT_EQ(ConfigOf({"--preset", "microgpt-c", "--num-steps", "2"}),
            ConfigOf({"--num-steps", "2"}));
}

TEST_F(PresetTest, MicrogptPy) {
  EXPECT_EQ(ConfigOf({"--preset", "microgpt-py"}),
            ConfigOf({"--activation", "relu", "--block-size", "16",
                      "--init-std", "0.08", "--beta1", "0.85", "--beta2",
                      "0.99", "--num-steps", "1000"}));
}

TEST_F(PresetTest, Nano) {
  const Arguments small = {"--num-steps", "2",         "--n-embd",
                           "8",           "--n-layer", "1"};
  EXPECT_EQ(
      ConfigOf(Arguments{"--preset", "nano"} + small),
      ConfigOf(Arguments{"--doc-mode",      "text",   "--block-size",   "64",
                         "--batch-size",    "12",     "--n-head",       "4",
                         "--learning-rate", "1e-3",   "--min-lr",       "1e-4",
                         "--lr-schedule",   "cosine", "--warmup-steps", "100",
                         "--beta2",         "0.99",   "--weight-decay", "0.1",
                         "--grad-clip",     "1"} +
               small));
  EXPECT_EQ(Model({}, {"--preset", "nano", "--block-size", "8"}),
            Parameters(128, 4));
}

TEST_F(PresetTest, OfABenchmark) {
  const Arguments quick = {"bench",         "--threads", "1",
                           "--repetitions", "1",         "--repetition-seconds",
                           "0.01"};
  const Outcome outcome = Run(quick + Arguments{"--preset", "nano", "--n-embd",
                                                "8", "--batch-size", "2"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("| 8/4/4/64 |"), std::string::npos) << outcome.out;
}

TEST_F(PresetTest, Wrong) {
  EXPECT_TRUE(IsError(Run({"--preset", "microgpt_c"}), 2,
                      {"--preset", "microgpt-c, microgpt-py or nano",
                       "did you mean microgpt-c?"}));
  EXPECT_TRUE(IsError(Run({"--preset", "sweep"}), 2, {"--preset", "'sweep'"}));
  EXPECT_TRUE(IsError(Run({"bench", "--preset", "swep"}), 2, {"mean sweep?"}));
  EXPECT_TRUE(IsError(Run({"--preset"}), 2, {"--preset"}));
  EXPECT_TRUE(
      IsError(Run({"--preset", "nano", "--preset", "nano"}), 2, {"--preset"}));
  EXPECT_TRUE(IsError(Run({"sample", "--preset", "nano"}), 2, {"--preset"}));
  EXPECT_TRUE(IsError(Run({"--preset", "nano", "--n-embd", "10"}), 2,
                      {"--n-head 4", "--n-head is from --preset nano"}));
}

TEST(PresetDocumentTest, TableIsThatOfTheProgram) {
  const char* const path = std::getenv("CONFIGURATION_DOC");
  ASSERT_NE(path, nullptr);
  std::ifstream file(path);
  const std::string text((std::istreambuf_iterator<char>(file)),
                         std::istreambuf_iterator<char>());
  std::size_t rows = 0;
  for (const cli::Preset& preset : cli::Presets()) {
    std::string row = "| `" + preset.name + "` |";
    for (const cli::PresetValue& value : preset.values) {
      row += " `" + value.flag + " " + value.text + "`";
    }
    if (preset.values.empty()) row += " the defaults";
    EXPECT_NE(text.find(row + " |\n"), std::string::npos) << row;
    ++rows;
  }
  EXPECT_EQ(rows, 3u);
}

}  // namespace
}  // namespace microgpt
