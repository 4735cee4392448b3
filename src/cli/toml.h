// The part of TOML that a list of settings needs: lines of "key = value".
#ifndef MICROGPT_CLI_TOML_H_
#define MICROGPT_CLI_TOML_H_

#include <string>
#include <string_view>
#include <vector>

namespace microgpt::cli {

enum class TomlKind { kString, kInteger, kReal, kBoolean };

struct TomlEntry {
  std::string key;
  TomlKind kind;
  std::string text;  // of a string what it stands for, of others as `set` of
                     // a flag takes them
  int line;          // from 1
};

// Bare keys, strings on one line, decimal numbers, true and false, comments.
// Whatever else TOML has is refused, and so is a key that comes twice: nothing
// of a file is passed over. CLI11's reader is not used because it is lenient:
// it cuts strings at #, knows no escapes, splits at commas and skips short
// lines. A byte-order mark and line ends \r\n are taken as in any text.
// Throws Error(kUsage) that begins with "NAME: line N: ".
std::vector<TomlEntry> ParseToml(std::string_view text,
                                 const std::string& name);

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_TOML_H_
