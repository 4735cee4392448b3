#include "cli/small_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace microgpt::cli {
namespace {

class Descriptor {
 public:
  explicit Descriptor(const std::string& path) {
    do {
      number_ = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    } while (number_ < 0 && errno == EINTR);
  }
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int number() const { return number_; }

 private:
  int number_ = -1;
};

}  // namespace

SmallFile ReadSmallFile(const std::string& path, std::size_t most_bytes) {
  using Status = SmallFile::Status;
  const Descriptor file(path);
  struct stat status = {};
  if (file.number() < 0 || ::fstat(file.number(), &status) != 0) {
    return {Status::kFailed, "", errno};
  }
  if (!S_ISREG(status.st_mode)) return {Status::kNotRegular, "", 0};
  std::string text;
  std::array<char, 1 << 14> block;
  while (true) {
    const ssize_t size = ::read(file.number(), block.data(), block.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return {Status::kFailed, "", errno};
    if (size == 0) return {Status::kRead, text, 0};
    text.append(block.data(), static_cast<std::size_t>(size));
    if (text.size() > most_bytes) return {Status::kTooLarge, "", 0};
  }
}

}  // namespace microgpt::cli
