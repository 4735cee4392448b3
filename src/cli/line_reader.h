// Text files line by line, in bounded memory.
#ifndef MICROGPT_CLI_LINE_READER_H_
#define MICROGPT_CLI_LINE_READER_H_

#include <cstddef>
#include <cstdint>
#include <string>

namespace microgpt::cli {

// Single-threaded.
class LineReader {
 public:
  // Throws Error(kInput) if there is no such file or it is not a regular one,
  // Error(kIo) if it cannot be opened.
  explicit LineReader(const std::string& path);
  ~LineReader();
  LineReader(const LineReader&) = delete;
  LineReader& operator=(const LineReader&) = delete;

  // The next line, without its end; false at the end of the file. What stands
  // behind the last line end is no line: a process that was killed may have
  // left half of one.
  // Throws Error(kIo) if reading fails, Error(kInput) for a line beyond 64 MiB.
  bool Next(std::string& line);

  // Of the line read last, from 1.
  std::int64_t number() const { return number_; }
  // Up to the end of the line read last.
  std::uint64_t bytes() const { return bytes_; }
  // Whether anything stands behind the last line. REQUIRES: Next gave false.
  bool has_rest() const { return begin_ < buffer_.size(); }
  // "FILE, line 12".
  std::string Place() const;

 private:
  bool Fill();

  std::string path_;
  int descriptor_;
  std::string buffer_;
  std::size_t begin_ = 0;  // of what has not been given yet
  std::int64_t number_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_LINE_READER_H_
