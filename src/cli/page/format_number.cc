#include "cli/page/format_number.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdlib>

namespace microgpt::cli {
namespace {

// Power of ten of the first digit, after rounding to so many digits.
int ExponentOf(double value, int digits) {
  const std::string text = fmt::format("{:.{}e}", value, digits - 1);
  return std::atoi(text.c_str() + text.find('e') + 1);
}

// "-1234567.8" becomes "-1,234,567.8".
std::string Grouped(std::string digits) {
  const std::size_t first = digits.starts_with('-') ? 1 : 0;
  std::size_t at = std::min(digits.find('.'), digits.size());
  while (at > first + 3) {
    at -= 3;
    digits.insert(at, 1, ',');
  }
  return digits;
}

std::string Fixed(double value, int decimals) {
  return Grouped(fmt::format("{:.{}f}", value, decimals));
}

bool IsTame(double value) { return std::abs(value) < 1e15; }

}  // namespace

std::string FormatCount(std::uint64_t value) {
  return Grouped(fmt::format("{}", value));
}

std::string FormatNumber(double value, int digits) {
  if (!std::isfinite(value)) return kNoNumber;
  if (value == 0) return "0";
  const int exponent = ExponentOf(value, digits);
  if (exponent < -4 || exponent >= 15) {
    return fmt::format("{:.{}e}", value, digits - 1);
  }
  return Fixed(value, std::max(0, digits - 1 - exponent));
}

std::string FormatWithSpread(double value, double spread) {
  if (value == 0 || !IsTame(value) || !IsTame(spread)) {
    return FormatNumber(value) + " ± " + FormatNumber(spread);
  }
  const int exponent = ExponentOf(value, 4);
  return FormatNumber(value) + " ± " +
         (exponent < -4 ? FormatNumber(spread)
                        : Fixed(spread, std::max(0, 3 - exponent)));
}

std::string FormatMicroseconds(double seconds) {
  return FormatNumber(seconds * 1e6);
}

std::string FormatRatio(double ratio) {
  return IsTame(ratio) ? Fixed(ratio, 2) : FormatNumber(ratio);
}

std::string FormatPercent(double fraction) {
  const double percent = fraction * 100;
  return (IsTame(percent) ? Fixed(percent, 1) : FormatNumber(percent)) + "%";
}

std::string FormatTick(double value) {
  constexpr std::array<const char*, 5> kSuffixes = {"", "k", "M", "G", "T"};
  std::size_t suffix = 0;
  if (!IsTame(value)) return fmt::format("{:.3g}", value);
  while (std::abs(value) >= 1000 && suffix + 1 < kSuffixes.size()) {
    value /= 1000;
    ++suffix;
  }
  return fmt::format("{:.4g}{}", value, kSuffixes[suffix]);
}

}  // namespace microgpt::cli
