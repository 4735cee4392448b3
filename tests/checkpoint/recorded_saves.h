// Saves on a recorded disk, and what every crash of them must leave.
#ifndef MICROGPT_TESTS_CHECKPOINT_RECORDED_SAVES_H_
#define MICROGPT_TESTS_CHECKPOINT_RECORDED_SAVES_H_

#include <cstddef>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "tests/checkpoint/numbered_states.h"
#include "tests/checkpoint/recording_file_system.h"

namespace microgpt {

struct RecordedSave {
  int number = 0;
  std::size_t begin = 0;  // of operations
  std::size_t end = kNever;

  static constexpr std::size_t kNever = ~std::size_t{0};
};

struct Recording {
  DiskImage start;
  int start_number = Loaded::kNothing;  // what start loads as
  std::vector<Operation> operations;
  std::vector<RecordedSave> saves;
};

// Opens a store on `start` and saves the next `count` states. A resumed run
// tells the store which generation it loaded; the numbers of generations and
// states are the same here.
Recording RecordSaves(NumberedStates& states, const DiskImage& start,
                      int start_number, int count, bool resumed);
// Saves 1 to `count` in an empty folder.
Recording RecordFirstSaves(NumberedStates& states, int count);

// Checks states of the disk after a crash, each content once.
class CrashChecker {
 public:
  explicit CrashChecker(NumberedStates& states) : states_(states) {}

  // Tries a crash after the first `from` operations, after one more and so on
  // up to all, and returns what is wrong: a state that cannot be loaded, or
  // loads as another than the last one saved and the one being saved. Stops at
  // the first fault.
  std::string Check(const Recording& recording, std::size_t from = 0);

  // Called with the number a state loads as.
  using Sampler = std::function<void(const DiskImage&, int number)>;
  // From now on, for every `every`-th state that was not seen before.
  void SampleEvery(std::size_t every, Sampler sample);

  std::size_t visited() const { return visited_; }
  std::size_t distinct() const { return numbers_.size(); }

 private:
  Loaded Load(const DiskImage& image);
  std::string Judge(const Loaded& loaded, const Recording& recording,
                    std::size_t operations_done) const;

  NumberedStates& states_;
  ImageFolder folder_;
  std::size_t sample_every_ = 1;
  Sampler sample_;
  std::size_t visited_ = 0;
  std::unordered_map<std::string, int> numbers_;  // by hash, undamaged ones
};

}  // namespace microgpt

#endif  // MICROGPT_TESTS_CHECKPOINT_RECORDED_SAVES_H_
