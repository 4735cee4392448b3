// Small files read and replaced as a whole.
#ifndef MICROGPT_CLI_SMALL_FILE_H_
#define MICROGPT_CLI_SMALL_FILE_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace microgpt::cli {

struct SmallFile {
  enum class Status { kRead, kNotRegular, kTooLarge, kFailed };

  Status status = Status::kFailed;
  std::string text;  // of kRead
  int error = 0;     // of kFailed, the error number
};

// Never waits, not even for the writer of a FIFO.
SmallFile ReadSmallFile(const std::string& path, std::size_t most_bytes);

// Writes PATH.part, waits until it is on the disk, gives it its name and waits
// again: under `path` is the old content or the new, whatever happens.
// Throws Error(kIo), naming the path.
void ReplaceFile(const std::string& path, std::string_view text);

// What a process that was killed in ReplaceFile may have left.
void RemoveLeftover(const std::string& path);

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_SMALL_FILE_H_
