// Reading regular files, and only those.
#ifndef MICROGPT_BASE_FILE_H_
#define MICROGPT_BASE_FILE_H_

#include <cstdint>
#include <span>
#include <string>

namespace microgpt {

// An open regular file. Movable.
class InputFile {
 public:
  // Never waits, whatever the path is. Throws Error(kInput) if it is missing,
  // not readable or not a regular file.
  explicit InputFile(const std::string& path);
  ~InputFile();
  InputFile(InputFile&& other) noexcept;
  InputFile& operator=(InputFile&&) = delete;

  const std::string& path() const { return path_; }
  std::uint64_t size() const { return size_; }

  // Fills `bytes` from `offset`. Throws Error(kIo) if the file cannot be read
  // or ends before. REQUIRES: offset + bytes.size() <= size().
  void ReadAt(std::uint64_t offset, std::span<char> bytes) const;

 private:
  std::string path_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
};

// The whole of a regular file. Throws like InputFile, and Error(kResources) if
// it does not fit into memory.
std::string ReadFile(const std::string& path);

}  // namespace microgpt

#endif  // MICROGPT_BASE_FILE_H_
