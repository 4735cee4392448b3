#include "base/file_system.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <string_view>
#include <utility>

#include "base/io_error.h"

namespace microgpt {
namespace {

int OpenRetrying(const std::string& path, int flags) {
  for (;;) {
    const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC, 0666);
    if (descriptor >= 0 || errno != EINTR) return descriptor;
  }
}

class RealFile final : public NewFile {
 public:
  explicit RealFile(std::string path)
      : path_(std::move(path)),
        descriptor_(OpenRetrying(path_, O_WRONLY | O_CREAT | O_EXCL)) {
    if (descriptor_ < 0) ThrowIoError(path_, "created", errno);
  }
  ~RealFile() override {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  RealFile(const RealFile&) = delete;
  RealFile& operator=(const RealFile&) = delete;

  void Append(std::span<const char> bytes) override {
    while (!bytes.empty()) {
      // Linux transfers at most 2^31 - 4096 bytes a call.
      const std::size_t wanted = std::min<std::size_t>(bytes.size(), 1u << 30);
      const ssize_t written = ::write(descriptor_, bytes.data(), wanted);
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) {
        ThrowIoError(path_, "written", written < 0 ? errno : ENOSPC);
      }
      bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
  }

  void Sync() override {
    if (::fsync(descriptor_) != 0) ThrowIoError(path_, "synced", errno);
  }

  // Linux has closed the descriptor even where it says EINTR.
  void Close() override {
    if (::close(std::exchange(descriptor_, -1)) != 0 && errno != EINTR) {
      ThrowIoError(path_, "closed", errno);
    }
  }

 private:
  std::string path_;
  int descriptor_;
};

class OperatingSystem final : public FileSystem {
 public:
  void MakeFolder(const std::string& path) override {
    Check(::mkdir(path.c_str(), 0777), path, "created");
  }
  std::unique_ptr<NewFile> CreateFile(const std::string& path) override {
    return std::make_unique<RealFile>(path);
  }
  void Rename(const std::string& from, const std::string& to) override {
    Check(::rename(from.c_str(), to.c_str()), to, "put in place");
  }
  void RemoveFile(const std::string& path) override {
    Check(::unlink(path.c_str()), path, "removed");
  }
  void RemoveFolder(const std::string& path) override {
    Check(::rmdir(path.c_str()), path, "removed");
  }
  void SyncFolder(const std::string& path) override {
    const int descriptor = OpenRetrying(path, O_RDONLY | O_DIRECTORY);
    Check(descriptor, path, "opened");
    const int error_number = ::fsync(descriptor) == 0 ? 0 : errno;
    ::close(descriptor);
    // Some network file systems know no such thing for folders.
    if (error_number == EINVAL) return;
    if (error_number != 0) ThrowIoError(path, "synced", error_number);
  }
  std::vector<std::string> List(const std::string& path) override {
    DIR* folder = nullptr;
    do {
      folder = ::opendir(path.c_str());
    } while (folder == nullptr && errno == EINTR);
    Check(folder == nullptr ? -1 : 0, path, "listed");
    std::vector<std::string> names;
    errno = 0;
    while (const dirent* entry = ::readdir(folder)) {
      const std::string_view name = entry->d_name;
      if (name != "." && name != "..") names.emplace_back(name);
    }
    const int error_number = errno;
    ::closedir(folder);
    if (error_number != 0) ThrowIoError(path, "listed", error_number);
    std::sort(names.begin(), names.end());
    return names;
  }

 private:
  static void Check(int result, const std::string& path, const char* done) {
    if (result < 0) ThrowIoError(path, done, errno);
  }
};

}  // namespace

FileSystem& RealFileSystem() {
  static OperatingSystem files;
  return files;
}

void RemoveFolderAndFiles(FileSystem& files, const std::string& path) {
  for (const std::string& name : files.List(path)) {
    files.RemoveFile((std::filesystem::path(path) / name).string());
  }
  files.RemoveFolder(path);
}

}  // namespace microgpt
