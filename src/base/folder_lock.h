// One writer a folder.
#ifndef MICROGPT_BASE_FOLDER_LOCK_H_
#define MICROGPT_BASE_FOLDER_LOCK_H_

#include <string>

namespace microgpt {

// Holds the lock of a folder, a file named "lock" in it, until it is destroyed
// or the process ends, however it ends. The file stays and names the last
// holder.
class FolderLock {
 public:
  static constexpr const char* kFileName = "lock";

  // Never waits. Throws Error(kIo), naming the holder if another process or
  // another FolderLock has it, or if the file cannot be written.
  explicit FolderLock(const std::string& folder);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int descriptor_ = -1;
};

}  // namespace microgpt

#endif  // MICROGPT_BASE_FOLDER_LOCK_H_
