// The operating system's files: what was written is there, and every refusal is
// an Error(kIo) that names the path.
#include "base/file_system.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "tests/base/error_of.h"
#include "tests/base/open_descriptors.h"
#include "tests/base/temp_folder.h"

namespace microgpt {
namespace {

namespace fs = std::filesystem;

void ExpectIoError(const std::string& path, std::string_view reason,
                   const std::function<void()>& call) {
  const Error error = ErrorOf(call);
  EXPECT_EQ(error.kind(), ErrorKind::kIo) << error.what();
  EXPECT_TRUE(Mentions(error, path + ": cannot be ")) << error.what();
  EXPECT_TRUE(Mentions(error, reason)) << error.what();
}

class FileSystemTest : public testing::Test {
 protected:
  std::string PathOf(const std::string& name) const {
    return folder_.PathOf(name);
  }

  const TempFolder folder_;
  FileSystem& files_ = RealFileSystem();
};

TEST_F(FileSystemTest, FilesHoldWhatWasAppended) {
  const std::string large(3'000'001, 'x');
  const auto file = files_.CreateFile(PathOf("file"));
  EXPECT_EQ(ReadFile(PathOf("file")), "");
  file->Append({});
  file->Append(std::string("a\0b", 3));
  file->Sync();
  EXPECT_EQ(ReadFile(PathOf("file")), std::string("a\0b", 3));
  file->Append(large);
  file->Append({});
  file->Append(std::string("end"));
  file->Sync();
  file->Close();
  EXPECT_EQ(ReadFile(PathOf("file")), std::string("a\0b", 3) + large + "end");
}

TEST_F(FileSystemTest, FilesThatAreNotClosedKeepTheirContent) {
  files_.CreateFile(PathOf("file"))->Append(std::string("abc"));
  EXPECT_EQ(ReadFile(PathOf("file")), "abc");
}

TEST_F(FileSystemTest, CreatesOnlyNewFiles) {
  folder_.Write("file", "old");
  fs::create_symlink("nowhere", PathOf("link"));
  fs::create_directory(PathOf("folder"));
  for (const char* name : {"file", "link", "folder"}) {
    ExpectIoError(PathOf(name), "File exists",
                  [&] { files_.CreateFile(PathOf(name)); });
  }
  EXPECT_EQ(ReadFile(PathOf("file")), "old");
  EXPECT_FALSE(fs::exists(PathOf("nowhere")));
  ExpectIoError(PathOf("missing/file"), "No such file",
                [&] { files_.CreateFile(PathOf("missing/file")); });
}

TEST_F(FileSystemTest, MakesOnlyNewFolders) {
  files_.MakeFolder(PathOf("new"));
  EXPECT_TRUE(fs::is_directory(PathOf("new")));
  folder_.Write("file", "");
  for (const char* name : {"new", "file"}) {
    ExpectIoError(PathOf(name), "File exists",
                  [&] { files_.MakeFolder(PathOf(name)); });
  }
  ExpectIoError(PathOf("missing/new"), "No such file",
                [&] { files_.MakeFolder(PathOf("missing/new")); });
}

TEST_F(FileSystemTest, RenamesFilesAndFolders) {
  folder_.Write("a/file", "content");
  files_.Rename(PathOf("a"), PathOf("b"));
  EXPECT_FALSE(fs::exists(PathOf("a")));
  EXPECT_EQ(ReadFile(PathOf("b/file")), "content");
  files_.Rename(PathOf("b/file"), PathOf("file"));
  EXPECT_EQ(ReadFile(PathOf("file")), "content");
  EXPECT_TRUE(fs::is_empty(PathOf("b")));
}

TEST_F(FileSystemTest, RefusesToRename) {
  ExpectIoError(PathOf("b"), "No such file",
                [&] { files_.Rename(PathOf("missing"), PathOf("b")); });
  folder_.Write("old/file", "old");
  folder_.Write("new/file", "new");
  ExpectIoError(PathOf("old"), "not empty",
                [&] { files_.Rename(PathOf("new"), PathOf("old")); });
  EXPECT_EQ(ReadFile(PathOf("old/file")), "old");
  EXPECT_EQ(ReadFile(PathOf("new/file")), "new");
}

TEST_F(FileSystemTest, ListsSorted) {
  EXPECT_TRUE(files_.List(folder_.path()).empty());
  for (const char* name : {"b", "a/below", "C", ".hidden", "10", "9"}) {
    folder_.Write(name, "");
  }
  EXPECT_EQ(files_.List(folder_.path()),
            (std::vector<std::string>{".hidden", "10", "9", "C", "a", "b"}));
  ExpectIoError(PathOf("missing"), "No such file",
                [&] { files_.List(PathOf("missing")); });
  ExpectIoError(PathOf("b"), "Not a directory",
                [&] { files_.List(PathOf("b")); });
}

TEST_F(FileSystemTest, Removes) {
  folder_.Write("folder/file", "");
  ExpectIoError(PathOf("folder"), "not empty",
                [&] { files_.RemoveFolder(PathOf("folder")); });
  ExpectIoError(PathOf("folder/file"), "Not a directory",
                [&] { files_.RemoveFolder(PathOf("folder/file")); });
  ExpectIoError(PathOf("folder"), "directory",
                [&] { files_.RemoveFile(PathOf("folder")); });
  files_.RemoveFile(PathOf("folder/file"));
  files_.RemoveFolder(PathOf("folder"));
  EXPECT_TRUE(fs::is_empty(folder_.path()));
  ExpectIoError(PathOf("folder"), "No such file",
                [&] { files_.RemoveFile(PathOf("folder")); });
  ExpectIoError(PathOf("folder"), "No such file",
                [&] { files_.RemoveFolder(PathOf("folder")); });
}

TEST_F(FileSystemTest, RemovesFoldersWithFiles) {
  for (const char* name : {"folder/a", "folder/b", "folder/.c", "other/file"}) {
    folder_.Write(name, "content");
  }
  RemoveFolderAndFiles(files_, PathOf("folder"));
  EXPECT_EQ(files_.List(folder_.path()), std::vector<std::string>{"other"});
  EXPECT_EQ(ReadFile(PathOf("other/file")), "content");
}

// A link is removed, not what it names, and folders below stop the removal.
TEST_F(FileSystemTest, RemovesNothingElse) {
  folder_.Write("other/file", "content");
  folder_.Write("folder/file", "content");
  fs::create_symlink(PathOf("other"), PathOf("folder/link"));
  fs::create_directory(PathOf("folder/z"));
  ExpectIoError(PathOf("folder/z"), "directory",
                [&] { RemoveFolderAndFiles(files_, PathOf("folder")); });
  EXPECT_EQ(files_.List(PathOf("folder")), std::vector<std::string>{"z"});
  EXPECT_EQ(ReadFile(PathOf("other/file")), "content");
  ExpectIoError(PathOf("missing"), "No such file",
                [&] { RemoveFolderAndFiles(files_, PathOf("missing")); });
}

TEST_F(FileSystemTest, SyncsFolders) {
  EXPECT_NO_THROW(files_.SyncFolder(folder_.path()));
  folder_.Write("file", "");
  ExpectIoError(PathOf("file"), "Not a directory",
                [&] { files_.SyncFolder(PathOf("file")); });
  ExpectIoError(PathOf("missing"), "No such file",
                [&] { files_.SyncFolder(PathOf("missing")); });
}

// Appends `bytes` where files may have 1000 bytes. Returns what is wrong.
const char* AppendBeyondLimit(const std::string& path, std::size_t bytes) {
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit limit = {1000, 1000};
  if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) return "setrlimit fails";
  const auto file = RealFileSystem().CreateFile(path);
  file->Append(std::string(400, 'x'));
  try {
    file->Append(std::string(bytes, 'x'));
    return "nothing was thrown";
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kIo) return "wrong kind";
    if (!Mentions(error, path + ": cannot be written")) return "wrong path";
    if (!Mentions(error, "File too large")) return "wrong reason";
  }
  return nullptr;
}

// In a process of its own, as the limit stays. The write that crosses the
// limit is cut short by the system, and what is left of it fails.
TEST_F(FileSystemTest, ReportsThatAFileCannotGrow) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const char* problem = AppendBeyondLimit(PathOf("file"), 1500);
    if (problem != nullptr) std::fprintf(stderr, "%s\n", problem);
    ::_exit(problem == nullptr ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_EQ(ReadFile(PathOf("file")), std::string(1000, 'x'));
}

TEST_F(FileSystemTest, ClosesItsDescriptors) {
  const std::size_t before = OpenDescriptors();
  for (const bool closed : {false, true}) {
    const auto file = files_.CreateFile(PathOf("file"));
    EXPECT_EQ(OpenDescriptors(), before + 1);
    ErrorOf([&] { files_.CreateFile(PathOf("file")); });
    files_.SyncFolder(folder_.path());
    files_.List(folder_.path());
    EXPECT_EQ(OpenDescriptors(), before + 1);
    files_.RemoveFile(PathOf("file"));
    if (closed) file->Close();
  }
  EXPECT_EQ(OpenDescriptors(), before);
}

}  // namespace
}  // namespace microgpt
