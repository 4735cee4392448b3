#include "cli/replace_file.h"

#include <fcntl.h>
#include <unistd.h>

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

std::string PartPath(const std::string& path) { return path + ".part"; }

void ReplaceFile(const std::string& path, std::string_view text) {
  const std::string part = PartPath(path);
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

void RemoveLeftover(const std::string& path) {
  ::unlink(PartPath(path).c_str());
}

}  // namespace microgpt::cli
