// Numbers on the command line, the same in every locale.
#ifndef MICROGPT_CLI_PARSE_NUMBER_H_
#define MICROGPT_CLI_PARSE_NUMBER_H_

#include <cstdint>
#include <string>

namespace microgpt::cli {

// The whole text must be one number in [low, high].
// Throws Error(kUsage) naming the flag, the text and the range.
std::int64_t ParseInteger(const std::string& flag, const std::string& text,
                          std::int64_t low, std::int64_t high);
std::uint64_t ParseUnsigned(const std::string& flag, const std::string& text);
// Finite numbers only; which of them are allowed is the library's to say.
double ParseReal(const std::string& flag, const std::string& text);

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_PARSE_NUMBER_H_
