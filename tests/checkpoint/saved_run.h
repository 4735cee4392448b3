// Small training runs in a folder of their own.
#ifndef MICROGPT_TESTS_CHECKPOINT_SAVED_RUN_H_
#define MICROGPT_TESTS_CHECKPOINT_SAVED_RUN_H_

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

#include "microgpt/checkpoint.h"
#include "microgpt/corpus.h"
#include "microgpt/trainer.h"
#include "tests/base/temp_folder.h"

namespace microgpt {

inline Corpus TinyCorpus() {
  return Corpus::FromText("ab\nba\naab\nb\n", "tiny corpus");
}

// 44 weights: files small enough to try every bit of.
inline TrainConfig TinyConfig() {
  TrainConfig config;
  config.model.n_embd = 2;
  config.model.n_head = 1;
  config.model.n_layer = 1;
  config.model.block_size = 2;
  config.num_steps = 20;
  config.threads = 1;
  return config;
}

inline void RunSteps(Trainer& trainer, int steps) {
  for (int i = 0; i < steps; ++i) trainer.Step();
}

// The files of a generation.
inline const std::vector<std::string>& GenerationFiles() {
  static const std::vector<std::string> files = {
      "config.json", "model.safetensors", "optimizer.safetensors", "state.json",
      "vocab.json"};
  return files;
}

inline std::vector<std::string> NamesIn(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

inline std::string ReadBytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// A tiny run, saved at the steps given.
class SavedRun {
 public:
  explicit SavedRun(const std::vector<int>& steps = {3})
      : trainer_(TinyConfig(), TinyCorpus()) {
    CheckpointFolder folder(path());
    for (const int step : steps) {
      RunSteps(trainer_, step - static_cast<int>(trainer_.steps_done()));
      trainer_.Save(folder, {"", 7});
      digests_.push_back(trainer_.Digest());
    }
  }

  std::string path() const { return temp_.PathOf("run"); }
  std::string PathOf(int generation, const std::string& file) const {
    return path() + "/generation-00000" + std::to_string(generation) + "/" +
           file;
  }
  // Replaces a file of a generation.
  void Write(int generation, const std::string& file,
             std::string_view bytes) const {
    temp_.Write(
        "run/generation-00000" + std::to_string(generation) + "/" + file,
        bytes);
  }
  const Trainer& trainer() const { return trainer_; }
  // One per save.
  const std::vector<std::string>& digests() const { return digests_; }
  const TempFolder& temp() const { return temp_; }

 private:
  TempFolder temp_;
  Trainer trainer_;
  std::vector<std::string> digests_;
};

}  // namespace microgpt

#endif  // MICROGPT_TESTS_CHECKPOINT_SAVED_RUN_H_
