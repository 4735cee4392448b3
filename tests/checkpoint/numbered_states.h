// States of a tiny run that can be told apart, and folders to load them from.
#ifndef MICROGPT_TESTS_CHECKPOINT_NUMBERED_STATES_H_
#define MICROGPT_TESTS_CHECKPOINT_NUMBERED_STATES_H_

#include <string>
#include <vector>

#include "checkpoint/generation_store.h"
#include "microgpt/checkpoint.h"
#include "microgpt/model.h"
#include "microgpt/tokenizer.h"
#include "optim/adam.h"
#include "tests/base/temp_folder.h"
#include "tests/checkpoint/recording_file_system.h"

namespace microgpt {

// What a folder resumes as.
struct Loaded {
  static constexpr int kNothing = 0;  // it holds no checkpoint
  static constexpr int kDamaged = -1;

  int number = kDamaged;
  std::string problem = {};  // of a damaged one
};

// State number 1, 2, ... has weights, moments and a digest of its own.
class NumberedStates {
 public:
  NumberedStates();

  std::string Save(GenerationStore& store, int number);
  // Compares every byte with what was saved.
  Loaded Load(const std::string& folder);

 private:
  void Fill(int number);
  CheckpointState StateOf(int number) const;
  // Weights, first and second moments, one after the other.
  std::vector<float> Values() const;

  Tokenizer tokenizer_;
  Model model_;
  Adam adam_;
};

// A real folder that is made to hold one image after the other. In memory,
// where the system has such a place.
class ImageFolder {
 public:
  ImageFolder();
  // Returns the path of the folder.
  const std::string& Show(const DiskImage& image);

 private:
  TempFolder temp_;
  DiskImage shown_;
};

}  // namespace microgpt

#endif  // MICROGPT_TESTS_CHECKPOINT_NUMBERED_STATES_H_
