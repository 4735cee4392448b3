// Numbers for readers: the same text for the same number in the terminal,
// Markdown and HTML, in every locale.
#ifndef MICROGPT_CLI_PAGE_FORMAT_NUMBER_H_
#define MICROGPT_CLI_PAGE_FORMAT_NUMBER_H_

#include <cstdint>
#include <string>

namespace microgpt::cli {

// For what is unknown or not finite: a dash.
inline constexpr const char* kNoNumber = "\xE2\x80\x93";

// "1,234,567".
std::string FormatCount(std::uint64_t value);

// At least `digits` significant digits, all of the whole part, in groups:
// "0.01234", "12.34", "123,456"; beyond 1e15 and below 1e-4 "1.234e+20".
std::string FormatNumber(double value, int digits = 4);

// "12,345 ± 67": the second with as many decimals as the first.
std::string FormatWithSpread(double value, double spread);

// FormatNumber of millionths.
std::string FormatMicroseconds(double seconds);

// Two decimals: "12.34".
std::string FormatRatio(double ratio);

// Of a number from 0 to 1, one decimal: "87.5%".
std::string FormatPercent(double fraction);

// For an axis, short: "0", "2.5k", "10M".
std::string FormatTick(double value);

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_PAGE_FORMAT_NUMBER_H_
