// What pages take from logs, and what they refuse.
#include "cli/report/log_reader.h"

#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "microgpt/error.h"
#include "tests/cli/cli_fixture.h"

namespace microgpt::cli {
namespace {

constexpr const char* kHeader =
    "{\"version\":\"1\",\"config\":{\"num_steps\":9,\"input\":\"a\"},\"host\":"
    "{\"threads\":2},\"memory\":{\"total_bytes\":1024}}\n";

class LogReaderTest : public testing::Test {
 protected:
  std::string Write(const std::string& content) const {
    std::ofstream(path(), std::ios::binary) << content;
    return path();
  }
  RunData Read(const std::string& content) const {
    return ReadMetrics(Write(content));
  }
  std::string path() const { return folder_.path() + "/log"; }

  // The message, which must be that of an Error(kInput).
  template <typename Reader>
  std::string Refusal(Reader read, const std::string& content) const {
    try {
      read(Write(content));
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kInput) << error.what();
      return error.what();
    }
    ADD_FAILURE() << "accepted: " << content;
    return "";
  }

 private:
  TemporaryFolder folder_;
};

TEST_F(LogReaderTest, EverythingOfARun) {
  const RunData run = Read(
      std::string(kHeader) +
      "{\"step\":1,\"loss\":3,\"lr\":0.5,\"grad_norm\":2,\"tokens\":10,"
      "\"tok_per_s\":5,\"dt_ms\":2000,\"val_loss\":4,\"wall_time\":2}\n"
      "{\"step\":2,\"loss\":1,\"tokens\":20,\"dt_ms\":1000,\"val_loss\":3.5,"
      "\"rss_bytes\":4096,\"wall_time\":3,\"more\":[]}\n"
      "{\"step\":3,\"loss\":2,\"val_loss\":3.75}\n");
  EXPECT_EQ(run.version, "1");
  EXPECT_EQ(run.num_steps, 9);
  EXPECT_EQ(run.config.at(1).value, "a");
  EXPECT_EQ(run.host.at(0).value, "2");
  EXPECT_EQ(run.memory_bytes, 1024);
  EXPECT_EQ(run.steps, 3);
  EXPECT_EQ(run.last_step, 3);
  EXPECT_DOUBLE_EQ(run.recent_loss, 2);
  EXPECT_EQ(run.tokens, 30);
  EXPECT_EQ(run.training_seconds, 3);
  EXPECT_EQ(run.rate(), 10);
  EXPECT_EQ(run.peak_bytes, 4096);
  EXPECT_EQ(run.best_validation->loss, 3.5);
  EXPECT_EQ(run.best_validation->step, 2);
  EXPECT_EQ(run.loss.Points().size(), 3u);
  EXPECT_EQ(run.gradient_norm.Points().size(), 1u);
  EXPECT_EQ(run.tokens_per_second.Points().at(1).mean, 20);
}

TEST_F(LogReaderTest, HalfALineAtTheEndIsNormal) {
  const std::string whole = std::string(kHeader) + "{\"step\":1,\"loss\":3}\n";
  for (const char* rest : {"", "{\"step\":2,\"lo", "x", "{\"step\":2}"}) {
    EXPECT_EQ(Read(whole + rest).last_step, 1) << rest;
  }
  EXPECT_EQ(Read(kHeader).steps, 0);
}

TEST_F(LogReaderTest, StepsMayBeMissing) {
  EXPECT_EQ(Read(std::string(kHeader) +
                 "{\"step\":5,\"loss\":3}\n{\"step\":500,\"loss\":2}\n")
                .steps,
            2);
}

TEST_F(LogReaderTest, NoMetrics) {
  for (const char* content :
       {"", "{\"version\":\"1\",\"config\":{}}", "\n", "loss 3\n", "[]\n",
        "{\"step\":1,\"loss\":3}\n", "{\"config\":1}\n", "\xFF\xFE\n",
        "{\"config\":{}\n", "null\n"}) {
    const std::string why = Refusal(ReadMetrics, content);
    EXPECT_NE(why.find(path()), std::string::npos) << why;
  }
}

TEST_F(LogReaderTest, LinesThatAreWrong) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "JSON"},
      {"[1]", "JSON"},
      {"{\"step\":2,\"loss\":NaN}", "JSON"},
      {"{\"step\":2,\"loss\":1e999}", "JSON"},
      {"{\"step\":2,\"loss\":1} x", "JSON"},
      {"{\"loss\":1}", "step"},
      {"{\"step\":\"2\",\"loss\":1}", "step"},
      {"{\"step\":2.5,\"loss\":1}", "step"},
      {"{\"step\":1,\"loss\":1}", "follow"},
      {"{\"step\":0,\"loss\":1}", "step"},
      {"{\"step\":-3,\"loss\":1}", "step"},
      {"{\"step\":1000000000001,\"loss\":1}", "beyond"},
      {"{\"step\":18446744073709551615,\"loss\":1}", "beyond"},
      {"{\"step\":2}", "loss"},
      {"{\"step\":2,\"loss\":null}", "loss"},
      {"{\"step\":2,\"loss\":\"1\"}", "loss"},
      {"{\"step\":2,\"loss\":1e200}", "loss"},
      {"{\"step\":2,\"loss\":-1e200}", "loss"},
      {"{\"step\":2,\"loss\":1,\"lr\":-1}", "lr"},
      {"{\"step\":2,\"loss\":1,\"grad_norm\":true}", "grad_norm"},
      {"{\"step\":2,\"loss\":1,\"tokens\":-5}", "tokens"},
      {"{\"step\":2,\"loss\":1,\"dt_ms\":-5}", "dt_ms"},
      {"{\"step\":2,\"loss\":1,\"val_loss\":[]}", "val_loss"},
      {"{\"step\":2,\"loss\":1,\"wall_time\":-1}", "wall_time"},
      {"{\"step\":2,\"loss\":1,\"rss_bytes\":{}}", "rss_bytes"},
      {"{\"step\":2,\"loss\":1,\"rss_bytes\":4e19}", "rss_bytes"}};
  for (const auto& [line, reason] : cases) {
    const std::string why = Refusal(
        ReadMetrics, kHeader + ("{\"step\":1,\"loss\":3}\n" + line) + "\n");
    EXPECT_NE(why.find(path() + ", line 3: "), std::string::npos) << why;
    EXPECT_NE(why.find(reason), std::string::npos) << line << " " << why;
  }
}

// The cost of a long run is its reading.
TEST_F(LogReaderTest, ManyStepsInBoundedMemory) {
  std::string content = kHeader;
  for (int step = 1; step <= 50'000; ++step) {
    content += "{\"step\":" + std::to_string(step) +
               ",\"loss\":2.5,\"dt_ms\":1," + "\"tokens\":3}\n";
  }
  const RunData run = Read(content);
  EXPECT_EQ(run.last_step, 50'000);
  EXPECT_EQ(run.loss.Points().size(), 782u);  // spans of 64 steps
  EXPECT_EQ(run.tokens_per_second.Points().size(), 196u);
}

TEST_F(LogReaderTest, SamplesEvenlyAndTheLast) {
  for (const int lines : {0, 1, 12, 13, 14, 100, 1001}) {
    std::string content;
    for (int i = 1; i <= lines; ++i) {
      content += "{\"step\":" + std::to_string(10 * i) + ",\"samples\":[\"s" +
                 std::to_string(i) + "\",\"\"]}\n";
    }
    const std::vector<SampleSet> sets =
        ReadSamples(Write(content + "{\"step\":5"));
    EXPECT_LE(sets.size(), 13u);
    if (lines <= 12) {
      EXPECT_EQ(sets.size(), static_cast<std::size_t>(lines));
    }
    if (lines == 0) continue;
    EXPECT_EQ(sets.front().step, 10);
    EXPECT_EQ(sets.back().step, 10 * lines);
    EXPECT_EQ(sets.back().samples.at(0), "s" + std::to_string(lines));
    for (std::size_t i = 2; i + 1 < sets.size(); ++i) {
      EXPECT_EQ(sets[i].step - sets[i - 1].step, sets[1].step - sets[0].step);
    }
  }
}

TEST_F(LogReaderTest, SamplesThatAreWrong) {
  for (const char* line :
       {"x", "{}", "{\"step\":2}", "{\"step\":2,\"samples\":{}}",
        "{\"step\":2,\"samples\":[1]}", "{\"step\":1,\"samples\":[]}"}) {
    const std::string why =
        Refusal(ReadSamples, "{\"step\":1,\"samples\":[\"a\"]}\n" +
                                 std::string(line) + "\n");
    EXPECT_NE(why.find(", line 2: "), std::string::npos) << why;
  }
}

TEST_F(LogReaderTest, NoFile) {
  EXPECT_THROW(ReadMetrics(path()), Error);
  EXPECT_THROW(ReadMetrics("/dev/null"), Error);
}

}  // namespace
}  // namespace microgpt::cli
