// Any operation of a save may fail: the error is reported, nothing that was
// saved is lost, and the next save works.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "checkpoint/generation_store.h"
#include "microgpt/error.h"
#include "tests/base/error_of.h"
#include "tests/checkpoint/numbered_states.h"
#include "tests/checkpoint/recorded_saves.h"
#include "tests/checkpoint/recording_file_system.h"

namespace microgpt {
namespace {

const std::string kDisk(RecordingFileSystem::kRoot);

bool Has(const DiskImage& image, std::string_view prefix) {
  return std::any_of(image.begin(), image.end(), [&](const auto& entry) {
    return entry.first.starts_with(prefix);
  });
}

// A store with `saved` states, about to save the next one.
class Disk {
 public:
  Disk(NumberedStates& states, int saved)
      : states_(states), store_(files_, kDisk) {
    for (int number = 1; number <= saved; ++number) Save(number);
    begin_ = files_.operations().size();
  }

  void Save(int number) {
    recording_.saves.push_back({number, files_.operations().size()});
    states_.Save(store_, number);
    recording_.saves.back().end = files_.operations().size();
  }

  RecordingFileSystem& files() { return files_; }
  std::size_t begin() const { return begin_; }
  // Of the next save.
  std::vector<Operation> operations() const {
    return {files_.operations().begin() + static_cast<std::ptrdiff_t>(begin_),
            files_.operations().end()};
  }
  const Recording& recording() {
    recording_.operations = files_.operations();
    return recording_;
  }

 private:
  NumberedStates& states_;
  RecordingFileSystem files_;
  GenerationStore store_;
  Recording recording_;
  std::size_t begin_ = 0;
};

class FailingSaveTest : public testing::Test {
 protected:
  static bool Syncs(const Operation& operation) {
    return operation.kind == OperationKind::kSyncFile ||
           operation.kind == OperationKind::kSyncFolder;
  }

  // What a save does when nothing fails.
  std::vector<Operation> OperationsOfSave(int saved) {
    Disk disk(states_, saved);
    disk.Save(saved + 1);
    return disk.operations();
  }

  // The save is complete once its name is durable.
  static std::size_t IndexOfLastSync(const std::vector<Operation>& operations) {
    const auto last =
        std::find_if(operations.rbegin(), operations.rend(), Syncs);
    return static_cast<std::size_t>(operations.rend() - last) - 1;
  }

  void ExpectLoads(const DiskImage& image, int number) {
    const Loaded loaded = states_.Load(folder_.Show(image));
    EXPECT_EQ(loaded.number, number) << loaded.problem;
  }

  // Nothing is synced again after a sync of it has failed.
  static void ExpectNoSecondSync(const std::vector<Operation>& operations) {
    const auto failed =
        std::find_if(operations.begin(), operations.end(),
                     [](const Operation& o) { return o.failed; });
    ASSERT_NE(failed, operations.end());
    EXPECT_TRUE(std::none_of(failed + 1, operations.end(), [&](const auto& o) {
      return Syncs(*failed) && Syncs(o) && o.path == failed->path;
    }));
  }

  // All crashes after the last operation.
  void ExpectCrashesAreSafe(Disk& disk) {
    const Recording& recording = disk.recording();
    EXPECT_EQ(checker_.Check(recording, recording.operations.size()), "");
  }

  // Saves while the operation at `index` of the save fails.
  void TrySave(Disk& disk, int saved, std::size_t index);
  void TryFailure(int saved, std::size_t index, Failure failure);
  void ExpectSavesAgain(Disk& disk, int number);
  void ExpectOpensAgain(Disk& disk, int number);
  void ForEachOperation(const std::function<void(int, std::size_t)>& visit);

  NumberedStates states_;
  CrashChecker checker_{states_};

 private:
  ImageFolder folder_;
};

void FailingSaveTest::TrySave(Disk& disk, int saved, std::size_t index) {
  // What follows is the removal of an old generation, which may fail.
  if (index <= IndexOfLastSync(OperationsOfSave(saved))) {
    const Error error = ErrorOf([&] { disk.Save(saved + 1); });
    EXPECT_EQ(error.kind(), ErrorKind::kIo) << error.what();
  } else {
    EXPECT_NO_THROW(disk.Save(saved + 1));
  }
  ExpectNoSecondSync(disk.operations());
  ExpectCrashesAreSafe(disk);
}

void FailingSaveTest::TryFailure(int saved, std::size_t index,
                                 Failure failure) {
  const std::size_t last_sync = IndexOfLastSync(OperationsOfSave(saved));
  Disk disk(states_, saved);
  disk.files().FailAt(disk.begin() + index, failure);
  TrySave(disk, saved, index);
  ExpectLoads(disk.files().image(), index >= last_sync ? saved + 1 : saved);
  EXPECT_FALSE(Has(disk.files().image(), ".partial-"));
  EXPECT_EQ(Has(disk.files().image(), ".removed-"), index > last_sync + 1);

  ExpectSavesAgain(disk, saved + 2);
  EXPECT_FALSE(Has(disk.files().image(), ".partial-"));
  ExpectOpensAgain(disk, saved + 3);
}

// The failure is gone: the same run saves.
void FailingSaveTest::ExpectSavesAgain(Disk& disk, int number) {
  disk.files().StopFailing();
  disk.Save(number);
  ExpectLoads(disk.files().image(), number);
  ExpectCrashesAreSafe(disk);
}

// The failure is gone: a new run cleans up and saves.
void FailingSaveTest::ExpectOpensAgain(Disk& disk, int number) {
  disk.files().StopFailing();
  const Loaded before = states_.Load(folder_.Show(disk.files().image()));
  GenerationStore store(disk.files(), kDisk);
  EXPECT_FALSE(Has(disk.files().image(), "."));
  ExpectLoads(disk.files().image(), before.number);
  states_.Save(store, number);
  ExpectLoads(disk.files().image(), number);
}

// Calls visit(saved, index) for every operation of the first saves.
void FailingSaveTest::ForEachOperation(
    const std::function<void(int, std::size_t)>& visit) {
  for (const int saved : {0, 1, 2}) {
    const std::size_t count = OperationsOfSave(saved).size();
    EXPECT_GE(count, 24u);  // five files of four operations, and four more
    for (std::size_t index = 0; index < count; ++index) {
      SCOPED_TRACE(testing::Message()
                   << "operation " << index << " of save " << saved + 1);
      visit(saved, index);
    }
  }
}

TEST_F(FailingSaveTest, AnyOperationMayFail) {
  ForEachOperation([&](int saved, std::size_t index) {
    TryFailure(saved, index, Failure::kBefore);
    TryFailure(saved, index, Failure::kHalfway);
  });
}

// Then leftovers stay until the folder is opened again.
TEST_F(FailingSaveTest, AllLaterOperationsMayFailToo) {
  ForEachOperation([&](int saved, std::size_t index) {
    const std::size_t last_sync = IndexOfLastSync(OperationsOfSave(saved));
    for (const bool opened_again : {false, true}) {
      Disk disk(states_, saved);
      disk.files().FailFrom(disk.begin() + index);
      TrySave(disk, saved, index);
      ExpectLoads(disk.files().image(), index >= last_sync ? saved + 1 : saved);
      if (!opened_again) ExpectSavesAgain(disk, saved + 2);
      ExpectOpensAgain(disk, saved + 3);
    }
  });
}

// The rename counts, although the save does not know.
TEST_F(FailingSaveTest, OperationsMayBeDoneAndStillFail) {
  ForEachOperation([&](int saved, std::size_t index) {
    const std::size_t rename = IndexOfLastSync(OperationsOfSave(saved)) - 1;
    for (const bool opened_again : {false, true}) {
      Disk disk(states_, saved);
      disk.files().FailAt(disk.begin() + index, Failure::kAfter);
      TrySave(disk, saved, index);
      ExpectLoads(disk.files().image(), index >= rename ? saved + 1 : saved);
      if (!opened_again) ExpectSavesAgain(disk, saved + 2);
      ExpectOpensAgain(disk, saved + 3);
    }
  });
}

// Leftovers that hold a folder, which no save makes, cannot be removed.
TEST_F(FailingSaveTest, LeftoversMayStay) {
  Disk disk(states_, 2);
  DiskImage image = disk.files().image();
  for (const char* name : {".partial-000003", ".partial-000005",
                           ".removed-000001", ".removed-000004"}) {
    image[name] = std::nullopt;
    image[name + std::string("/folder")] = std::nullopt;
  }
  RecordingFileSystem files(image);
  GenerationStore store(files, kDisk);
  for (int number = 3; number <= 7; ++number) {
    states_.Save(store, number);
    ExpectLoads(files.image(), number);
  }
  GenerationStore opened_again(files, kDisk);
  states_.Save(opened_again, 8);
  ExpectLoads(files.image(), 8);
}

}  // namespace
}  // namespace microgpt
