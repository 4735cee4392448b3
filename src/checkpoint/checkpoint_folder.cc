// The lock around a store of generations.
#include <filesystem>
#include <optional>
#include <system_error>

#include "base/file_system.h"
#include "base/folder_lock.h"
#include "base/io_error.h"
#include "checkpoint/generation.h"
#include "checkpoint/generation_store.h"
#include "microgpt/checkpoint.h"

namespace microgpt {
namespace {

namespace fs = std::filesystem;

// The folder that `path` is a name in.
std::string ParentOf(const std::string& path) {
  const fs::path parent =
      (fs::path(path) / "").lexically_normal().parent_path().parent_path();
  return parent.empty() ? "." : parent.string();
}

// Returns the path for the initialiser below.
const std::string& MakeIfMissing(const std::string& path) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) return path;
  RealFileSystem().MakeFolder(path);
  RealFileSystem().SyncFolder(ParentOf(path));
  return path;
}

}  // namespace

class CheckpointFolder::Impl {
 public:
  explicit Impl(const std::string& path)
      : lock_(MakeIfMissing(path)), store_(RealFileSystem(), path) {}

  GenerationStore& store() { return store_; }

 private:
  FolderLock lock_;
  GenerationStore store_;
};

CheckpointFolder::CheckpointFolder(const std::string& path)
    : impl_(std::make_unique<Impl>(path)) {}
CheckpointFolder::~CheckpointFolder() = default;
CheckpointFolder::CheckpointFolder(CheckpointFolder&&) noexcept = default;

const std::string& CheckpointFolder::path() const {
  return impl_->store().folder();
}

bool CheckpointFolder::empty() const { return impl_->store().empty(); }

bool CheckpointFolder::Contains(const Checkpoint& checkpoint) {
  std::error_code error;
  const fs::path generation =
      fs::canonical(fs::path(checkpoint.folder()), error);
  if (error) ThrowIoError(checkpoint.folder(), "found", error.value());
  const std::optional<std::uint64_t> number =
      GenerationNumber(generation.filename().string());
  const bool here = fs::equivalent(generation.parent_path(), path(), error);
  if (error) ThrowIoError(path(), "found", error.value());
  if (!number || !here) return false;
  impl_->store().Keep(*number);
  return true;
}

std::string CheckpointFolder::Save(const CheckpointContents& contents) {
  return impl_->store().Save(contents);
}

}  // namespace microgpt
