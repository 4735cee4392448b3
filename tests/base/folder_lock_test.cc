// One holder at a time, known by name; whoever dies holds nothing.
#include "base/folder_lock.h"

#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <filesystem>
#include <string>

#include "base/file.h"
#include "tests/base/error_of.h"
#include "tests/base/open_descriptors.h"
#include "tests/base/temp_folder.h"

namespace microgpt {
namespace {

namespace fs = std::filesystem;

std::string Self() { return "process " + std::to_string(::getpid()); }

void ExpectInUse(const std::string& folder, const std::string& holder) {
  const Error error = ErrorOf([&] { FolderLock lock(folder); });
  EXPECT_EQ(error.kind(), ErrorKind::kIo);
  EXPECT_EQ(error.what(), folder + ": is in use by " + holder +
                              "; wait for it or give another folder");
}

// Another process that holds the lock of a folder until it is killed.
class Holder {
 public:
  explicit Holder(const std::string& folder) {
    std::array<int, 2> ready = {};
    if (::pipe(ready.data()) != 0) return;
    pid_ = ::fork();
    if (pid_ == 0) Hold(folder, ready[1]);
    ::close(ready[1]);
    char byte = '\0';
    holds_ = pid_ > 0 && ::read(ready[0], &byte, 1) == 1;
    ::close(ready[0]);
  }
  ~Holder() { Kill(); }
  Holder(const Holder&) = delete;
  Holder& operator=(const Holder&) = delete;

  bool holds() const { return holds_; }
  std::string name() const { return "process " + std::to_string(pid_); }

  // Returns when the process is gone.
  void Kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }

 private:
  [[noreturn]] static void Hold(const std::string& folder, int ready) {
    try {
      const FolderLock lock(folder);
      if (::write(ready, "x", 1) != 1) ::_exit(1);
      for (;;) ::pause();
    } catch (const Error&) {
      ::_exit(1);
    }
  }

  pid_t pid_ = -1;
  bool holds_ = false;
};

TEST(FolderLockTest, NamesItsHolder) {
  const TempFolder folder;
  const FolderLock lock(folder.path());
  const std::string text = ReadFile(folder.PathOf("lock"));
  EXPECT_TRUE(text.starts_with(Self() + " on ")) << text;
  EXPECT_EQ(text.find('\n'), text.size() - 1);
}

TEST(FolderLockTest, RefusesASecondHolder) {
  const TempFolder folder;
  const FolderLock lock(folder.path());
  const std::string before = ReadFile(folder.PathOf("lock"));
  for (int i = 0; i < 3; ++i) {
    const Error error = ErrorOf([&] { FolderLock second(folder.path()); });
    EXPECT_EQ(error.kind(), ErrorKind::kIo);
    EXPECT_TRUE(Mentions(error, folder.path() + ": is in use by " + Self()))
        << error.what();
  }
  EXPECT_EQ(ReadFile(folder.PathOf("lock")), before);
}

TEST(FolderLockTest, IsReleasedByItsDestructor) {
  const TempFolder folder;
  const std::size_t before = OpenDescriptors();
  for (int i = 0; i < 3; ++i) {
    const FolderLock lock(folder.path());
    ErrorOf([&] { FolderLock second(folder.path()); });
    EXPECT_EQ(OpenDescriptors(), before + 1);
  }
  EXPECT_EQ(OpenDescriptors(), before);
  EXPECT_TRUE(fs::exists(folder.PathOf("lock")));
}

TEST(FolderLockTest, FoldersDoNotShareLocks) {
  const TempFolder one;
  const TempFolder other;
  const FolderLock lock(one.path());
  EXPECT_NO_THROW(FolderLock second(other.path()));
}

TEST(FolderLockTest, IsReleasedWhenItsHolderIsKilled) {
  const TempFolder folder;
  Holder holder(folder.path());
  ASSERT_TRUE(holder.holds());
  const Error error = ErrorOf([&] { FolderLock lock(folder.path()); });
  EXPECT_EQ(error.kind(), ErrorKind::kIo);
  EXPECT_TRUE(Mentions(error, "is in use by " + holder.name() + " on "))
      << error.what();
  holder.Kill();
  const FolderLock lock(folder.path());
  EXPECT_TRUE(ReadFile(folder.PathOf("lock")).starts_with(Self()));
}

TEST(FolderLockTest, ReplacesLongerNames) {
  const TempFolder folder;
  folder.Write("lock", std::string(5000, 'x'));
  const FolderLock lock(folder.path());
  const std::string text = ReadFile(folder.PathOf("lock"));
  EXPECT_LT(text.size(), 300u);
  EXPECT_EQ(text.find('x', text.find(" on ")), text.npos);
}

// What the file holds is foreign text: one line, nothing for the terminal.
TEST(FolderLockTest, QuotesWhatTheLockFileHolds) {
  const TempFolder folder;
  const FolderLock lock(folder.path());
  const std::string x40(40, 'x');
  using std::string_literals::operator""s;
  const struct {
    std::string content;
    std::string holder;
  } cases[] = {
      {"", "another process"},
      {"\n", "another process"},
      {"\nsecond line", "another process"},
      {"no line end", "no line end"},
      {"first\nsecond\n", "first"},
      {"\x1b[31mred\x07\r\n", "?[31mred??"},
      {"nul\0byte"s, "nul?byte"},
      {x40 + "x\n", x40 + "..."},
      {std::string(1'000'000, 'x'), x40 + "..."},
  };
  for (const auto& [content, holder] : cases) {
    folder.Write("lock", content);
    ExpectInUse(folder.path(), holder);
    EXPECT_EQ(ReadFile(folder.PathOf("lock")), content);
  }
}

TEST(FolderLockTest, ReportsWhereThereCanBeNoLock) {
  const TempFolder folder;
  fs::create_directories(folder.PathOf("taken/lock"));
  folder.Write("file", "");
  const struct {
    const char* name;
    const char* reason;
  } cases[] = {{"missing", "No such file"},
               {"file", "Not a directory"},
               {"taken", "Is a directory"}};
  for (const auto& [name, reason] : cases) {
    const std::string path = folder.PathOf(name);
    const Error error = ErrorOf([&] { FolderLock lock(path); });
    EXPECT_EQ(error.kind(), ErrorKind::kIo);
    EXPECT_TRUE(Mentions(error, path + "/lock: cannot be opened for writing"))
        << error.what();
    EXPECT_TRUE(Mentions(error, reason)) << error.what();
  }
}

// Root may write everywhere, so the rights are given up first, in a process of
// its own.
int LockWithoutRights(const std::string& folder) {
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> none = {};
  if (::syscall(SYS_capset, &header, none.data()) != 0) return 1;
  try {
    FolderLock lock(folder);
    return 2;
  } catch (const Error& error) {
    const bool named = Mentions(error, folder + "/lock: cannot be opened") &&
                       Mentions(error, "Permission denied");
    return error.kind() == ErrorKind::kIo && named ? 0 : 3;
  }
}

TEST(FolderLockTest, ReportsAFolderThatCannotBeWritten) {
  const TempFolder folder;
  fs::create_directory(folder.PathOf("run"));
  fs::permissions(folder.PathOf("run"), fs::perms(0555));
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) ::_exit(LockWithoutRights(folder.PathOf("run")));
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_TRUE(fs::is_empty(folder.PathOf("run")));
}

}  // namespace
}  // namespace microgpt
