// Small files, read as a whole.
#ifndef MICROGPT_CLI_SMALL_FILE_H_
#define MICROGPT_CLI_SMALL_FILE_H_

#include <cstddef>
#include <string>

namespace microgpt::cli {

struct SmallFile {
  enum class Status { kRead, kNotRegular, kTooLarge, kFailed };

  Status status = Status::kFailed;
  std::string text;  // of kRead
  int error = 0;     // of kFailed, the error number
};

// Never waits, not even for the writer of a FIFO.
SmallFile ReadSmallFile(const std::string& path, std::size_t most_bytes);

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_SMALL_FILE_H_
