// --metrics: JSON lines whose numbers are those of the run.
#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "tests/cli/cli_fixture.h"

namespace microgpt {
namespace {

using nlohmann::json;

class MetricsTest : public CliTest {
 protected:
  MetricsTest() { Write("corpus", "anna\nbob\ncleo\n"); }

  // Output of a run that wrote "metrics.jsonl".
  std::string Train(const Arguments& flags) const {
    return Output(Arguments{"--input", "corpus", "--metrics", "metrics.jsonl"} +
                  flags);
  }
  std::vector<std::string> MetricsLines() const {
    return Lines(Read("metrics.jsonl"));
  }
};

std::string FourDecimals(double value) {
  char text[64];
  std::snprintf(text, sizeof(text), "%.4f", value);
  return text;
}

// The text of a field as it was written, not as JSON understands it.
std::string FieldText(const std::string& line, const std::string& field) {
  const std::string key = "\"" + field + "\":";
  const std::size_t begin = line.find(key) + key.size();
  return line.substr(begin, line.find_first_of(",}", begin) - begin);
}

// Of a number between 1e-5 and 1e15.
int SignificantDigits(const std::string& text) {
  const std::size_t first = text.find_first_not_of("0.");
  return static_cast<int>(
      std::count_if(text.begin() + static_cast<std::ptrdiff_t>(first),
                    text.end(), [](char c) { return c >= '0' && c <= '9'; }));
}

TEST_F(MetricsTest, FirstLineIsTheConfiguration) {
  Train({"--num-steps", "2", "--seed", "18446744073709551615", "--n-embd", "8",
         "--activation", "relu", "--no-shuffle", "--learning-rate", "0.1"});
  const json header = json::parse(MetricsLines().at(0));
  const json& config = header.at("config");
  EXPECT_EQ(config.at("n_embd"), 8);
  EXPECT_EQ(config.at("n_layer"), 1);
  EXPECT_EQ(config.at("n_head"), 4);
  EXPECT_EQ(config.at("block_size"), 8);
  EXPECT_EQ(config.at("vocab_size"), 8);
  EXPECT_EQ(config.at("activation"), "relu");
  EXPECT_EQ(config.at("num_steps"), 2);
  EXPECT_EQ(config.at("batch_size"), 1);
  EXPECT_EQ(config.at("seed"), 18446744073709551615u);
  EXPECT_EQ(config.at("shuffle"), false);
  EXPECT_EQ(config.at("learning_rate"), 0.1);
  EXPECT_EQ(config.at("num_docs"), 3);
  EXPECT_EQ(config.at("input"), "corpus");
  EXPECT_TRUE(header.contains("version"));
}

TEST_F(MetricsTest, OneObjectPerStep) {
  Train({"--num-steps", "20", "--log-every", "0"});
  const std::vector<std::string> lines = MetricsLines();
  ASSERT_EQ(lines.size(), 21u);
  for (int step = 1; step <= 20; ++step) {
    const json object = json::parse(lines.at(static_cast<std::size_t>(step)));
    EXPECT_EQ(object.at("step"), step);
    EXPECT_DOUBLE_EQ(object.at("lr"), 0.01 * (1 - (step - 1) / 20.0));
    EXPECT_GT(object.at("loss").get<double>(), 0);
    EXPECT_GT(object.at("tokens").get<int>(), 0);
  }
}

TEST_F(MetricsTest, TheNormOfGradientsWhereItIsClipped) {
  Train({"--num-steps", "3"});
  for (const std::string& line : MetricsLines()) {
    EXPECT_EQ(line.find("grad_norm"), std::string::npos) << line;
  }
  Train({"--num-steps", "3", "--grad-clip", "0.5"});
  for (std::size_t step = 1; step <= 3; ++step) {
    EXPECT_GT(json::parse(MetricsLines().at(step)).at("grad_norm"), 0.0);
  }
}

TEST_F(MetricsTest, LossIsThePrintedOne) {
  const std::vector<std::string> output = Lines(Train({"--num-steps", "50"}));
  const std::vector<std::string> lines = MetricsLines();
  for (std::size_t step = 1; step <= 50; ++step) {
    const std::string text = FieldText(lines.at(step), "loss");
    const double loss = std::strtod(text.c_str(), nullptr);
    const std::string& printed = output.at(step + 1);
    EXPECT_EQ(FourDecimals(loss), printed.substr(printed.rfind(' ') + 1));
  }
}

// No text with fewer digits may read back to the same number.
TEST_F(MetricsTest, LossIsTheShortestTextThatReadsBack) {
  Train({"--num-steps", "50"});
  for (const std::string& line : MetricsLines()) {
    if (line.find("\"step\"") == std::string::npos) continue;
    const std::string text = FieldText(line, "loss");
    const double loss = std::strtod(text.c_str(), nullptr);
    const int digits = SignificantDigits(text);
    char shorter[400];
    std::snprintf(shorter, sizeof(shorter), "%.*g", digits - 1, loss);
    EXPECT_NE(std::strtod(shorter, nullptr), loss) << text;
  }
}

TEST_F(MetricsTest, NoSteps) {
  Train({"--num-steps", "0"});
  EXPECT_EQ(MetricsLines().size(), 1u);
}

TEST_F(MetricsTest, ReplacesAnOldFile) {
  Write("metrics.jsonl", std::string(100'000, 'x'));
  Train({"--num-steps", "1"});
  const std::vector<std::string> lines = MetricsLines();
  ASSERT_EQ(lines.size(), 2u);
  for (const std::string& line : lines) EXPECT_TRUE(json::accept(line));
}

TEST_F(MetricsTest, NeverReplacesAnInput) {
  const std::string text = "anna\nbob\n";
  Write("in.txt", text);
  const Outcome outcome = Run({"--input", "in.txt", "--metrics", "./in.txt"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_NE(outcome.err.find("--metrics"), std::string::npos);
  EXPECT_EQ(Read("in.txt"), text);
}

TEST_F(MetricsTest, KeepsTheOldFileWhenTrainingCannotBegin) {
  Write("metrics.jsonl", "old\n");
  const Outcome outcome =
      Run({"--init-from", "gone", "--metrics", "metrics.jsonl"});
  EXPECT_EQ(outcome.exit_code, 3);
  EXPECT_EQ(Read("metrics.jsonl"), "old\n");
}

TEST_F(MetricsTest, NamesThatAreNotUtf8AreStillJson) {
  Write("n\xFF\"\n", "ab\n");
  Output({"--input", "n\xFF\"\n", "--metrics", "metrics.jsonl", "--num-steps",
          "1"});
  const std::vector<std::string> lines = MetricsLines();
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_TRUE(json::accept(lines[0]));
}

TEST_F(MetricsTest, IntoTheNullDevice) {
  EXPECT_EQ(DigestOf(Output({"--input", "corpus", "--metrics", "/dev/null"})),
            DigestOf(Output({"--input", "corpus"})));
}

}  // namespace
}  // namespace microgpt
