// Preloaded before the C library: write() to a regular file takes at most seven
// bytes, and every third call is interrupted. At exit, appends to the file
// $SHORT_WRITE_LOG how often each has happened.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

namespace {

std::atomic<unsigned> calls{0};
std::atomic<unsigned> shortened{0};
std::atomic<unsigned> interrupted{0};

struct LogAtExit {
  ~LogAtExit() {
    const char* path = std::getenv("SHORT_WRITE_LOG");
    if (path == nullptr) return;
    const int file = ::open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (file < 0) return;
    ::dprintf(file, "%u %u\n", shortened.load(), interrupted.load());
    ::close(file);
  }
} log_at_exit;

}  // namespace

extern "C" __attribute__((visibility("default"))) ssize_t write(
    int descriptor, const void* bytes, std::size_t size) {
  constexpr std::size_t kMost = 7;
  struct stat status = {};
  if (::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode)) {
    if (++calls % 3 == 0) {
      ++interrupted;
      errno = EINTR;
      return -1;
    }
    if (size > kMost) ++shortened;
    size = std::min(size, kMost);
  }
  return ::syscall(SYS_write, descriptor, bytes, size);
}
