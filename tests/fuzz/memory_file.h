// Files for readers that take a path.
#ifndef MICROGPT_TESTS_FUZZ_MEMORY_FILE_H_
#define MICROGPT_TESTS_FUZZ_MEMORY_FILE_H_

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <string>
#include <string_view>
#include <system_error>

namespace microgpt::fuzz {

// A file without a disk.
class MemoryFile {
 public:
  MemoryFile() : descriptor_(::memfd_create("input", MFD_CLOEXEC)) {
    Check(descriptor_ >= 0);
  }
  ~MemoryFile() { ::close(descriptor_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  std::string path() const {
    return "/proc/self/fd/" + std::to_string(descriptor_);
  }

  void Replace(std::string_view content) {
    Check(::ftruncate(descriptor_, 0) == 0);
    while (!content.empty()) {
      const off_t end = ::lseek(descriptor_, 0, SEEK_END);
      const ssize_t written =
          ::pwrite(descriptor_, content.data(), content.size(), end);
      Check(written > 0);
      content.remove_prefix(static_cast<std::size_t>(written));
    }
  }

 private:
  static void Check(bool ok) {
    if (!ok) throw std::system_error(errno, std::generic_category(), "memfd");
  }

  int descriptor_;
};

}  // namespace microgpt::fuzz

#endif  // MICROGPT_TESTS_FUZZ_MEMORY_FILE_H_
