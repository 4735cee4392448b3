#include "data/code_point.h"

#include <fmt/format.h>
#include <utf8.h>

#include <iterator>

namespace microgpt {

std::string DescribeCodePoint(char32_t code_point) {
  std::string name = fmt::format("U+{:04X}", static_cast<unsigned>(code_point));
  const bool control =
      code_point < 0x20 || (code_point >= 0x7F && code_point < 0xA0);
  if (!control) {
    name += " '" + ToUtf8(code_point) + "'";
  }
  return name;
}

std::string ToUtf8(char32_t code_point) {
  std::string text;
  utf8::unchecked::append(code_point, std::back_inserter(text));
  return text;
}

std::optional<char32_t> SingleCodePoint(std::string_view text) {
  if (text.empty() || !utf8::is_valid(text.begin(), text.end())) {
    return std::nullopt;
  }
  auto at = text.begin();
  const char32_t code_point = utf8::unchecked::next(at);
  if (at != text.end()) return std::nullopt;
  return code_point;
}

}  // namespace microgpt
