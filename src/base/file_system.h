// Changing files and folders, behind an interface so that tests can record
// every operation and make any of them fail.
#ifndef MICROGPT_BASE_FILE_SYSTEM_H_
#define MICROGPT_BASE_FILE_SYSTEM_H_

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace microgpt {

// A file being written. Destroying it closes it unchecked.
class NewFile {
 public:
  virtual ~NewFile() = default;

  // Writes everything, through short writes and interruptions.
  virtual void Append(std::span<const char> bytes) = 0;
  // Waits until the content is on the disk. Never tried twice: after a failure
  // the kernel may have dropped what was not written.
  virtual void Sync() = 0;
  virtual void Close() = 0;
};

// Every function throws Error(kIo), naming the path, where the operating system
// refuses. Thread-compatible.
class FileSystem {
 public:
  virtual ~FileSystem() = default;

  // REQUIRES: nothing of that name (it would be an error).
  virtual void MakeFolder(const std::string& path) = 0;
  virtual std::unique_ptr<NewFile> CreateFile(const std::string& path) = 0;
  // REQUIRES: nothing named `to`.
  virtual void Rename(const std::string& from, const std::string& to) = 0;
  virtual void RemoveFile(const std::string& path) = 0;
  virtual void RemoveFolder(const std::string& path) = 0;  // an empty one
  // Waits until names made, changed or removed in the folder are on the disk.
  virtual void SyncFolder(const std::string& path) = 0;
  // Names in the folder, sorted, without "." and "..".
  virtual std::vector<std::string> List(const std::string& path) = 0;
};

// That of the operating system. Thread-safe.
FileSystem& RealFileSystem();

// Removes a folder and the files in it, but no deeper.
void RemoveFolderAndFiles(FileSystem& files, const std::string& path);

}  // namespace microgpt

#endif  // MICROGPT_BASE_FILE_SYSTEM_H_
