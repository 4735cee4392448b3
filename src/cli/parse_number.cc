#include "cli/parse_number.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <limits>

#include "microgpt/error.h"

namespace microgpt::cli {
namespace {

template <typename T>
bool ParseWhole(const std::string& text, T& value) {
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && at == end;
}

[[noreturn]] void Fail(const std::string& flag, const std::string& text,
                       const std::string& allowed) {
  throw Error(ErrorKind::kUsage, fmt::format("{}: '{}' is not allowed; give {}",
                                             flag, QuoteText(text), allowed));
}

}  // namespace

std::int64_t ParseInteger(const std::string& flag, const std::string& text,
                          std::int64_t low, std::int64_t high) {
  std::int64_t value = 0;
  if (!ParseWhole(text, value) || value < low || value > high) {
    Fail(flag, text, fmt::format("a whole number from {} to {}", low, high));
  }
  return value;
}

std::uint64_t ParseUnsigned(const std::string& flag, const std::string& text) {
  std::uint64_t value = 0;
  if (!ParseWhole(text, value)) {
    Fail(flag, text,
         fmt::format("a whole number from 0 to {}",
                     std::numeric_limits<std::uint64_t>::max()));
  }
  return value;
}

double ParseReal(const std::string& flag, const std::string& text) {
  double value = 0;
  if (!ParseWhole(text, value) || !std::isfinite(value)) {
    Fail(flag, text, "a finite number such as 0.01 or 1e-2");
  }
  return value;
}

}  // namespace microgpt::cli
