// Buffered output to a file descriptor, with checked writes.
#ifndef MICROGPT_CLI_WRITER_H_
#define MICROGPT_CLI_WRITER_H_

#include <string>
#include <string_view>

namespace microgpt::cli {

// Writes everything, through short writes and interruptions. Returns 0 or the
// error number.
int WriteAll(int descriptor, std::string_view text);

// Holds text back until Flush. Does not own the descriptor.
class Writer {
 public:
  // `name` stands for the destination in errors.
  Writer(int descriptor, std::string name);

  void Append(std::string_view text) { buffer_ += text; }

  // Throws Error(kIo) if the destination does not take the text. Once a pipe
  // has lost its reader the text is dropped instead and broken_pipe() says so.
  void Flush();

  bool broken_pipe() const { return broken_pipe_; }

 private:
  int descriptor_;
  std::string name_;
  std::string buffer_;
  bool broken_pipe_ = false;
};

// A file opened for writing, closed with its owner.
class OutputFile {
 public:
  enum class Mode { kReplace, kAppend, kNew };  // kNew: there is none yet

  // Never waits. Throws Error(kIo).
  OutputFile(const std::string& path, Mode mode);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  int descriptor() const { return descriptor_; }

  // Waits until what was written is on the disk, where the file is on one.
  // Throws Error(kIo).
  void Sync() const;

 private:
  std::string path_;
  int descriptor_;
};

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_WRITER_H_
