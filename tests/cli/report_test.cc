// What a run prints, line by line, and the flags that change it.
#include <regex>

#include "tests/cli/cli_fixture.h"

namespace microgpt {
namespace {

constexpr const char* kStepLine =
    "step +[0-9]+ / +[0-9]+ \\| loss [0-9]+\\.[0-9]{4}";

class ReportTest : public CliTest {
 protected:
  ReportTest() { Write("corpus", "anna\nbob\ncleo\n"); }

  std::vector<std::string> LinesOf(const Arguments& arguments) const {
    return Lines(Output(Arguments{"--input", "corpus"} + arguments));
  }
  // Numbers of the printed steps.
  std::vector<int> StepsOf(const Arguments& arguments) const {
    std::vector<int> steps;
    for (const std::string& line : LinesOf(arguments)) {
      if (std::regex_match(line, std::regex(kStepLine))) {
        steps.push_back(std::stoi(line.substr(5)));
      }
    }
    return steps;
  }
};

void ExpectLines(const std::vector<std::string>& lines,
                 const std::vector<std::string>& patterns) {
  ASSERT_EQ(lines.size(), patterns.size()) << testing::PrintToString(lines);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    EXPECT_TRUE(std::regex_match(lines[i], std::regex(patterns[i])))
        << "line " << i + 1 << " is '" << lines[i] << "', expected "
        << patterns[i];
  }
}

TEST_F(ReportTest, DefaultRun) {
  std::vector<std::string> patterns = {"vocab size: 27, num docs: [0-9]+",
                                       "num params: 4064"};
  for (int step = 1; step <= 500; ++step) {
    std::string number = std::to_string(step);
    number.insert(0, 4 - number.size(), ' ');
    patterns.push_back("step " + number + " /  500 \\| loss [0-9]\\.[0-9]{4}");
  }
  patterns.insert(patterns.end(), {"mean loss last 50 steps: [0-9]\\.[0-9]{4}",
                                   "training time: [0-9]+\\.[0-9]{2}s", "",
                                   "--- inference ---"});
  for (int sample = 1; sample <= 20; ++sample) {
    patterns.push_back("sample " + std::to_string(sample) + ": [a-z]{0,8}");
  }
  patterns.emplace_back("digest: [0-9a-f]{32}");
  ExpectLines(Lines(Output({})), patterns);
}

TEST_F(ReportTest, TrainMayBeLeftOut) {
  const Arguments flags = {"--num-steps", "3", "--quiet"};
  EXPECT_EQ(Output(flags), Output(Arguments{"train"} + flags));
}

TEST_F(ReportTest, QuietLeavesSamplesAndDigest) {
  ExpectLines(LinesOf({"--quiet", "--num-steps", "3", "--num-samples", "2"}),
              {"", "--- inference ---", "sample 1: .*", "sample 2: .*",
               "digest: [0-9a-f]{32}"});
  ExpectLines(LinesOf({"--quiet", "--num-samples", "0"}),
              {"digest: [0-9a-f]{32}"});
}

TEST_F(ReportTest, NoSamples) {
  ExpectLines(LinesOf({"--num-samples", "0", "--num-steps", "1"}),
              {"vocab size: 8, num docs: 3", "num params: 3456",
               "step    1 /    1 \\| loss 2\\.[0-9]{4}",
               "mean loss last 1 steps?: 2\\.[0-9]{4}",
               "training time: [0-9]+\\.[0-9]{2}s", "digest: [0-9a-f]{32}"});
}

TEST_F(ReportTest, NoSteps) {
  ExpectLines(LinesOf({"--num-steps", "0", "--num-samples", "1"}),
              {"vocab size: 8, num docs: 3", "num params: 3456", "",
               "--- inference ---", "sample 1: .*", "digest: [0-9a-f]{32}"});
}

TEST_F(ReportTest, MeanIsOfThePrintedLosses) {
  const std::vector<std::string> lines =
      LinesOf({"--num-steps", "60", "--num-samples", "0"});
  double sum = 0;
  for (std::size_t step = 11; step <= 60; ++step) {
    const std::string& line = lines.at(step + 1);
    sum += std::stod(line.substr(line.rfind(' ')));
  }
  const std::string& mean = lines.at(62);
  ASSERT_TRUE(mean.starts_with("mean loss last 50 steps: ")) << mean;
  EXPECT_NEAR(std::stod(mean.substr(mean.rfind(' '))), sum / 50, 1.01e-4);
}

TEST_F(ReportTest, LogEvery) {
  EXPECT_EQ(StepsOf({"--num-steps", "4"}), (std::vector{1, 2, 3, 4}));
  EXPECT_EQ(StepsOf({"--num-steps", "25", "--log-every", "10"}),
            (std::vector{1, 10, 20, 25}));
  EXPECT_EQ(StepsOf({"--num-steps", "4", "--log-every", "1000000000000"}),
            (std::vector{1, 4}));
}

TEST_F(ReportTest, LogEveryZeroKeepsTheRest) {
  ExpectLines(LinesOf({"--log-every", "0", "--num-samples", "0"}),
              {"vocab size: 8, num docs: 3", "num params: 3456",
               "mean loss last 50 steps: [0-9]\\.[0-9]{4}",
               "training time: [0-9]+\\.[0-9]{2}s", "digest: [0-9a-f]{32}"});
}

TEST_F(ReportTest, LoggingDoesNotChangeTheResult) {
  const std::string digest = DigestOf(Output({"--input", "corpus"}));
  for (const Arguments& flags :
       {Arguments{"--quiet"}, Arguments{"--log-every", "0"},
        Arguments{"--num-samples", "0"}, Arguments{"--metrics", "m"}}) {
    EXPECT_EQ(DigestOf(Output(Arguments{"--input", "corpus"} + flags)), digest)
        << flags.front();
  }
}

TEST_F(ReportTest, EqualSign) {
  EXPECT_EQ(Output({"--input=corpus", "--num-steps=2", "--n-embd=8",
                    "--learning-rate=1e-3", "--quiet"}),
            Output({"-i", "corpus", "--num-steps", "2", "--n-embd", "8",
                    "--learning-rate", "0.001", "--quiet"}));
}

TEST_F(ReportTest, EqualSignInsideAValue) {
  Write("a=b", "ab\n");
  EXPECT_EQ(Output({"--input=a=b", "--quiet"}),
            Output({"--input", "a=b", "--quiet"}));
}

TEST_F(ReportTest, Help) {
  const std::string help = Output({"--help"});
  for (const char* flag : {"--n-embd",       "--n-layer",
                           "--block-size",   "--num-steps",
                           "--n-head",       "--learning-rate",
                           "--input",        "--threads",
                           "--seed",         "--activation",
                           "--init-from",    "--no-shuffle",
                           "--metrics",      "--num-samples",
                           "--temperature",  "--top-k",
                           "--top-p",        "--prompt",
                           "--simd",         "--log-every",
                           "--quiet",        "--no-color",
                           "--version",      "--help",
                           "--grad-accum",   "--weight-decay",
                           "--grad-clip",    "--lr-schedule",
                           "--warmup-steps", "--min-lr",
                           "--doc-mode",     "--long-docs",
                           "--tokens",       "--vocab-size",
                           "--val-split",    "--val-input",
                           "--eval-every",   "--early-stop-patience",
                           "Exit codes"}) {
    EXPECT_NE(help.find(flag), std::string::npos) << flag;
  }
  EXPECT_EQ(help, Output({"-h"}));
  EXPECT_EQ(help, Output({"train", "--help"}));
  EXPECT_EQ(help, Output({"--num-steps", "5", "--help"}));
}

TEST_F(ReportTest, HelpFitsATerminal) {
  for (const std::string& line : Lines(Output({"--help"}))) {
    EXPECT_EQ(line.find('\033'), std::string::npos);
    EXPECT_LE(line.size(), 120u) << line;
  }
}

TEST_F(ReportTest, HelpOfInfoHasOnlyItsFlags) {
  const std::string help = Output({"info", "--help"});
  EXPECT_NE(help.find("--n-embd"), std::string::npos);
  EXPECT_EQ(help.find("--num-samples"), std::string::npos);
}

TEST_F(ReportTest, Version) {
  ExpectLines(Lines(Output({"--version"})),
              {"microgpt [0-9]+\\.[0-9]+\\.[0-9]+.*"});
}

TEST_F(ReportTest, Info) {
  const std::string info = Output({"info", "--input", "corpus"});
  for (const char* line :
       {"vocab size: 8, num docs: 3\n", "num params: 3456\n",
        "\nsimd: ", "\ncpu: ", "\ndefault threads: ", "\ntraining memory, "}) {
    EXPECT_NE(info.find(line), std::string::npos) << line;
  }
}

}  // namespace
}  // namespace microgpt
