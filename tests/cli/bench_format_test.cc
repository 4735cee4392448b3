// Numbers, foreign text and axes of benchmark pages.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "cli/page/format_number.h"
#include "cli/page/svg_axis.h"
#include "cli/page/text_escape.h"

namespace microgpt::cli {
namespace {

TEST(FormatNumber, KeepsSignificantDigits) {
  EXPECT_EQ(FormatNumber(0), "0");
  EXPECT_EQ(FormatNumber(0.0123456), "0.01235");
  EXPECT_EQ(FormatNumber(1.5), "1.500");
  EXPECT_EQ(FormatNumber(12.3456), "12.35");
  EXPECT_EQ(FormatNumber(9.9996), "10.00");
  EXPECT_EQ(FormatNumber(999.96), "1,000");
  EXPECT_EQ(FormatNumber(1234567.8), "1,234,568");
  EXPECT_EQ(FormatNumber(-1234.5), "-1,234");
  EXPECT_EQ(FormatNumber(-123.45), "-123.5");
  EXPECT_EQ(FormatNumber(1.5e20), "1.500e+20");
  EXPECT_EQ(FormatNumber(2.5e-7), "2.500e-07");
  EXPECT_EQ(FormatNumber(0.0412, 2), "0.041");
  EXPECT_EQ(FormatNumber(std::numeric_limits<double>::infinity()), kNoNumber);
  EXPECT_EQ(FormatNumber(std::nan("")), kNoNumber);
}

TEST(FormatNumber, GivesSpreadsTheDecimalsOfTheirValue) {
  EXPECT_EQ(FormatWithSpread(12345.6, 67.8), "12,346 ± 68");
  EXPECT_EQ(FormatWithSpread(12.345, 0.0678), "12.35 ± 0.07");
  EXPECT_EQ(FormatWithSpread(0, 0), "0 ± 0");
  EXPECT_EQ(FormatWithSpread(1e300, 1e299), "1.000e+300 ± 1.000e+299");
}

TEST(FormatNumber, KnowsUnits) {
  EXPECT_EQ(FormatCount(0), "0");
  EXPECT_EQ(FormatCount(123), "123");
  EXPECT_EQ(FormatCount(18446744073709551615u), "18,446,744,073,709,551,615");
  EXPECT_EQ(FormatMicroseconds(423.94e-6), "423.9");
  EXPECT_EQ(FormatRatio(1234.567), "1,234.57");
  EXPECT_EQ(FormatRatio(1e300), "1.000e+300");
  EXPECT_EQ(FormatPercent(0.8754), "87.5%");
  EXPECT_EQ(FormatTick(0), "0");
  EXPECT_EQ(FormatTick(2500), "2.5k");
  EXPECT_EQ(FormatTick(1e7), "10M");
}

TEST(CleanText, IsOneLineOfUtf8) {
  EXPECT_EQ(CleanText("a\nb\tc"), "a b c");
  EXPECT_EQ(CleanText("\x1B[31m"), "\xEF\xBF\xBD[31m");
  EXPECT_EQ(CleanText("µ – \xF0\x9F\x98\x80"), "µ – \xF0\x9F\x98\x80");
  // Cut short, overlong, surrogate, beyond the last, no character, turned.
  for (const char* bad :
       {"\xC3", "\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80",
        "\xFF", "\x80", "\xEF\xBF\xBE", "\xE2\x80\xAE", "\xC2\x85"}) {
    const std::string clean = CleanText(bad);
    EXPECT_TRUE(clean.starts_with("\xEF\xBF\xBD"))
        << testing::PrintToString(bad);
    EXPECT_EQ(CleanText(clean), clean);
  }
}

TEST(Escape, LeavesNoMarkup) {
  EXPECT_EQ(EscapeXml("<a href=\"x\">&'"),
            "&lt;a href=&quot;x&quot;&gt;&amp;'");
  EXPECT_EQ(EscapeMarkdown("a|b*c`<d>"), "a\\|b\\*c\\`\\<d\\>");
}

TEST(NiceTicks, CoverTheRange) {
  for (const double low : {0.0, 0.3, -7.0, 1e-12, 1e12}) {
    for (const double width : {0.0, 1e-3, 0.7, 1.0, 16.0, 99.0, 12345.0, 1e9}) {
      const std::vector<double> ticks = NiceTicks(low, low + width, 6);
      ASSERT_GE(ticks.size(), 2u);
      EXPECT_LE(ticks.size(), 9u) << low << " + " << width;
      EXPECT_LE(ticks.front(), low + 1e-9 * std::abs(low));
      EXPECT_GE(ticks.back(), low + width - 1e-6 * std::abs(low + width));
    }
  }
  EXPECT_EQ(NiceTicks(0, 100, 5),
            (std::vector<double>{0, 20, 40, 60, 80, 100}));
  EXPECT_EQ(NiceTicks(0, 0, 1), (std::vector<double>{0, 1}));
  EXPECT_LE(NiceTicks(0, 1e200, 6).size(), 9u);
}

TEST(LogTicks, AreFew) {
  EXPECT_EQ(LogTicks(0.9, 21, 8), (std::vector<double>{1, 2, 5, 10, 20}));
  for (const double low : {1e-150, 1e-5, 0.9, 3.0, 1e9}) {
    for (const double factor : {1.0, 1.01, 1.5, 8.0, 1e3, 1e6, 1e190}) {
      const std::vector<double> ticks = LogTicks(low, low * factor, 8);
      ASSERT_FALSE(ticks.empty()) << low << " x " << factor;
      EXPECT_LE(ticks.size(), 10u) << low << " x " << factor;
      EXPECT_GE(ticks.front(), low);
      EXPECT_LE(ticks.back(), low * factor);
    }
  }
}

TEST(Axis, PlacesValues) {
  const Axis linear{0, 10, false, 100, 200};
  EXPECT_EQ(linear.PixelOf(5), 150);
  EXPECT_LE(linear.PixelOf(1e9), 202);
  const Axis log{1, 100, true, 0, 100};
  EXPECT_NEAR(log.PixelOf(10), 50, 1e-9);
  const Axis point{3, 3, false, 0, 100};
  EXPECT_EQ(point.PixelOf(3), 50);
}

TEST(Axis, TextsDoNotOverlap) {
  const Axis axis{1, 64, false, 0, 100};
  const std::vector<double> values = {1, 2, 32, 64};
  const std::vector<double> widths = {8, 8, 16, 16};
  EXPECT_EQ(HaveRoom(axis, values, widths),
            (std::vector<bool>{false, true, true, true}));
}

}  // namespace
}  // namespace microgpt::cli
