// Validation during a run, as its output, its metrics and eval show it.
#include <csignal>
#include <regex>

#include "tests/cli/validation_fixture.h"

namespace microgpt {
namespace {

class ValidationTest : public ValidationCliTest {
 protected:
  // "step loss" of every validation line, and that it follows its step.
  static std::vector<std::string> ValidationLines(const std::string& output) {
    static const std::regex kLine(
        "(step +[0-9]+ / +[0-9]+ \\| )val loss [0-9]+\\.[0-9]{4}");
    std::vector<std::string> found;
    std::string previous;
    for (const std::string& line : Lines(output)) {
      std::smatch match;
      if (std::regex_match(line, match, kLine)) {
        found.push_back(std::to_string(std::stoi(line.substr(5))) +
                        line.substr(line.rfind(' ')));
        EXPECT_TRUE(previous.starts_with(match[1].str() + "loss ")) << previous;
      }
      previous = line;
    }
    return found;
  }
  static std::string WithoutValidation(const std::string& results) {
    std::string kept;
    for (const std::string& line : Lines(results)) {
      if (line.find("val") == std::string::npos) kept += line + "\n";
    }
    return kept;
  }
};

TEST_F(ValidationTest, LinesMetricsAndSummaryBelongTogether) {
  const std::string output =
      Output(ValidatedFlags(10, 4) + Arguments{"--metrics", "m"});
  const std::map<std::int64_t, double> losses = ValidationLosses("m");
  std::vector<std::string> expected;
  for (const auto& [step, loss] : losses) {
    expected.push_back(std::to_string(step) + " " + Decimals(loss, 4));
  }
  ASSERT_EQ(losses.size(), 3u);
  EXPECT_TRUE(losses.contains(4) && losses.contains(8) && losses.contains(10));
  EXPECT_EQ(ValidationLines(output), expected);
  const auto [step, loss] = BestOf(losses);
  const std::vector<std::string> lines = Lines(output);
  EXPECT_EQ(lines[2], "num val docs: 4");
  const auto time =
      std::find_if(lines.begin(), lines.end(), [](const std::string& line) {
        return line.starts_with("training time: ");
      });
  ASSERT_NE(time, lines.end());
  EXPECT_EQ(time[1], "best validation loss: " + Decimals(loss, 4) +
                         " at step " + std::to_string(step));
  const nlohmann::json header =
      nlohmann::json::parse(Lines(Read("m")).front()).at("config");
  EXPECT_EQ(header.at("val_input"), "val");
  EXPECT_EQ(header.at("num_val_docs"), 4);
}

TEST_F(ValidationTest, OnceAtTheEnd) {
  EXPECT_EQ(ValidationLines(Output(ValidatedFlags(10, 5))).size(), 2u);
  const std::vector<std::string> last =
      ValidationLines(Output(ValidatedFlags(10, 0)));
  ASSERT_EQ(last.size(), 1u);
  EXPECT_TRUE(last.front().starts_with("10 "));
  EXPECT_EQ(ValidationLines(Output(ValidatedFlags(10, 1000))), last);
  EXPECT_EQ(ValidationLines(Output(ValidatedFlags(0, 1))).size(), 0u);
}

TEST_F(ValidationTest, ChangesNothingElse) {
  Write("longer", Read("val") + "dora\nfay\n");
  const Arguments flags = ValidatedFlags(30, 3);
  const std::string results = Results(flags);
  Arguments plain = flags;
  plain.erase(std::find(plain.begin(), plain.end(), "--val-input"),
              std::find(plain.begin(), plain.end(), "--n-embd"));
  EXPECT_EQ(WithoutValidation(results), Results(plain));
  for (const char* threads : {"1", "2", "3", "8"}) {
    EXPECT_EQ(Results(flags + Arguments{"-t", threads}), results) << threads;
  }
}

TEST_F(ValidationTest, QuietAndLogEvery) {
  const std::string quiet = Output(ValidatedFlags(6, 2) + Arguments{"--quiet"});
  EXPECT_EQ(quiet.find("val"), std::string::npos) << quiet;
  const std::string none =
      Output(ValidatedFlags(6, 2) + Arguments{"--log-every", "0"});
  EXPECT_NE(none.find("step    4 /    6 | val loss "), std::string::npos);
  EXPECT_EQ(none.find("| loss "), std::string::npos);
}

TEST_F(ValidationTest, IsTheLossOfEval) {
  Results(ValidatedFlags(12, 4) +
          Arguments{"--metrics", "m", "--out-dir", "run", "--save-every", "4"});
  const std::map<std::int64_t, double> losses = ValidationLosses("m");
  EXPECT_EQ(EvalLoss("run"), Decimals(losses.at(12), 6));
  EXPECT_EQ(Info("run/generation-000003", "step"), "8 of 12");
  EXPECT_EQ(EvalLoss("run/generation-000003"), Decimals(losses.at(8), 6));
  EXPECT_EQ(EvalLoss("run/best"), Decimals(BestOf(losses).second, 6));
}

TEST_F(ValidationTest, AKilledRunGoesOnWithTheSameLines) {
  const Arguments flags = ValidatedFlags(60, 3);
  const std::string results = Results(flags);
  Child child(
      Prepare(flags + Arguments{"--out-dir", "run", "--save-every", "1"}));
  ASSERT_TRUE(child.ReadUntil("step   10 "));
  child.Send(SIGKILL);
  child.Finish();
  const int first = std::stoi(Info("run", "step")) + 1;
  EXPECT_EQ(Results({"--resume", "run", "--num-samples", "3"}),
            From(results, first));
}

// Nearly all of its time is validation.
TEST_F(ValidationTest, SignalsEndItAfterTheValidation) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += "cora\nbea\n";
  Write("val", text);
  for (const int signal : {SIGINT, SIGTERM}) {
    const std::string name = "run" + std::to_string(signal);
    Child child(Prepare(ValidatedFlags(1'000'000'000, 1) +
                        Arguments{"--out-dir", name}));
    ASSERT_TRUE(child.ReadUntil("val loss"));
    child.Send(signal);
    const Outcome outcome = child.Finish();
    EXPECT_EQ(outcome.exit_code, 128 + signal);
    EXPECT_NE(outcome.err.find("--resume " + name), std::string::npos);
    const std::vector<std::string> found = ValidationLines(outcome.out);
    ASSERT_FALSE(found.empty());
    const std::string step = std::to_string(std::stoi(found.back()));
    EXPECT_TRUE(Lines(outcome.out).back().find("val loss") != std::string::npos)
        << Lines(outcome.out).back();
    EXPECT_EQ(Info(name, "step"), step + " of 1000000000");
    EXPECT_EQ(Info(name, "validations"), step);
  }
}

// Lines, text and token ids, validated on a part and on a file of their own.
TEST_F(ValidationTest, EveryKindOfDataGoesOnExactly) {
  std::string ids;
  for (int i = 0; i < 100; ++i) ids += {static_cast<char>(i * i % 7), '\0'};
  Write("ids", ids);
  Write("val-ids", ids.substr(0, 60));
  const Arguments base = {"--num-steps",  "12", "--eval-every",  "3",
                          "--batch-size", "3",  "--num-samples", "3"};
  const Arguments text = {"--input", "corpus"};
  const Arguments tokens = {"--tokens", "ids", "--vocab-size", "7"};
  const Arguments split = {"--val-split", "0.3"};
  for (const Arguments& data :
       {text + split, text + Arguments{"--doc-mode", "text"} + split,
        text + Arguments{"--doc-mode", "text", "--val-input", "val"},
        text + Arguments{"--long-docs", "chunk", "--block-size", "2"} + split,
        tokens + split, tokens + Arguments{"--val-input", "val-ids"}}) {
    SCOPED_TRACE(data.back() + " " + data[2]);
    const std::string results = Results(base + data + Arguments{"-t", "1"});
    EXPECT_EQ(ValidationLines(results).size(), 4u);
    EXPECT_EQ(
        Results(base + data +
                Arguments{"-t", "3", "--out-dir", "run", "--save-every", "8"}),
        results);
    const std::string oldest =
        "run/" + NamesIn("run")[2];  // after best, config.toml
    const int step = std::stoi(Info(oldest, "step"));
    EXPECT_LT(step, 12);
    EXPECT_EQ(Results({"--resume", oldest, "--num-samples", "3"}),
              From(results, step + 1));
    std::filesystem::remove_all(PathOf("run"));
  }
}

TEST_F(ValidationTest, InfoSaysWhatWasFound) {
  Results(ValidatedFlags(6, 2) +
          Arguments{"--out-dir", "run", "--metrics", "m"});
  const auto [step, loss] = BestOf(ValidationLosses("m"));
  EXPECT_EQ(Info("run", "validations"), "3");
  EXPECT_EQ(Info("run", "best validation loss"),
            Decimals(loss, 4) + " at step " + std::to_string(step));
  EXPECT_TRUE(Info("run", "validation input").ends_with("/val"));
  EXPECT_EQ(Info("run", "eval_every"), "2");
}

TEST_F(ValidationTest, FilesThatCannotBeUsed) {
  Write("foreign", "anna\nr\xC3\xA9mi\n");
  Write("empty", "\n\n");
  const auto run = [&](const std::string& path) {
    return Run(TrainFlags(3) +
               Arguments{"--val-input", path, "--out-dir", "run"});
  };
  EXPECT_TRUE(IsError(run("foreign"), 3, {"foreign", "line 2", "U+00E9"}));
  EXPECT_TRUE(IsError(run("empty"), 3, {"empty"}));
  EXPECT_TRUE(IsError(run("missing"), 3, {"missing"}));
  EXPECT_TRUE(IsError(run("."), 3, {"directory"}));
  EXPECT_FALSE(std::filesystem::exists(PathOf("run")));
  const std::string name = "caf\xE9";
  Write(name, "anna\n");
  EXPECT_TRUE(IsError(run(name), 2, {"--val-input", "UTF-8"}));
  EXPECT_TRUE(IsError(Run(TrainFlags(3) + Arguments{"--val-input", "val",
                                                    "--metrics", "./val"}),
                      2, {"--metrics", "./val"}));
}

TEST_F(ValidationTest, ResumedDataMustBeTheSame) {
  const std::string results =
      Results(ValidatedFlags(6, 2) + Arguments{"--out-dir", "run"});
  const Arguments resume = {"--resume", "run", "--num-samples", "3"};
  std::filesystem::rename(PathOf("val"), PathOf("moved"));
  EXPECT_TRUE(IsError(Run(resume), 3, {"/val"}));
  EXPECT_EQ(Results(resume + Arguments{"--val-input", "moved"}),
            From(results, 7));
  Write("val", "cora\nbea\n");
  EXPECT_TRUE(IsError(Run(resume), 3,
                      {"run", "validation data", "--allow-changed-data"}));
  // What was found on other data is forgotten.
  const std::string changed =
      Results(resume + Arguments{"--allow-changed-data", "--num-steps", "8"});
  EXPECT_NE(changed.find("num val docs: 2\n"), std::string::npos);
  EXPECT_EQ(Info("run", "validations"), "1");
  EXPECT_TRUE(Info("run", "best validation loss").ends_with(" at step 8"));
}

TEST_F(ValidationTest, ResumingWithoutOrWithAnotherKind) {
  Results(TrainFlags(6) + Arguments{"--out-dir", "run"});
  EXPECT_TRUE(IsError(Run({"--resume", "run", "--val-input", "val"}), 3,
                      {"began without --val-input"}));
  Results({"--resume", "run", "--val-input", "val", "--allow-changed-data",
           "--num-steps", "9"});
  EXPECT_EQ(Info("run", "validations"), "1");
  EXPECT_EQ(Info("run/best", "step"), "9 of 9");
}

}  // namespace
}  // namespace microgpt
