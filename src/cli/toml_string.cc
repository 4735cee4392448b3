#include "cli/toml_string.h"

#include <fmt/format.h>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <system_error>

namespace microgpt::cli {
namespace {

constexpr std::string_view kEscapes = "btnfr\"\\";
constexpr std::string_view kEscaped = "\b\t\n\f\r\"\\";

void AppendUtf8(std::uint32_t code, std::string& text) {
  const auto append = [&text](std::uint32_t byte) {
    text += static_cast<char>(static_cast<unsigned char>(byte));
  };
  if (code < 0x80) {
    append(code);
    return;
  }
  if (code < 0x800) {
    append(0xC0 | (code >> 6));
  } else {
    if (code < 0x10000) {
      append(0xE0 | (code >> 12));
    } else {
      append(0xF0 | (code >> 18));
      append(0x80 | ((code >> 12) & 0x3F));
    }
    append(0x80 | ((code >> 6) & 0x3F));
  }
  append(0x80 | (code & 0x3F));
}

// After \u or \U. False if they are no character; NUL ends a text of the
// operating system, so it is none.
bool TakeCodePoint(std::string_view& rest, std::size_t digits,
                   std::string& text) {
  std::uint32_t code = 0;
  const std::string_view hex = rest.substr(0, digits);
  const auto [at, error] =
      std::from_chars(hex.data(), hex.data() + hex.size(), code, 16);
  if (hex.size() < digits || error != std::errc() ||
      at != hex.data() + hex.size() || code == 0 || code > 0x10FFFF ||
      (code >= 0xD800 && code < 0xE000)) {
    return false;
  }
  rest.remove_prefix(digits);
  AppendUtf8(code, text);
  return true;
}

// After a backslash.
bool TakeEscape(std::string_view& rest, std::string& text) {
  if (rest.empty()) return false;
  const char letter = rest.front();
  rest.remove_prefix(1);
  if (letter == 'u') return TakeCodePoint(rest, 4, text);
  if (letter == 'U') return TakeCodePoint(rest, 8, text);
  const std::size_t index = kEscapes.find(letter);
  if (index == std::string_view::npos) return false;
  text += kEscaped[index];
  return true;
}

}  // namespace

std::string TakeTomlString(std::string_view& rest, std::string& problem) {
  const char quote = rest.front();
  if (rest.starts_with(std::string(3, quote))) {
    problem = "strings of several lines are not used here";
    return "";
  }
  rest.remove_prefix(1);
  std::string text;
  while (!rest.empty()) {
    const char letter = rest.front();
    rest.remove_prefix(1);
    if (letter == quote) return text;
    if (letter != '\\' || quote == '\'') {
      text += letter;
    } else if (!TakeEscape(rest, text)) {
      problem = "\\ begins none of TOML's escapes; write \\\\ for a backslash";
      return "";
    }
  }
  problem = fmt::format("the closing {} of a string is missing", quote);
  return "";
}

std::string TomlString(std::string_view text) {
  std::string quoted = "\"";
  for (const char letter : text) {
    const auto code = static_cast<unsigned char>(letter);
    if (letter == '"' || letter == '\\') {
      quoted += '\\';
      quoted += letter;
    } else if (code < 0x20 || code == 0x7F) {
      quoted += fmt::format("\\u{:04X}", code);
    } else {
      quoted += letter;
    }
  }
  return quoted + "\"";
}

}  // namespace microgpt::cli
