#include "checkpoint/generation.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace microgpt {
namespace {

constexpr std::string_view kPrefix = "generation-";

}  // namespace

std::string GenerationDigits(std::uint64_t number) {
  return fmt::format("{:06d}", number);
}

std::string GenerationName(std::uint64_t number) {
  return std::string(kPrefix) + GenerationDigits(number);
}

std::optional<std::uint64_t> GenerationNumber(std::string_view name) {
  if (!name.starts_with(kPrefix)) return std::nullopt;
  const std::string_view digits = name.substr(kPrefix.size());
  std::uint64_t number = 0;
  const auto parsed =
      std::from_chars(digits.data(), digits.data() + digits.size(), number);
  // Other spellings of the same number are other names.
  if (parsed.ec != std::errc() || number < 1 || number > kMaxGeneration ||
      GenerationName(number) != name) {
    return std::nullopt;
  }
  return number;
}

std::vector<std::uint64_t> GenerationsAmong(
    const std::vector<std::string>& names) {
  std::vector<std::uint64_t> numbers;
  for (const std::string& name : names) {
    if (const auto number = GenerationNumber(name)) numbers.push_back(*number);
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

}  // namespace microgpt
