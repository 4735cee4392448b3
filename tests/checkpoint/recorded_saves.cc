#include "tests/checkpoint/recorded_saves.h"

#include <fmt/format.h>

#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "base/hash.h"
#include "checkpoint/generation_store.h"
#include "tests/checkpoint/crash_states.h"

namespace microgpt {
namespace {

std::string HashOfImage(const DiskImage& image) {
  Hash128 hash;
  const auto add = [&](std::string_view text) {
    hash.Add(std::span<const char>(text));
  };
  for (const auto& [path, content] : image) {
    add(content ? fmt::format("{} {}\n", path, content->size()) : path + "\n");
    if (content) add(*content);
  }
  return hash.Hex();
}

}  // namespace

Recording RecordSaves(NumberedStates& states, const DiskImage& start,
                      int start_number, int count, bool resumed) {
  RecordingFileSystem files(start);
  GenerationStore store(files, std::string(RecordingFileSystem::kRoot));
  if (resumed) store.Keep(static_cast<std::uint64_t>(start_number));
  Recording recording{start, start_number, {}, {}};
  for (int i = 1; i <= count; ++i) {
    RecordedSave save{start_number + i, files.operations().size()};
    states.Save(store, save.number);
    save.end = files.operations().size();
    recording.saves.push_back(save);
  }
  recording.operations = files.operations();
  return recording;
}

Recording RecordFirstSaves(NumberedStates& states, int count) {
  return RecordSaves(states, {}, Loaded::kNothing, count, false);
}

void CrashChecker::SampleEvery(std::size_t every, Sampler sample) {
  sample_every_ = every;
  sample_ = std::move(sample);
}

std::string CrashChecker::Check(const Recording& recording, std::size_t from) {
  CrashStates disk(recording.start);
  std::string fault;
  for (std::size_t done = 0; done <= recording.operations.size(); ++done) {
    if (done > 0) disk.Apply(recording.operations[done - 1]);
    if (done < from) continue;
    disk.ForEach([&](const DiskImage& image) {
      const std::size_t before = distinct();
      const Loaded loaded = Load(image);
      fault = Judge(loaded, recording, done);
      if (sample_ && distinct() > before && distinct() % sample_every_ == 0) {
        sample_(image, loaded.number);
      }
      return fault.empty();
    });
    if (!fault.empty()) break;
  }
  return fault;
}

Loaded CrashChecker::Load(const DiskImage& image) {
  ++visited_;
  const std::string hash = HashOfImage(image);
  const auto found = numbers_.find(hash);
  if (found != numbers_.end()) return {.number = found->second};
  Loaded loaded = states_.Load(folder_.Show(image));
  if (loaded.number != Loaded::kDamaged) numbers_[hash] = loaded.number;
  return loaded;
}

std::string CrashChecker::Judge(const Loaded& loaded,
                                const Recording& recording,
                                std::size_t operations_done) const {
  int saved = recording.start_number;
  int being_saved = saved;
  for (const RecordedSave& save : recording.saves) {
    if (operations_done > save.begin) being_saved = save.number;
    if (operations_done >= save.end) saved = save.number;
  }
  if (loaded.number == saved || loaded.number == being_saved) return "";
  return fmt::format(
      "after {} operations, state {} saved and {} being saved, the disk may "
      "load as {} {}",
      operations_done, saved, being_saved, loaded.number, loaded.problem);
}

}  // namespace microgpt
