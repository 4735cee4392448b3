#include "cli/line_reader.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "cli/page/text_escape.h"
#include "microgpt/error.h"

namespace microgpt::cli {
namespace {

constexpr std::size_t kMaxLineBytes = 64u << 20;
constexpr std::size_t kReadBytes = 1u << 16;

[[noreturn]] void Fail(const std::string& path, const char* what, int number) {
  const bool absent = number == ENOENT || number == ENOTDIR;
  throw Error(absent ? ErrorKind::kInput : ErrorKind::kIo,
              CleanText(path) + ": cannot be " + what + ": " +
                  std::generic_category().message(number));
}

}  // namespace

// O_NONBLOCK: opening a FIFO must not wait for a writer.
LineReader::LineReader(const std::string& path) : path_(path) {
  do {
    descriptor_ = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  } while (descriptor_ < 0 && errno == EINTR);
  if (descriptor_ < 0) Fail(path_, "opened", errno);
  struct stat about = {};
  const bool known = ::fstat(descriptor_, &about) == 0;
  if (known && S_ISREG(about.st_mode)) return;
  const int number = errno;
  ::close(descriptor_);
  if (!known) Fail(path_, "looked at", number);
  throw Error(ErrorKind::kInput, CleanText(path_) + ": is no regular file");
}

LineReader::~LineReader() { ::close(descriptor_); }

bool LineReader::Fill() {
  buffer_.erase(0, begin_);
  begin_ = 0;
  const std::size_t kept = buffer_.size();
  if (kept > kMaxLineBytes) {
    throw Error(ErrorKind::kInput,
                fmt::format("{}, line {}: longer than any line of such a file",
                            CleanText(path_), number_ + 1));
  }
  // Doubles with a long line, so that it is not copied too often.
  const std::size_t more = kept > kReadBytes ? kept : kReadBytes;
  buffer_.resize(kept + more);
  ssize_t got = 0;
  do {
    got = ::read(descriptor_, buffer_.data() + kept, more);
  } while (got < 0 && errno == EINTR);
  const int number = errno;
  buffer_.resize(kept + (got > 0 ? static_cast<std::size_t>(got) : 0));
  if (got < 0) Fail(path_, "read", number);
  return got > 0;
}

bool LineReader::Next(std::string& line) {
  std::size_t searched = begin_;
  for (;;) {
    const std::size_t end = buffer_.find('\n', searched);
    if (end != std::string::npos) {
      line.assign(buffer_, begin_, end - begin_);
      bytes_ += end + 1 - begin_;
      begin_ = end + 1;
      ++number_;
      return true;
    }
    searched = buffer_.size() - begin_;
    if (!Fill()) return false;
  }
}

std::string LineReader::Place() const {
  return fmt::format("{}, line {}", CleanText(path_), number_);
}

}  // namespace microgpt::cli
