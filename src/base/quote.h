// Foreign text in error messages.
#ifndef MICROGPT_BASE_QUOTE_H_
#define MICROGPT_BASE_QUOTE_H_

#include <string>
#include <string_view>

namespace microgpt {

// The beginning of a UTF-8 text, fit for one line of a terminal: at most about
// 40 bytes, cut between characters, control characters replaced by '?'.
std::string QuoteText(std::string_view text);

}  // namespace microgpt

#endif  // MICROGPT_BASE_QUOTE_H_
