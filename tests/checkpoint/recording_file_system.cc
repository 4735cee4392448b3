#include "tests/checkpoint/recording_file_system.h"

#include <stdexcept>
#include <utility>

#include "microgpt/error.h"

namespace microgpt {
namespace {

[[noreturn]] void Fail(const std::string& path, const std::string& why) {
  throw Error(ErrorKind::kIo, path + ": " + why);
}

std::string Relative(const std::string& path) {
  constexpr std::string_view kRoot = RecordingFileSystem::kRoot;
  if (path == kRoot) return "";
  if (!path.starts_with(std::string(kRoot) + "/")) {
    throw std::logic_error(path + " is outside of the recorded disk");
  }
  return path.substr(kRoot.size() + 1);
}

bool IsIn(const std::string& path, const std::string& folder) {
  return folder.empty() || path.starts_with(folder + "/");
}

}  // namespace

std::string FolderOf(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == path.npos ? "" : path.substr(0, slash);
}

std::string NameOf(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == path.npos ? path : path.substr(slash + 1);
}

class RecordingFileSystem::File final : public NewFile {
 public:
  File(RecordingFileSystem& files, std::string path)
      : files_(files), path_(std::move(path)) {}

  void Append(std::span<const char> bytes) override {
    files_.Do({.kind = OperationKind::kAppend,
               .path = path_,
               .bytes = std::string(bytes.begin(), bytes.end())});
  }
  void Sync() override {
    files_.Do({.kind = OperationKind::kSyncFile, .path = path_});
  }
  void Close() override {
    files_.Do({.kind = OperationKind::kClose, .path = path_});
  }

 private:
  RecordingFileSystem& files_;
  std::string path_;
};

RecordingFileSystem::RecordingFileSystem(DiskImage start)
    : image_(std::move(start)) {}

void RecordingFileSystem::FailAt(std::size_t index, Failure failure) {
  failing_index_ = index;
  failure_ = failure;
  fails_later_too_ = false;
}

void RecordingFileSystem::FailFrom(std::size_t index) {
  FailAt(index);
  fails_later_too_ = true;
}

void RecordingFileSystem::StopFailing() { failing_index_.reset(); }

void RecordingFileSystem::MakeFolder(const std::string& path) {
  Do({.kind = OperationKind::kMakeFolder, .path = Relative(path)});
}

std::unique_ptr<NewFile> RecordingFileSystem::CreateFile(
    const std::string& path) {
  Do({.kind = OperationKind::kCreateFile, .path = Relative(path)});
  return std::make_unique<File>(*this, Relative(path));
}

void RecordingFileSystem::Rename(const std::string& from,
                                 const std::string& to) {
  Do({.kind = OperationKind::kRename,
      .path = Relative(from),
      .to = Relative(to)});
}

void RecordingFileSystem::RemoveFile(const std::string& path) {
  Do({.kind = OperationKind::kRemoveFile, .path = Relative(path)});
}

void RecordingFileSystem::RemoveFolder(const std::string& path) {
  Do({.kind = OperationKind::kRemoveFolder, .path = Relative(path)});
}

void RecordingFileSystem::SyncFolder(const std::string& path) {
  Do({.kind = OperationKind::kSyncFolder, .path = Relative(path)});
}

std::vector<std::string> RecordingFileSystem::List(const std::string& path) {
  const std::string folder = Relative(path);
  Do({.kind = OperationKind::kList, .path = folder});
  std::vector<std::string> names;
  for (const auto& [entry, content] : image_) {
    if (FolderOf(entry) == folder) names.push_back(NameOf(entry));
  }
  return names;
}

void RecordingFileSystem::Do(Operation operation) {
  const std::size_t index = operations_.size();
  operation.failed =
      failing_index_ && (index == *failing_index_ ||
                         (fails_later_too_ && index > *failing_index_));
  if (operation.failed) {
    if (failure_ == Failure::kBefore) operation.bytes.clear();
    if (failure_ == Failure::kHalfway) {
      operation.bytes.resize(operation.bytes.size() / 2);
    }
    operation.applied =
        operation.kind == OperationKind::kAppend || failure_ == Failure::kAfter;
  }
  if (operation.applied) Apply(operation);
  operations_.push_back(operation);
  if (operation.failed) Fail(operation.path, "fails as it was told to");
}

void RecordingFileSystem::Apply(const Operation& operation) {
  const std::string& path = operation.path;
  switch (operation.kind) {
    case OperationKind::kMakeFolder:
      ExpectNew(path);
      image_[path] = std::nullopt;
      break;
    case OperationKind::kCreateFile:
      ExpectNew(path);
      image_[path] = "";
      break;
    case OperationKind::kAppend:
      ExpectFile(path);
      *image_[path] += operation.bytes;
      break;
    case OperationKind::kSyncFile:
    case OperationKind::kClose:
      ExpectFile(path);
      break;
    case OperationKind::kRename:
      ExpectNew(operation.to);
      Move(path, operation.to);
      break;
    case OperationKind::kRemoveFile:
      ExpectFile(path);
      image_.erase(path);
      break;
    case OperationKind::kRemoveFolder:
      ExpectEmpty(path);
      image_.erase(path);
      break;
    case OperationKind::kSyncFolder:
    case OperationKind::kList:
      ExpectFolder(path);
      break;
  }
}

void RecordingFileSystem::ExpectFolder(const std::string& path) const {
  if (path.empty()) return;
  const auto found = image_.find(path);
  if (found == image_.end() || found->second) Fail(path, "no such folder");
}

void RecordingFileSystem::ExpectFile(const std::string& path) const {
  const auto found = image_.find(path);
  if (found == image_.end() || !found->second) Fail(path, "no such file");
}

void RecordingFileSystem::ExpectNew(const std::string& path) const {
  ExpectFolder(FolderOf(path));
  if (path.empty() || image_.contains(path)) Fail(path, "exists");
}

void RecordingFileSystem::ExpectEmpty(const std::string& path) const {
  ExpectFolder(path);
  for (const auto& [entry, content] : image_) {
    if (IsIn(entry, path)) Fail(path, "is not empty");
  }
}

void RecordingFileSystem::Move(const std::string& from, const std::string& to) {
  if (!image_.contains(from)) Fail(from, "no such file or folder");
  DiskImage moved;
  for (auto& [entry, content] : image_) {
    const bool moves = entry == from || IsIn(entry, from);
    moved[moves ? to + entry.substr(from.size()) : entry] = std::move(content);
  }
  image_ = std::move(moved);
}

}  // namespace microgpt
