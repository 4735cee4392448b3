// A folder that is removed with everything in it at the end of a test.
#ifndef MICROGPT_TESTS_BASE_TEMP_FOLDER_H_
#define MICROGPT_TESTS_BASE_TEMP_FOLDER_H_

#include <stdlib.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

namespace microgpt {

class TempFolder {
 public:
  TempFolder() {
    path_ = (std::filesystem::temp_directory_path() / "microgpt-XXXXXX");
    if (::mkdtemp(path_.data()) == nullptr) {
      throw std::system_error(errno, std::generic_category(), path_);
    }
  }
  ~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  const std::string& path() const { return path_; }
  std::string PathOf(const std::string& name) const {
    return path_ + "/" + name;
  }

  // Replaces the file and returns its path; makes the folders on the way.
  std::string Write(const std::string& name, std::string_view content) const {
    const std::string file_path = PathOf(name);
    std::filesystem::create_directories(
        std::filesystem::path(file_path).parent_path());
    std::ofstream file(file_path, std::ios::binary | std::ios::trunc);
    file.write(content.data(), static_cast<std::streamsize>(content.size()));
    if (!file.flush()) throw std::runtime_error("cannot write " + file_path);
    return file_path;
  }

 private:
  std::string path_;
};

}  // namespace microgpt

#endif  // MICROGPT_TESTS_BASE_TEMP_FOLDER_H_
