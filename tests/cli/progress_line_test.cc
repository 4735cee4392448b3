// The progress line at every width.
#include "cli/progress_line.h"

#include <cmath>
#include <limits>
#include <string>

#include "gtest/gtest.h"

namespace microgpt::cli {
namespace {

ProgressState Middle() {
  ProgressState state{1234, 5000, 2.34567, 2.5, 123456.7};
  state.elapsed_seconds = 61;
  state.left_seconds = 3723;
  return state;
}

// Columns that a terminal needs for it: escapes take none, and a character of
// several bytes one.
int Columns(const std::string& line) {
  int columns = 0;
  bool escape = false;
  for (const char c : line) {
    if (c == '\033') escape = true;
    const bool begins = (static_cast<unsigned char>(c) & 0xC0u) != 0x80u;
    if (!escape && begins) ++columns;
    if (escape && c == 'm') escape = false;
  }
  return columns;
}

bool Has(const std::string& line, const std::string& part) {
  return line.find(part) != std::string::npos;
}

TEST(ProgressLineTest, AllOfItWhereThereIsRoom) {
  EXPECT_EQ(ProgressLine(Middle(), 1000, BarStyle::kNone),
            "step 1234/5000 | loss 2.3457 | 1:02:03 left | val loss 2.5000 | "
            "123.5k tokens/s | 1:01 elapsed");
  const std::string line = ProgressLine(Middle(), 1000, BarStyle::kAscii);
  // 24 columns, of which 24.7% are done.
  EXPECT_TRUE(line.starts_with("\033[36m#####\033[0m................... step"))
      << line;
}

TEST(ProgressLineTest, NeverWiderThanTheTerminal) {
  for (const BarStyle bar :
       {BarStyle::kNone, BarStyle::kAscii, BarStyle::kUtf8}) {
    for (int columns = 0; columns <= 200; ++columns) {
      ProgressState state = Middle();
      EXPECT_LE(Columns(ProgressLine(state, columns, bar)), columns);
      state.validation_loss.reset();
      state.step = state.num_steps = 1'000'000'000'000;
      state.loss = 1e300;
      EXPECT_LE(Columns(ProgressLine(state, columns, bar)), columns);
    }
  }
}

TEST(ProgressLineTest, WhatIsImportantStaysLongest) {
  std::string narrower;
  for (int columns = 0; columns <= 120; ++columns) {
    const std::string line = ProgressLine(Middle(), columns, BarStyle::kNone);
    EXPECT_TRUE(line.starts_with(narrower)) << line;
    narrower = line;
  }
  EXPECT_EQ(ProgressLine(Middle(), 13, BarStyle::kUtf8), "");
  EXPECT_EQ(ProgressLine(Middle(), 14, BarStyle::kUtf8), "step 1234/5000");
  const std::string usual = ProgressLine(Middle(), 79, BarStyle::kUtf8);
  EXPECT_TRUE(Has(usual, "\xE2\x94\x81")) << usual;
  EXPECT_TRUE(Has(usual, "val loss 2.5000")) << usual;
}

TEST(ProgressLineTest, BarsFromEmptyToFull) {
  ProgressState state = Middle();
  state.step = 0;
  EXPECT_TRUE(Has(ProgressLine(state, 300, BarStyle::kAscii),
                  "\033[36m\033[0m" + std::string(24, '.') + " step 0/5000"));
  state.step = 4999;
  EXPECT_TRUE(Has(ProgressLine(state, 300, BarStyle::kAscii),
                  std::string(23, '#') + "\033[0m. step"));
  state.step = 5000;
  EXPECT_TRUE(Has(ProgressLine(state, 300, BarStyle::kAscii),
                  std::string(24, '#') + "\033[0m step"));
}

TEST(ProgressLineTest, Durations) {
  EXPECT_EQ(FormatDuration(0), "0:00");
  EXPECT_EQ(FormatDuration(59.99), "0:59");
  EXPECT_EQ(FormatDuration(60), "1:00");
  EXPECT_EQ(FormatDuration(3599), "59:59");
  EXPECT_EQ(FormatDuration(3600), "1:00:00");
  EXPECT_EQ(FormatDuration(360'000), "100:00:00");
  for (const double none :
       {-1.0, HUGE_VAL, 1e9, std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_EQ(FormatDuration(none), "?");
  }
}

}  // namespace
}  // namespace microgpt::cli
