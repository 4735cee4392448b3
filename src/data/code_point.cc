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
    name += " '";
    utf8::unchecked::append(code_point, std::back_inserter(name));
    name += "'";
  }
  return name;
}

}  // namespace microgpt
