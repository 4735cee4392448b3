// Regular files are read; everything else is refused at once.
#include "base/file.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <utility>

#include "tests/base/error_of.h"
#include "tests/base/temp_folder.h"

namespace microgpt {
namespace {

void ExpectRefused(const std::string& path, std::string_view reason) {
  for (const bool whole : {false, true}) {
    const Error error = ErrorOf([&] {
      if (whole) {
        ReadFile(path);
      } else {
        InputFile file(path);
      }
    });
    EXPECT_EQ(error.kind(), ErrorKind::kInput) << path;
    EXPECT_TRUE(Mentions(error, path)) << error.what();
    EXPECT_TRUE(Mentions(error, reason)) << error.what();
  }
}

TEST(FileTest, ReadsRegularFiles) {
  const TempFolder folder;
  using std::string_literals::operator""s;
  for (const std::string& content :
       {""s, "a"s, "line\nline\r\n"s, "nul \0 byte"s,
        std::string(3'000'000, 'x') + "end"}) {
    EXPECT_EQ(ReadFile(folder.Write("file", content)), content);
  }
}

TEST(FileTest, ReadsAtAnyOffset) {
  const TempFolder folder;
  const InputFile file(folder.Write("file", "0123456789"));
  EXPECT_EQ(file.size(), 10u);
  EXPECT_EQ(file.path(), folder.PathOf("file"));
  for (std::uint64_t offset = 0; offset <= 10; ++offset) {
    std::string part(10 - offset, '?');
    file.ReadAt(offset, part);
    EXPECT_EQ(part, std::string("0123456789").substr(offset));
  }
}

TEST(FileTest, FollowsSymbolicLinks) {
  const TempFolder folder;
  folder.Write("file", "content");
  std::filesystem::create_symlink("file", folder.PathOf("link"));
  EXPECT_EQ(ReadFile(folder.PathOf("link")), "content");
}

TEST(FileTest, MovedFileStaysOpen) {
  const TempFolder folder;
  InputFile file(folder.Write("file", "abc"));
  const InputFile moved(std::move(file));
  std::string text(3, '?');
  moved.ReadAt(0, text);
  EXPECT_EQ(text, "abc");
  EXPECT_EQ(moved.size(), 3u);
}

TEST(FileTest, RefusesMissingFiles) {
  const TempFolder folder;
  ExpectRefused(folder.PathOf("missing"), "No such file");
  ExpectRefused(folder.PathOf("missing/file"), "No such file");
  ExpectRefused(folder.Write("file", "x") + "/below", "Not a directory");
  std::filesystem::create_symlink("nowhere", folder.PathOf("dangling"));
  ExpectRefused(folder.PathOf("dangling"), "No such file");
}

TEST(FileTest, RefusesDirectories) {
  const TempFolder folder;
  ExpectRefused(folder.path(), "a directory");
}

TEST(FileTest, RefusesFifosWithoutWaitingForAWriter) {
  const TempFolder folder;
  const std::string path = folder.PathOf("fifo");
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  ExpectRefused(path, "a FIFO");
}

TEST(FileTest, RefusesDevicesAndSockets) {
  ExpectRefused("/dev/null", "a device");
  ExpectRefused("/dev/zero", "a device");
  const TempFolder folder;
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  const std::string path = folder.PathOf("socket");
  ASSERT_LT(path.size(), sizeof(address.sun_path));
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
  ASSERT_GE(socket, 0);
  ASSERT_EQ(::bind(socket, reinterpret_cast<const sockaddr*>(&address),
                   sizeof(address)),
            0);
  ExpectRefused(path, path);  // sockets cannot even be opened
  ::close(socket);
}

TEST(FileTest, ReportsAFileThatShrinks) {
  const TempFolder folder;
  const std::string path = folder.Write("file", std::string(10'000, 'x'));
  const InputFile file(path);
  std::filesystem::resize_file(path, 4'000);
  std::string text(10'000, '?');
  const Error error = ErrorOf([&] { file.ReadAt(0, text); });
  EXPECT_EQ(error.kind(), ErrorKind::kIo);
  EXPECT_TRUE(Mentions(error, path)) << error.what();
  EXPECT_TRUE(Mentions(error, "at byte 4000")) << error.what();
  EXPECT_TRUE(Mentions(error, "shorter")) << error.what();
}

TEST(FileTest, ClosesItsDescriptor) {
  const TempFolder folder;
  const std::string path = folder.Write("file", "x");
  // More than a process may usually have open.
  for (int i = 0; i < 5000; ++i) {
    ASSERT_EQ(ReadFile(path), "x");
    ErrorOf([&] { ReadFile(folder.path()); });
  }
}

}  // namespace
}  // namespace microgpt
