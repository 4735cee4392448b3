// Files that are replaced as a whole.
#ifndef MICROGPT_CLI_REPLACE_FILE_H_
#define MICROGPT_CLI_REPLACE_FILE_H_

#include <string>
#include <string_view>

namespace microgpt::cli {

// Where ReplaceFile writes before the file gets its name.
std::string PartPath(const std::string& path);

// Writes the file under another name beside it, then renames it: an older one
// is there until the new one is complete. Throws Error(kIo).
void ReplaceFile(const std::string& path, std::string_view text);

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_REPLACE_FILE_H_
