#include "cli/small_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "cli/writer.h"
#include "microgpt/error.h"

namespace microgpt::cli {
namespace {

constexpr mode_t kMode = 0666;

class Descriptor {
 public:
  Descriptor(const std::string& path, int flags) {
    do {
      number_ = ::open(path.c_str(), flags | O_CLOEXEC, kMode);
    } while (number_ < 0 && errno == EINTR);
  }
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int number() const { return number_; }
  // 0 or the error number.
  int Sync() const { return ::fsync(number_) == 0 ? 0 : errno; }

 private:
  int number_ = -1;
};

std::string PartOf(const std::string& path) { return path + ".part"; }

// Both return 0 or the error number.
int WriteSynced(const std::string& path, std::string_view text) {
  const Descriptor file(path, O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK);
  if (file.number() < 0) return errno;
  const int error = WriteAll(file.number(), text);
  return error != 0 ? error : file.Sync();
}

int SyncFolderOf(const std::string& path) {
  const std::string parent = std::filesystem::path(path).parent_path().string();
  const Descriptor folder(parent.empty() ? "." : parent,
                          O_RDONLY | O_DIRECTORY);
  return folder.number() < 0 ? errno : folder.Sync();
}

}  // namespace

SmallFile ReadSmallFile(const std::string& path, std::size_t most_bytes) {
  using Status = SmallFile::Status;
  const Descriptor file(path, O_RDONLY | O_NONBLOCK);
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

void ReplaceFile(const std::string& path, std::string_view text) {
  const std::string part = PartOf(path);
  int error = WriteSynced(part, text);
  if (error == 0 && std::rename(part.c_str(), path.c_str()) != 0) error = errno;
  if (error != 0) {
    RemoveLeftover(path);
  } else {
    error = SyncFolderOf(path);
  }
  if (error != 0) {
    throw Error(ErrorKind::kIo, path + ": cannot be written: " +
                                    std::generic_category().message(error));
  }
}

void RemoveLeftover(const std::string& path) { ::unlink(PartOf(path).c_str()); }

}  // namespace microgpt::cli
