// Power may be lost at any moment of any save: what was saved last, or is being
// saved, can be loaded, to the last bit.
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checkpoint/generation_store.h"
#include "tests/checkpoint/crash_states.h"
#include "tests/checkpoint/numbered_states.h"
#include "tests/checkpoint/recorded_saves.h"
#include "tests/checkpoint/recording_file_system.h"

namespace microgpt {
namespace {

std::size_t CountGenerations(const DiskImage& image) {
  return static_cast<std::size_t>(
      std::count_if(image.begin(), image.end(), [](const auto& entry) {
        return FolderOf(entry.first).empty() &&
               entry.first.starts_with("generation-");
      }));
}

bool HasLeftovers(const DiskImage& image) {
  return std::any_of(image.begin(), image.end(), [](const auto& entry) {
    return entry.first.starts_with('.');
  });
}

// The first state after a crash of `recording` that has all these paths.
DiskImage StateWith(const Recording& recording,
                    const std::vector<std::string>& paths) {
  CrashStates disk(recording.start);
  std::optional<DiskImage> state;
  for (const Operation& operation : recording.operations) {
    disk.Apply(operation);
    disk.ForEach([&](const DiskImage& image) {
      const bool fits = std::all_of(
          paths.begin(), paths.end(),
          [&](const std::string& path) { return image.contains(path); });
      if (fits) state = image;
      return !fits;
    });
    if (state) return *state;
  }
  ADD_FAILURE() << "no state has " << paths.front();
  return {};
}

class CrashStateTest : public testing::Test {
 protected:
  // From now on, a new run starts on every `every`-th state.
  void GoOnFromEvery(std::size_t every) {
    checker_.SampleEvery(every, [this](const DiskImage& image, int number) {
      ++gone_on_;
      ExpectGoesOn(image, number);
    });
  }

  NumberedStates states_;
  CrashChecker checker_{states_};
  std::size_t gone_on_ = 0;  // runs

 private:
  void ExpectGoesOn(const DiskImage& image, int number) {
    RecordingFileSystem files(image);
    GenerationStore store(files, std::string(RecordingFileSystem::kRoot));
    EXPECT_FALSE(HasLeftovers(files.image()));
    ExpectLoads(files.image(), number);
    states_.Save(store, 40);
    ExpectLoads(files.image(), 40);
    states_.Save(store, 41);
    ExpectLoads(files.image(), 41);
    EXPECT_EQ(CountGenerations(files.image()), 2u);
    EXPECT_FALSE(HasLeftovers(files.image()));
  }

  void ExpectLoads(const DiskImage& image, int number) {
    const Loaded loaded = states_.Load(folder_.Show(image));
    EXPECT_EQ(loaded.number, number) << loaded.problem;
  }

  ImageFolder folder_;
};

TEST_F(CrashStateTest, FirstSavesLeaveTheOldOrTheNewState) {
  GoOnFromEvery(50);
  EXPECT_EQ(checker_.Check(RecordFirstSaves(states_, 4)), "");
  EXPECT_GE(checker_.distinct(), 5000u);
  EXPECT_GT(checker_.visited(), checker_.distinct());
  EXPECT_GE(gone_on_, 100u);
}

TEST_F(CrashStateTest, SavesAfterACrashLeaveTheOldOrTheNewState) {
  const Recording first = RecordFirstSaves(states_, 4);
  const struct {
    std::vector<std::string> paths;
    int number;
    bool resumed;
  } starts[] = {
      {{".partial-000001/vocab.json"}, Loaded::kNothing, false},
      {{".partial-000002/state.json", "generation-000001"}, 1, true},
      {{".partial-000004/model.safetensors", ".removed-000001/vocab.json"},
       3,
       false},
      {{"generation-000004", "generation-000002"}, 4, true},
  };
  GoOnFromEvery(200);
  for (const auto& [paths, number, resumed] : starts) {
    const DiskImage start = StateWith(first, paths);
    EXPECT_EQ(checker_.Check(RecordSaves(states_, start, number, 2, resumed)),
              "")
        << paths.front();
  }
  EXPECT_GE(checker_.distinct(), 20000u);
  EXPECT_GE(gone_on_, 25u);
}

// The checks above find faults: without its syncs, saving is not safe.

Recording WithoutOperation(Recording recording, std::size_t index) {
  // Listing changes nothing, and the other operations keep their numbers.
  recording.operations[index] = {OperationKind::kList, ""};
  return recording;
}

Recording WithoutKind(Recording recording, OperationKind kind) {
  for (Operation& operation : recording.operations) {
    if (operation.kind == kind) operation = {OperationKind::kList, ""};
  }
  return recording;
}

TEST_F(CrashStateTest, FindsThatSyncsAreMissing) {
  const Recording recording = RecordFirstSaves(states_, 3);
  for (const OperationKind kind :
       {OperationKind::kSyncFile, OperationKind::kSyncFolder}) {
    EXPECT_NE(checker_.Check(WithoutKind(recording, kind)), "");
  }
}

TEST_F(CrashStateTest, FindsThatOneSyncIsMissing) {
  const Recording recording = RecordFirstSaves(states_, 2);
  std::size_t tried = 0;
  for (std::size_t i = 0; i < recording.operations.size(); ++i) {
    const OperationKind kind = recording.operations[i].kind;
    if (kind != OperationKind::kSyncFile && kind != OperationKind::kSyncFolder)
      continue;
    ++tried;
    EXPECT_NE(checker_.Check(WithoutOperation(recording, i)), "") << i;
  }
  EXPECT_EQ(tried, 14u);  // two saves of five files and two folders
}

// A name that appears before its content is durable.
TEST_F(CrashStateTest, FindsThatTheRenameIsTooEarly) {
  Recording recording = RecordFirstSaves(states_, 1);
  auto& operations = recording.operations;
  const auto rename = std::find_if(
      operations.begin(), operations.end(),
      [](const auto& o) { return o.kind == OperationKind::kRename; });
  ASSERT_NE(rename, operations.end());
  const auto sync = std::prev(rename);
  ASSERT_EQ(sync->kind, OperationKind::kSyncFolder);
  sync->path = rename->to;
  std::iter_swap(rename, sync);
  EXPECT_NE(checker_.Check(recording), "");
}

}  // namespace
}  // namespace microgpt
