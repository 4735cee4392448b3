// Writing files that others may read meanwhile.
#ifndef MICROGPT_CLI_REPLACE_FILE_H_
#define MICROGPT_CLI_REPLACE_FILE_H_

#include <string>
#include <string_view>

namespace microgpt::cli {

// Where ReplaceFile writes before the file gets its name.
std::string PartPath(const std::string& path);

// Writes the file under another name, waits until it is on the disk, gives it
// its name and waits again: under `path` is the old content or the new,
// whatever happens. Throws Error(kIo), naming the path.
void ReplaceFile(const std::string& path, std::string_view text);

// What a process that was killed in ReplaceFile may have left.
void RemoveLeftover(const std::string& path);

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_REPLACE_FILE_H_
