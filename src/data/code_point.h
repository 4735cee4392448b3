// Naming code points in messages.
#ifndef MICROGPT_DATA_CODE_POINT_H_
#define MICROGPT_DATA_CODE_POINT_H_

#include <string>

namespace microgpt {

// "U+00E9 'é'"; control characters without the quotes.
std::string DescribeCodePoint(char32_t code_point);

}  // namespace microgpt

#endif  // MICROGPT_DATA_CODE_POINT_H_
