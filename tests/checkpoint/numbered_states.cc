#include "tests/checkpoint/numbered_states.h"

#include <fmt/format.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <limits>

#include "microgpt/error.h"
#include "model/parameters.h"

namespace microgpt {
namespace {

namespace fs = std::filesystem;

ModelConfig TinyModel() {
  ModelConfig config;
  config.vocab_size = 3;
  config.block_size = 2;
  config.n_embd = 2;
  config.n_head = 1;
  config.n_layer = 0;
  return config;
}

std::string DigestOf(int number) { return fmt::format("{:032x}", number); }

// As bits, so that NaN and -0 count.
bool SameBits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() &&
         std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

// Later temporary folders of this process go to memory too.
TempFolder FolderInMemory() {
  if (::access("/dev/shm", W_OK | X_OK) == 0) {
    ::setenv("TMPDIR", "/dev/shm", 1);
  }
  return TempFolder();
}

}  // namespace

NumberedStates::NumberedStates()
    : tokenizer_({U'a', U'b'}),
      model_(TinyModel()),
      adam_(AdamConfig(), model_.parameters().layout().size()) {}

void NumberedStates::Fill(int number) {
  auto next = static_cast<float>(number * 1000);
  for (const TensorInfo& tensor : model_.tensors()) {
    const TensorSpec& spec = model_.parameters().Find(tensor.name);
    std::vector<float> values(tensor.rows * tensor.cols);
    const auto count = [&] {
      for (float& value : values) value = next += 0.25f;
    };
    count();
    model_.SetTensor(tensor.name, values);
    count();
    spec.CopyIn(values, adam_.first_moments());
    count();
    spec.CopyIn(values, adam_.second_moments());
  }
}

CheckpointState NumberedStates::StateOf(int number) const {
  CheckpointState state;
  state.config.model = model_.config();
  state.config.num_steps = 100;
  state.program_version = "test";
  state.progress.step = number;
  state.progress.recent_losses.assign(static_cast<std::size_t>(number), 1.5);
  state.progress.num_documents = 1;
  state.progress.num_shards = 1;
  state.progress.data_fingerprint = DigestOf(0);
  state.progress.digest = DigestOf(number);
  return state;
}

std::vector<float> NumberedStates::Values() const {
  std::vector<float> all;
  const ParameterLayout& layout = model_.parameters().layout();
  for (const float* arena : {model_.parameters().data(), adam_.first_moments(),
                             adam_.second_moments()}) {
    for (const TensorSpec& tensor : layout.tensors()) {
      std::vector<float> values(tensor.rows * tensor.cols);
      tensor.CopyOut(arena, values);
      all.insert(all.end(), values.begin(), values.end());
    }
  }
  return all;
}

std::string NumberedStates::Save(GenerationStore& store, int number) {
  Fill(number);
  const CheckpointState state = StateOf(number);
  return store.Save({state, tokenizer_, model_.parameters(), adam_});
}

Loaded NumberedStates::Load(const std::string& folder) {
  try {
    const Checkpoint saved = Checkpoint::Open(folder, CheckpointUse::kResume);
    const auto number = static_cast<int>(saved.state().progress.step);
    if (saved.state().progress.digest != DigestOf(number)) {
      return {.problem = "digest of another state"};
    }
    Fill(number);
    const std::vector<float> expected = Values();
    Fill(-1);
    saved.LoadWeights(model_);
    saved.LoadMoments(model_.parameters(), adam_);
    if (!SameBits(Values(), expected)) return {.problem = "wrong values"};
    return {.number = number};
  } catch (const Error& error) {
    const std::string what = error.what();
    const bool nothing = error.kind() == ErrorKind::kInput &&
                         what.find("holds no checkpoint") != what.npos;
    if (nothing) return {.number = Loaded::kNothing};
    return {.problem = what};
  }
}

ImageFolder::ImageFolder() : temp_(FolderInMemory()) {}

const std::string& ImageFolder::Show(const DiskImage& image) {
  for (auto shown = shown_.rbegin(); shown != shown_.rend(); ++shown) {
    const auto found = image.find(shown->first);
    const bool stays = found != image.end() &&
                       found->second.has_value() == shown->second.has_value();
    if (!stays) fs::remove(temp_.PathOf(shown->first));
  }
  for (const auto& [path, content] : image) {
    const auto shown = shown_.find(path);
    if (shown != shown_.end() && shown->second == content) continue;
    if (content) {
      temp_.Write(path, *content);
    } else {
      fs::create_directory(temp_.PathOf(path));
    }
  }
  shown_ = image;
  return temp_.path();
}

}  // namespace microgpt
