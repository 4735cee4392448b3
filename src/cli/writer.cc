#include "cli/writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "microgpt/error.h"

namespace microgpt::cli {
namespace {

[[noreturn]] void Fail(const std::string& name, const char* what,
                       int error_number) {
  throw Error(ErrorKind::kIo,
              name + ": cannot be " + what + ": " +
                  std::generic_category().message(error_number));
}

}  // namespace

int WriteAll(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return errno;
    }
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

Writer::Writer(int descriptor, std::string name)
    : descriptor_(descriptor), name_(std::move(name)) {}

void Writer::Flush() {
  if (buffer_.empty()) return;
  const int error_number =
      broken_pipe_ ? EPIPE : WriteAll(descriptor_, buffer_);
  buffer_.clear();
  if (error_number == EPIPE) {
    broken_pipe_ = true;
  } else if (error_number != 0) {
    Fail(name_, "written", error_number);
  }
}

namespace {

int FlagsOf(OutputFile::Mode mode) {
  switch (mode) {
    case OutputFile::Mode::kReplace:
      return O_TRUNC;
    case OutputFile::Mode::kAppend:
      return O_APPEND;
    case OutputFile::Mode::kNew:
      break;
  }
  return O_EXCL;
}

}  // namespace

// O_NONBLOCK: opening a FIFO must not wait for a reader.
OutputFile::OutputFile(const std::string& path, Mode mode) : path_(path) {
  const int kind = O_WRONLY | O_CREAT | O_NONBLOCK | O_CLOEXEC | FlagsOf(mode);
  do {
    descriptor_ = ::open(path.c_str(), kind, 0666);
  } while (descriptor_ < 0 && errno == EINTR);
  if (descriptor_ < 0) Fail(path, "opened for writing", errno);
  const int flags = ::fcntl(descriptor_, F_GETFL);
  ::fcntl(descriptor_, F_SETFL, flags & ~O_NONBLOCK);
}

void OutputFile::Sync() const {
  if (::fsync(descriptor_) == 0) return;
  // Of something that is no file on a disk.
  if (errno != EINVAL && errno != EROFS) Fail(path_, "synced", errno);
}

OutputFile::~OutputFile() { ::close(descriptor_); }

}  // namespace microgpt::cli
