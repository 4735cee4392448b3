// Single code points as text.
#ifndef MICROGPT_DATA_CODE_POINT_H_
#define MICROGPT_DATA_CODE_POINT_H_

#include <optional>
#include <string>
#include <string_view>

namespace microgpt {

// "U+00E9 'é'"; control characters without the quotes.
std::string DescribeCodePoint(char32_t code_point);

std::string ToUtf8(char32_t code_point);

// The code point that `text` consists of; nothing if it is not valid UTF-8 or
// has none or several.
std::optional<char32_t> SingleCodePoint(std::string_view text);

}  // namespace microgpt

#endif  // MICROGPT_DATA_CODE_POINT_H_
