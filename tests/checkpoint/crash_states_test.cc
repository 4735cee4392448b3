// The states that the simulated disk may be left in.
#include "tests/checkpoint/crash_states.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "tests/base/error_of.h"
#include "tests/checkpoint/recording_file_system.h"

namespace microgpt {
namespace {

class CrashStatesTest : public testing::Test {
 protected:
  explicit CrashStatesTest(DiskImage start = {})
      : start_(start), files_(start) {}

  std::set<DiskImage> States() const {
    CrashStates disk(start_);
    for (const Operation& operation : files_.operations()) {
      disk.Apply(operation);
    }
    std::set<DiskImage> states;
    disk.ForEach([&](const DiskImage& image) {
      states.insert(image);
      return true;
    });
    return states;
  }

  DiskImage start_;
  RecordingFileSystem files_;
};

TEST_F(CrashStatesTest, NamesCountWhenTheirFolderIsSynced) {
  files_.MakeFolder("/disk/a");
  files_.MakeFolder("/disk/b");
  const DiskImage a = {{"a", {}}};
  const DiskImage b = {{"b", {}}};
  const DiskImage both = {{"a", {}}, {"b", {}}};
  EXPECT_EQ(States(), (std::set<DiskImage>{{}, a, b, both}));
  files_.SyncFolder("/disk/a");  // the wrong one
  EXPECT_EQ(States().size(), 4u);
  files_.SyncFolder("/disk");
  EXPECT_EQ(States(), (std::set<DiskImage>{both}));
}

TEST_F(CrashStatesTest, ContentCountsWhenTheFileIsSynced) {
  const auto file = files_.CreateFile("/disk/a");
  files_.SyncFolder("/disk");
  file->Append(std::string("old"));
  file->Sync();
  file->Append(std::string("1234"));
  std::set<std::string> contents;
  for (const DiskImage& image : States()) contents.insert(*image.at("a"));
  using std::string_literals::operator""s;
  EXPECT_EQ(contents,
            (std::set<std::string>{"old", "old1", "old12", "old123", "old1234",
                                   "old\0\0\0\0"s, "olddgfa", "old12fa"}));
  file->Sync();
  EXPECT_EQ(States(), (std::set<DiskImage>{{{"a", "old1234"}}}));
}

TEST_F(CrashStatesTest, FilesMayBeEmptyWhenOnlyTheNameIsDurable) {
  const auto file = files_.CreateFile("/disk/a");
  file->Append(std::string("x"));
  files_.SyncFolder("/disk");
  EXPECT_TRUE(States().contains({{"a", ""}}));
  EXPECT_FALSE(States().contains({}));
}

TEST_F(CrashStatesTest, SyncedContentMayLackAName) {
  const auto file = files_.CreateFile("/disk/a");
  file->Append(std::string("x"));
  file->Sync();
  EXPECT_EQ(States(), (std::set<DiskImage>{{}, {{"a", "x"}}}));
}

TEST_F(CrashStatesTest, RenamesCountAsAWhole) {
  files_.MakeFolder("/disk/a");
  files_.CreateFile("/disk/a/file");
  files_.SyncFolder("/disk/a");
  files_.SyncFolder("/disk");
  files_.Rename("/disk/a", "/disk/b");
  const DiskImage old_name = {{"a", {}}, {"a/file", ""}};
  const DiskImage new_name = {{"b", {}}, {"b/file", ""}};
  EXPECT_EQ(States(), (std::set<DiskImage>{old_name, new_name}));
}

TEST_F(CrashStatesTest, RemovalsMayComeBack) {
  files_.MakeFolder("/disk/a");
  files_.CreateFile("/disk/a/file");
  files_.SyncFolder("/disk/a");
  files_.SyncFolder("/disk");
  files_.RemoveFile("/disk/a/file");
  files_.RemoveFolder("/disk/a");
  const DiskImage whole = {{"a", {}}, {"a/file", ""}};
  const DiskImage empty_folder = {{"a", {}}};
  EXPECT_EQ(States(), (std::set<DiskImage>{{}, empty_folder, whole}));
}

TEST_F(CrashStatesTest, AFailedSyncLosesForGood) {
  const auto file = files_.CreateFile("/disk/a");
  file->Append(std::string("x"));
  files_.FailAt(files_.operations().size());
  EXPECT_EQ(ErrorOf([&] { file->Sync(); }).kind(), ErrorKind::kIo);
  files_.FailAt(files_.operations().size());
  EXPECT_EQ(ErrorOf([&] { files_.SyncFolder("/disk"); }).kind(),
            ErrorKind::kIo);
  file->Sync();
  files_.MakeFolder("/disk/b");
  files_.SyncFolder("/disk");
  const std::set<DiskImage> states = States();
  EXPECT_TRUE(states.contains({{"b", {}}}));
  EXPECT_TRUE(states.contains({{"a", ""}, {"b", {}}}));
  EXPECT_TRUE(states.contains({{"a", "x"}, {"b", {}}}));
  EXPECT_FALSE(states.contains({}));
}

TEST_F(CrashStatesTest, HalfOfAFailedAppendIsThere) {
  const auto file = files_.CreateFile("/disk/a");
  files_.FailAt(files_.operations().size(), Failure::kHalfway);
  EXPECT_EQ(ErrorOf([&] { file->Append(std::string("1234")); }).kind(),
            ErrorKind::kIo);
  EXPECT_EQ(files_.image(), (DiskImage{{"a", "12"}}));
  EXPECT_TRUE(States().contains({{"a", "12"}}));
  EXPECT_FALSE(States().contains({{"a", "1234"}}));
}

// The recorder refuses what a real file system would.
TEST_F(CrashStatesTest, RefusesWhatCannotBe) {
  files_.MakeFolder("/disk/a");
  files_.CreateFile("/disk/a/file");
  for (const auto& refused : std::vector<std::function<void()>>{
           [&] { files_.MakeFolder("/disk/a"); },
           [&] { files_.MakeFolder("/disk/missing/b"); },
           [&] { files_.CreateFile("/disk/a/file"); },
           [&] { files_.Rename("/disk/missing", "/disk/b"); },
           [&] { files_.Rename("/disk/a", "/disk/a"); },
           [&] { files_.RemoveFolder("/disk/a"); },
           [&] { files_.RemoveFile("/disk/a"); },
           [&] { files_.SyncFolder("/disk/missing"); },
           [&] { files_.List("/disk/a/file"); }}) {
    EXPECT_EQ(ErrorOf(refused).kind(), ErrorKind::kIo);
  }
  EXPECT_EQ(files_.image(), (DiskImage{{"a", {}}, {"a/file", ""}}));
  EXPECT_EQ(files_.List("/disk"), std::vector<std::string>{"a"});
}

}  // namespace
}  // namespace microgpt
