#include "checkpoint/generation.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace microgpt {
namespace {

constexpr std::string_view kPrefix = "generation-";

std::string NameOf(std::string_view prefix, std::uint64_t number) {
  return fmt::format("{}{:06d}", prefix, number);
}

std::optional<std::uint64_t> NumberOf(std::string_view prefix,
                                      std::string_view name) {
  if (!name.starts_with(prefix)) return std::nullopt;
  const std::string_view digits = name.substr(prefix.size());
  std::uint64_t number = 0;
  const auto parsed =
      std::from_chars(digits.data(), digits.data() + digits.size(), number);
  // Other spellings of the same number are other names.
  if (parsed.ec != std::errc() || number < 1 || number > kMaxGeneration ||
      NameOf(prefix, number) != name) {
    return std::nullopt;
  }
  return number;
}

}  // namespace

std::string GenerationName(std::uint64_t number) {
  return NameOf(kPrefix, number);
}
std::string PartialName(std::uint64_t number) {
  return NameOf(kPartialPrefix, number);
}
std::string RemovedName(std::uint64_t number) {
  return NameOf(kRemovedPrefix, number);
}
std::optional<std::uint64_t> GenerationNumber(std::string_view name) {
  return NumberOf(kPrefix, name);
}
std::optional<std::uint64_t> PartialNumber(std::string_view name) {
  return NumberOf(kPartialPrefix, name);
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
