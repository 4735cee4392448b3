// Numbers and byte counts as text, under a global locale that has commas.
#include "cli/parse_number.h"

#include <cstdint>
#include <functional>
#include <limits>
#include <locale>
#include <utility>

#include "cli/format_bytes.h"
#include "cli/metrics.h"
#include "microgpt/error.h"
#include "tests/cli/cli_fixture.h"

namespace microgpt::cli {
namespace {

constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

class CommaPunctuation : public std::numpunct<char> {
 protected:
  char do_decimal_point() const override { return ','; }
  char do_thousands_sep() const override { return '.'; }
  std::string do_grouping() const override { return "\3"; }
};

// The parameter says whether the global locale writes 1.234,5.
class NumberTextTest : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    const std::locale classic = std::locale::classic();
    before_ = std::locale::global(
        GetParam() ? std::locale(classic, new CommaPunctuation) : classic);
  }
  void TearDown() override { std::locale::global(before_); }

 private:
  std::locale before_;
};

void ExpectUsageError(const std::function<void()>& call,
                      const std::string& word) {
  try {
    call();
    ADD_FAILURE() << "accepted; expected an error with " << word;
  } catch (const Error& error) {
    const std::string message = error.what();
    EXPECT_EQ(error.kind(), ErrorKind::kUsage);
    EXPECT_TRUE(message.starts_with("--flag")) << message;
    EXPECT_NE(message.find(word), std::string::npos) << message;
  }
}

TEST_P(NumberTextTest, Integers) {
  EXPECT_EQ(ParseInteger("--flag", "0", 0, 5), 0);
  EXPECT_EQ(ParseInteger("--flag", "5", 0, 5), 5);
  EXPECT_EQ(ParseInteger("--flag", "007", 0, 7), 7);
  EXPECT_EQ(ParseInteger("--flag", "-3", -3, 3), -3);
  EXPECT_EQ(ParseInteger("--flag", "1234567", 0, kMax), 1234567);
  EXPECT_EQ(ParseInteger("--flag", std::to_string(kMax), kMin, kMax), kMax);
  EXPECT_EQ(ParseInteger("--flag", std::to_string(kMin), kMin, kMax), kMin);
}

TEST_P(NumberTextTest, NotIntegers) {
  for (const char* text : {"", " 1", "1 ", "+1", "0x1", "1.0", "1.000", "1,0",
                           "1e0", "one", "-", "9223372036854775808"}) {
    ExpectUsageError([&] { ParseInteger("--flag", text, kMin, kMax); }, text);
  }
  for (const char* text : {"0", "6", "-1"}) {
    ExpectUsageError([&] { ParseInteger("--flag", text, 1, 5); },
                     "from 1 to 5");
  }
  ExpectUsageError([] { ParseInteger("--flag", std::string("1\0", 2), 0, 5); },
                   "--flag");
}

TEST_P(NumberTextTest, Unsigned) {
  EXPECT_EQ(ParseUnsigned("--flag", "0"), 0u);
  EXPECT_EQ(ParseUnsigned("--flag", "18446744073709551615"),
            std::numeric_limits<std::uint64_t>::max());
  for (const char* text : {"", "-1", "-0", "18446744073709551616", "1.0"}) {
    ExpectUsageError([&] { ParseUnsigned("--flag", text); },
                     "18446744073709551615");
  }
}

TEST_P(NumberTextTest, Reals) {
  EXPECT_EQ(ParseReal("--flag", "0.5"), 0.5);
  EXPECT_EQ(ParseReal("--flag", "-2.5e-3"), -0.0025);
  EXPECT_EQ(ParseReal("--flag", "1E3"), 1000);
  EXPECT_EQ(ParseReal("--flag", ".5"), 0.5);
  EXPECT_EQ(ParseReal("--flag", "5."), 5);
  EXPECT_EQ(ParseReal("--flag", "1.7976931348623157e308"),
            std::numeric_limits<double>::max());
  EXPECT_EQ(ParseReal("--flag", "1.234"), 1.234);
  for (const char* text : {"", "0,5", "1e309", "nan", "inf", "-inf", "infinity",
                           "0x1p3", "+1", " 1", "1 ", "1e", "."}) {
    ExpectUsageError([&] { ParseReal("--flag", text); }, "number");
  }
}

TEST_P(NumberTextTest, Bytes) {
  EXPECT_EQ(FormatBytes(0), "0 B");
  EXPECT_EQ(FormatBytes(1023), "1023 B");
  EXPECT_EQ(FormatBytes(1024), "1.0 KiB");
  EXPECT_EQ(FormatBytes(1536), "1.5 KiB");
  EXPECT_EQ(FormatBytes(5ull << 30), "5.0 GiB");
  EXPECT_EQ(FormatBytes(std::numeric_limits<std::uint64_t>::max()), "16.0 EiB");
}

TEST_P(NumberTextTest, MetricsLine) {
  const TemporaryFolder folder;
  const std::string path = folder.path() + "/metrics";
  StepResult result;
  result.step = 1234567;
  result.loss = 1234.5;
  result.learning_rate = 0.25;
  result.tokens = 9000;
  MetricsFile metrics(path, 0);
  metrics.WriteStep({result, 0.5, 1.5}, {});
  metrics.Flush();
  Invocation cat;
  cat.arguments = {"/bin/cat", path};
  const Outcome read = RunProgram(cat);
  EXPECT_EQ(read.out,
            "{\"step\":1234567,\"loss\":1234.5,\"lr\":0.25,\"tokens\":9000,"
            "\"tok_per_s\":18000.0,\"dt_ms\":500.000000,"
            "\"wall_time\":1.500000}\n");
}

INSTANTIATE_TEST_SUITE_P(All, NumberTextTest, testing::Bool(),
                         [](const auto& test) {
                           return test.param ? "CommaLocale" : "ClassicLocale";
                         });

}  // namespace
}  // namespace microgpt::cli
