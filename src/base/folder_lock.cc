#include "base/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/io_error.h"
#include "microgpt/error.h"

namespace microgpt {
namespace {

std::string DescribeSelf() {
  std::array<char, 256> host = {};
  if (::gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
  return "process " + std::to_string(::getpid()) + " on " + host.data() + "\n";
}

// A file that its holder has not written yet names nobody.
std::string ReadHolder(int descriptor) {
  std::array<char, 300> text;
  const ssize_t got = ::pread(descriptor, text.data(), text.size(), 0);
  std::string holder(text.data(), static_cast<std::size_t>(got > 0 ? got : 0));
  holder.resize(std::min(holder.size(), holder.find('\n')));
  return holder.empty() ? "another process" : QuoteText(holder);
}

// 0 or the error number. A short write only spoils a name in a message.
int WriteHolder(int descriptor) {
  const std::string self = DescribeSelf();
  if (::ftruncate(descriptor, 0) != 0 ||
      ::pwrite(descriptor, self.data(), self.size(), 0) < 0) {
    return errno == EINTR ? 0 : errno;
  }
  return 0;
}

}  // namespace

FolderLock::FolderLock(const std::string& folder) {
  const std::string path = folder + "/" + kFileName;
  do {
    descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  } while (descriptor_ < 0 && errno == EINTR);
  if (descriptor_ < 0) ThrowIoError(path, "opened for writing", errno);
  int error_number = 0;
  while (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    error_number = errno;
    break;
  }
  std::string holder;
  if (error_number == EWOULDBLOCK) holder = ReadHolder(descriptor_);
  if (error_number == 0) error_number = WriteHolder(descriptor_);
  if (error_number == 0) return;
  ::close(descriptor_);
  if (holder.empty()) ThrowIoError(path, "locked", error_number);
  throw Error(ErrorKind::kIo, folder + ": is in use by " + holder +
                                  "; wait for it or give another folder");
}

FolderLock::~FolderLock() { ::close(descriptor_); }

}  // namespace microgpt
