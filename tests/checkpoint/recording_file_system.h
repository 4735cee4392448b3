// A disk in memory that logs every operation and can make any of them fail.
#ifndef MICROGPT_TESTS_CHECKPOINT_RECORDING_FILE_SYSTEM_H_
#define MICROGPT_TESTS_CHECKPOINT_RECORDING_FILE_SYSTEM_H_

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_system.h"

namespace microgpt {

// What a folder holds, by path below it: the content of files, nothing for
// folders. A folder stands before what is in it.
using DiskImage = std::map<std::string, std::optional<std::string>>;

enum class OperationKind {
  kMakeFolder,
  kCreateFile,
  kAppend,
  kSyncFile,
  kClose,
  kRename,
  kRemoveFile,
  kRemoveFolder,
  kSyncFolder,
  kList,
};

// Paths are relative to the root, which is "".
struct Operation {
  OperationKind kind = OperationKind::kList;
  std::string path;
  std::string to = {};     // of a rename
  std::string bytes = {};  // that an append really wrote
  bool failed = false;
  bool applied = true;  // an append as far as its bytes say
};

// What an operation that is to fail has done before it fails.
enum class Failure {
  kBefore,   // nothing
  kHalfway,  // half of an append; nothing for the others
  kAfter,    // all of it, as it happens on network file systems
};

// REQUIRES of callers: files are closed before their folder is renamed.
class RecordingFileSystem final : public FileSystem {
 public:
  // All paths given to the functions below must begin with this.
  static constexpr std::string_view kRoot = "/disk";

  explicit RecordingFileSystem(DiskImage start = {});

  // What the process sees, durable or not.
  const DiskImage& image() const { return image_; }
  // Failed ones included.
  const std::vector<Operation>& operations() const { return operations_; }

  // Makes the operation at `index` of operations() fail with Error(kIo).
  void FailAt(std::size_t index, Failure failure = Failure::kBefore);
  // That one and all later ones, as on a disk that has become read-only.
  void FailFrom(std::size_t index);
  void StopFailing();

  void MakeFolder(const std::string& path) override;
  std::unique_ptr<NewFile> CreateFile(const std::string& path) override;
  void Rename(const std::string& from, const std::string& to) override;
  void RemoveFile(const std::string& path) override;
  void RemoveFolder(const std::string& path) override;
  void SyncFolder(const std::string& path) override;
  std::vector<std::string> List(const std::string& path) override;

 private:
  class File;

  // Logs the operation and applies it as far as it gets.
  void Do(Operation operation);
  void Apply(const Operation& operation);
  void ExpectFolder(const std::string& path) const;
  void ExpectFile(const std::string& path) const;
  void ExpectNew(const std::string& path) const;
  void ExpectEmpty(const std::string& path) const;
  void Move(const std::string& from, const std::string& to);

  DiskImage image_;
  std::vector<Operation> operations_;
  std::optional<std::size_t> failing_index_;
  Failure failure_ = Failure::kBefore;
  bool fails_later_too_ = false;
};

// The folder that a path is in, and its name there.
std::string FolderOf(const std::string& path);
std::string NameOf(const std::string& path);

}  // namespace microgpt

#endif  // MICROGPT_TESTS_CHECKPOINT_RECORDING_FILE_SYSTEM_H_
