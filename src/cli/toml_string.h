// Strings of TOML, on one line.
#ifndef MICROGPT_CLI_TOML_STRING_H_
#define MICROGPT_CLI_TOML_STRING_H_

#include <string>
#include <string_view>

namespace microgpt::cli {

// Takes a string, "basic" or 'literal', off the front of `rest`. What is wrong
// with it goes into `problem`, which is left alone otherwise.
// REQUIRES: rest begins with a quote.
std::string TakeTomlString(std::string_view& rest, std::string& problem);

// A string that reads back exactly. REQUIRES: UTF-8.
std::string TomlString(std::string_view text);

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_TOML_STRING_H_
