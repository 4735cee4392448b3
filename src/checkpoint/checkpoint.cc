// Opening and loading generations.
#include "microgpt/checkpoint.h"

#include <algorithm>
#include <cassert>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/checked_math.h"
#include "base/file.h"
#include "base/file_system.h"
#include "base/hash.h"
#include "checkpoint/config_json.h"
#include "checkpoint/generation.h"
#include "checkpoint/safetensors_reader.h"
#include "checkpoint/state_json.h"
#include "checkpoint/strict_json.h"
#include "checkpoint/vocab_json.h"
#include "microgpt/error.h"
#include "model/parameters.h"
#include "optim/adam.h"

namespace microgpt {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxSmallFile = 1 << 16;
// All of Unicode, every character escaped, takes 24 MB.
constexpr std::uint64_t kMaxVocabFile = 1 << 25;
constexpr std::size_t kReadBytes = 1 << 20;
// How often a reader starts again when a writer removed what it was reading.
constexpr int kMaxAttempts = 10;

std::string ReadAtMost(const std::string& path, std::uint64_t most) {
  const InputFile file(path);
  if (file.size() > most) {
    FailCheckpoint(path, "it has " + std::to_string(file.size()) +
                             " bytes, at most " + std::to_string(most) +
                             " are possible");
  }
  std::string text(file.size(), '\0');
  file.ReadAt(0, text);
  return text;
}

[[noreturn]] void FailChecksum(const std::string& path) {
  FailCheckpoint(path, "it is not what was saved, its checksum is wrong");
}

std::string ReadVerified(const std::string& path, std::uint64_t most,
                         const FileSummary& summary) {
  std::string text = ReadAtMost(path, most);
  if (text.size() != summary.bytes || HashOf(text) != summary.xxh3) {
    FailChecksum(path);
  }
  return text;
}

// Opens a file of at least `floats` numbers: a model that is allocated for it
// is not larger than the file. Its checksum must be that of the summary.
std::shared_ptr<const InputFile> OpenVerified(const std::string& path,
                                              CheckedSize floats,
                                              const FileSummary& summary) {
  auto file = std::make_shared<const InputFile>(path);
  if (file->size() != summary.bytes) FailChecksum(path);
  if ((floats * sizeof(float)).value() > file->size()) {
    FailCheckpoint(path, "it is too short for the configuration of the run");
  }
  Hash128 hash;
  std::string buffer(std::min<std::uint64_t>(kReadBytes, file->size()), '\0');
  for (std::uint64_t at = 0; at < file->size(); at += buffer.size()) {
    buffer.resize(std::min<std::uint64_t>(buffer.size(), file->size() - at));
    file->ReadAt(at, buffer);
    hash.Add(std::span<const char>(buffer));
  }
  if (hash.Hex() != summary.xxh3) FailChecksum(path);
  return file;
}

CheckedSize CountParameters(const ModelConfig& config,
                            const std::string& path) {
  try {
    return ParameterCount(config);
  } catch (const Error&) {
    FailCheckpoint(path, "the model would not fit into any memory");
  }
}

std::vector<TensorInfo> InfosOf(const ParameterLayout& layout,
                                const std::string& prefix) {
  std::vector<TensorInfo> infos;
  for (const TensorSpec& tensor : layout.tensors()) {
    infos.push_back({prefix + tensor.name, tensor.rows, tensor.cols});
  }
  return infos;
}

std::vector<std::uint64_t> GenerationsIn(const std::string& path) {
  std::error_code ignored;
  if (!fs::is_directory(path, ignored)) {
    throw Error(ErrorKind::kInput,
                path + ": is not a folder; give the folder of --out-dir");
  }
  std::vector<std::uint64_t> numbers =
      GenerationsAmong(RealFileSystem().List(path));
  if (numbers.empty()) {
    throw Error(ErrorKind::kInput, path +
                                       ": holds no checkpoint; give a folder "
                                       "that was used as --out-dir");
  }
  return numbers;
}

std::string GenerationPath(const std::string& path, std::uint64_t number) {
  return path + (path.ends_with('/') ? "" : "/") + GenerationName(number);
}

bool IsGeneration(const std::string& path) {
  std::error_code ignored;
  return fs::exists(fs::path(path) / kStateFile, ignored);
}

}  // namespace

Checkpoint::Checkpoint(std::string folder, CheckpointState state,
                       Tokenizer tokenizer)
    : folder_(std::move(folder)),
      state_(std::move(state)),
      tokenizer_(std::move(tokenizer)) {}

Checkpoint Checkpoint::OpenGeneration(const std::string& folder,
                                      CheckpointUse use) {
  const auto path_of = [&](const char* name) { return folder + "/" + name; };
  const std::string state_path = path_of(kStateFile);
  StateFile file =
      ParseStateJson(ReadAtMost(state_path, kMaxSmallFile), state_path);
  const TrainConfig& config = file.state.config;

  const std::string config_path = path_of(kConfigFile);
  CheckConfigJson(
      ReadVerified(config_path, kMaxSmallFile, file.files[kConfigFile]),
      config_path, config);
  const std::string vocab_path = path_of(kVocabFile);
  Tokenizer tokenizer = ParseVocabJson(
      ReadVerified(vocab_path, kMaxVocabFile, file.files[kVocabFile]),
      vocab_path);
  if (tokenizer.vocab_size() != config.model.vocab_size) {
    FailCheckpoint(vocab_path, "it has " +
                                   std::to_string(tokenizer.vocab_size()) +
                                   " tokens, the configuration of the run " +
                                   std::to_string(config.model.vocab_size));
  }

  if (tokenizer.is_ids() != (config.data.doc_mode == DocMode::kTokens)) {
    FailCheckpoint(vocab_path, "it does not fit doc_mode " +
                                   ToString(config.data.doc_mode) +
                                   " of the run");
  }

  const CheckedSize parameters = CountParameters(config.model, state_path);
  Checkpoint checkpoint(folder, std::move(file.state), std::move(tokenizer));
  checkpoint.model_ =
      OpenVerified(path_of(kModelFile), parameters, file.files[kModelFile]);
  if (use == CheckpointUse::kResume) {
    checkpoint.optimizer_ = OpenVerified(
        path_of(kOptimizerFile), parameters * 2, file.files[kOptimizerFile]);
  }
  return checkpoint;
}

Checkpoint Checkpoint::Open(const std::string& path, CheckpointUse use) {
  if (IsGeneration(path)) return OpenGeneration(path, use);
  std::vector<std::uint64_t> numbers = GenerationsIn(path);
  for (int attempt = 1;; ++attempt) {
    try {
      return OpenGeneration(GenerationPath(path, numbers.back()), use);
    } catch (const Error& error) {
      const std::uint64_t tried = numbers.back();
      numbers = GenerationsIn(path);
      if (numbers.back() != tried && attempt < kMaxAttempts) continue;
      if (error.kind() != ErrorKind::kInput) throw;
      numbers.pop_back();
      const std::string other = NewestIntact(path, numbers, use);
      if (other.empty()) throw;
      throw Error(ErrorKind::kInput,
                  std::string(error.what()) + "; " + other +
                      " is intact, give that folder to use it instead");
    }
  }
}

std::string Checkpoint::NewestIntact(const std::string& path,
                                     std::vector<std::uint64_t> numbers,
                                     CheckpointUse use) {
  for (; !numbers.empty(); numbers.pop_back()) {
    std::string folder = GenerationPath(path, numbers.back());
    try {
      OpenGeneration(folder, use);
      return folder;
    } catch (const Error&) {
    }
  }
  return "";
}

Model Checkpoint::LoadModel() const {
  Model model(state_.config.model);
  LoadWeights(model);
  return model;
}

void Checkpoint::LoadWeights(Model& model) const {
  ReadTensors(
      *model_, model.tensors(),
      [&](std::string_view name, std::span<const float> values) {
        model.SetTensor(name, values);
      },
      TensorValues::kAny);
}

void Checkpoint::LoadMoments(const Parameters& parameters, Adam& adam) const {
  assert(optimizer_ != nullptr);
  const ParameterLayout& layout = parameters.layout();
  std::vector<TensorInfo> infos = InfosOf(layout, "m.");
  const std::vector<TensorInfo> second = InfosOf(layout, "v.");
  infos.insert(infos.end(), second.begin(), second.end());
  ReadTensors(
      *optimizer_, infos,
      [&](std::string_view name, std::span<const float> values) {
        const TensorSpec& tensor = parameters.Find(name.substr(2));
        float* arena = name.starts_with("m.") ? adam.first_moments()
                                              : adam.second_moments();
        tensor.CopyIn(values, arena);
      },
      TensorValues::kAny);
}

}  // namespace microgpt
