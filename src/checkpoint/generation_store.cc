#include "checkpoint/generation_store.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "checkpoint/byte_sink.h"
#include "checkpoint/config_json.h"
#include "checkpoint/generation.h"
#include "checkpoint/safetensors_writer.h"
#include "checkpoint/state_json.h"
#include "checkpoint/vocab_json.h"
#include "microgpt/error.h"
#include "model/parameters.h"
#include "optim/adam.h"

namespace microgpt {
namespace {

constexpr std::size_t kKeptGenerations = 2;

void AddSources(const ParameterLayout& layout, const std::string& prefix,
                const float* arena, std::vector<TensorSource>& sources) {
  for (const TensorSpec& tensor : layout.tensors()) {
    sources.push_back({prefix + tensor.name, tensor.rows, tensor.cols,
                       tensor.stride(), arena + tensor.offset});
  }
}

template <typename Write>
FileSummary WriteFile(FileSystem& files, const std::string& path, Write write) {
  const std::unique_ptr<NewFile> file = files.CreateFile(path);
  ByteSink sink(*file);
  write(sink);
  FileSummary summary = sink.Finish();
  file->Sync();
  file->Close();
  return summary;
}

FileSummary WriteText(FileSystem& files, const std::string& path,
                      const std::string& text) {
  return WriteFile(files, path, [&](ByteSink& sink) { sink.Append(text); });
}

FileSummary WriteSources(FileSystem& files, const std::string& path,
                         const std::vector<TensorSource>& sources) {
  return WriteFile(files, path,
                   [&](ByteSink& sink) { WriteTensors(sources, sink); });
}

}  // namespace

GenerationStore::GenerationStore(FileSystem& files, std::string folder)
    : files_(files), folder_(std::move(folder)) {
  const std::vector<std::string> names = files_.List(folder_);
  generations_ = GenerationsAmong(names);
  if (!generations_.empty()) last_number_ = generations_.back();
  RemoveLeftovers(names);
}

std::string GenerationStore::PathOf(std::string_view name) const {
  return folder_ + "/" + std::string(name);
}

// Nobody reads leftovers; one that cannot be removed only takes a number.
void GenerationStore::RemoveLeftovers(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    const bool partial = name.starts_with(kPartialPrefix);
    if (!partial && !name.starts_with(kRemovedPrefix)) continue;
    try {
      RemoveFolderAndFiles(files_, PathOf(name));
    } catch (const Error&) {
      const auto number =
          partial ? PartialNumber(name) : std::optional<std::uint64_t>();
      if (number) last_number_ = std::max(last_number_, *number);
    }
  }
}

void GenerationStore::Keep(std::uint64_t number) {
  kept_.push_back(number);
  if (kept_.size() > kKeptGenerations) kept_.erase(kept_.begin());
}

std::string GenerationStore::Save(const CheckpointContents& contents) {
  if (last_number_ >= kMaxGeneration) {
    throw Error(ErrorKind::kIo, folder_ + ": no generation can follow number " +
                                    std::to_string(last_number_) +
                                    "; give another --out-dir");
  }
  const std::uint64_t number = ++last_number_;
  const std::string partial_name = PartialName(number);
  const std::string partial = PathOf(partial_name);
  std::string path = PathOf(GenerationName(number));
  files_.MakeFolder(partial);
  try {
    WriteGeneration(contents, partial);
    files_.Rename(partial, path);
  } catch (...) {
    RemoveLeftovers({partial_name});
    throw;
  }
  generations_.push_back(number);
  files_.SyncFolder(folder_);
  Keep(number);
  RemoveOldGenerations();
  return path;
}

void GenerationStore::WriteGeneration(const CheckpointContents& contents,
                                      const std::string& path) {
  const auto path_of = [&](const char* name) { return path + "/" + name; };
  const ParameterLayout& layout = contents.parameters.layout();
  StateFile state{contents.state, {}};
  std::vector<TensorSource> sources;
  AddSources(layout, "", contents.parameters.data(), sources);
  state.files[kModelFile] = WriteSources(files_, path_of(kModelFile), sources);
  sources.clear();
  AddSources(layout, "m.", contents.adam.first_moments(), sources);
  AddSources(layout, "v.", contents.adam.second_moments(), sources);
  state.files[kOptimizerFile] =
      WriteSources(files_, path_of(kOptimizerFile), sources);
  state.files[kConfigFile] = WriteText(files_, path_of(kConfigFile),
                                       ConfigJson(contents.state.config));
  state.files[kVocabFile] =
      WriteText(files_, path_of(kVocabFile), VocabJson(contents.tokenizer));
  WriteText(files_, path_of(kStateFile), StateJson(state));
  files_.SyncFolder(path);
}

// Renamed first, so that no reader meets half of one. What cannot be removed
// now is removed when the folder is opened for writing again.
void GenerationStore::RemoveOldGenerations() {
  if (kept_.size() < kKeptGenerations) return;
  while (generations_.front() < kept_.front()) {
    const std::uint64_t number = generations_.front();
    generations_.erase(generations_.begin());
    const std::string removed = PathOf(RemovedName(number));
    try {
      files_.Rename(PathOf(GenerationName(number)), removed);
      RemoveFolderAndFiles(files_, removed);
    } catch (const Error&) {
    }
  }
}

}  // namespace microgpt
