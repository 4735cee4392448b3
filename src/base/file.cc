#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <new>
#include <utility>

#include "base/io_error.h"
#include "microgpt/error.h"

namespace microgpt {
namespace {

// O_NONBLOCK: opening a FIFO must not wait for a writer.
int OpenForReading(const std::string& path) {
  for (;;) {
    const int descriptor =
        ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (descriptor >= 0 || errno != EINTR) return descriptor;
  }
}

const char* KindOf(mode_t mode) {
  if (S_ISDIR(mode)) return "a directory";
  if (S_ISFIFO(mode)) return "a FIFO";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

}  // namespace

InputFile::InputFile(const std::string& path)
    : path_(path), descriptor_(OpenForReading(path)) {
  if (descriptor_ < 0) {
    throw Error(ErrorKind::kInput, path + ": cannot be opened: " +
                                       ErrnoText(errno) + "; check the path");
  }
  struct stat status = {};
  const bool known = ::fstat(descriptor_, &status) == 0;
  if (!known || !S_ISREG(status.st_mode)) {
    const std::string what = known ? KindOf(status.st_mode) : ErrnoText(errno);
    ::close(descriptor_);
    throw Error(ErrorKind::kInput, path + ": is not a regular file but " +
                                       what + "; give a regular file");
  }
  size_ = static_cast<std::uint64_t>(status.st_size);
}

InputFile::~InputFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

InputFile::InputFile(InputFile&& other) noexcept
    : path_(std::move(other.path_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      size_(other.size_) {}

void InputFile::ReadAt(std::uint64_t offset, std::span<char> bytes) const {
  while (!bytes.empty()) {
    // Linux transfers at most 2^31 - 4096 bytes a call.
    const std::size_t wanted = std::min<std::size_t>(bytes.size(), 1u << 30);
    const ssize_t got =
        ::pread(descriptor_, bytes.data(), wanted, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) {
      const std::string why = got < 0
                                  ? ErrnoText(errno)
                                  : "the file became shorter while being read";
      throw Error(ErrorKind::kIo, path_ + ": cannot be read at byte " +
                                      std::to_string(offset) + ": " + why);
    }
    bytes = bytes.subspan(static_cast<std::size_t>(got));
    offset += static_cast<std::uint64_t>(got);
  }
}

std::string ReadFile(const std::string& path) {
  const InputFile file(path);
  std::string text;
  try {
    text.resize(file.size());
  } catch (const std::exception&) {  // bad_alloc or length_error
    throw Error(ErrorKind::kResources, path + ": does not fit into memory (" +
                                           std::to_string(file.size()) +
                                           " bytes)");
  }
  file.ReadAt(0, text);
  return text;
}

}  // namespace microgpt
