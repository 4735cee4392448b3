#include "cli/resume.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "cli/input.h"
#include "microgpt/error.h"

namespace microgpt::cli {
namespace {

namespace fs = std::filesystem;

std::string FlagOf(const ConfigField& field) {
  if (std::string(field.name) == "shuffle") return "--no-shuffle";
  std::string flag = std::string("--") + field.name;
  std::replace(flag.begin(), flag.end(), '_', '-');
  return flag;
}

void RefuseContradictions(const Options& options,
                          const Checkpoint& checkpoint) {
  const std::vector<ConfigField> saved = FieldsOf(checkpoint.state().config);
  const std::vector<ConfigField> wanted = FieldsOf(options.train);
  for (std::size_t i = 0; i < saved.size(); ++i) {
    const std::string flag = FlagOf(saved[i]);
    if (!options.given.contains(flag) || wanted[i].value == saved[i].value) {
      continue;
    }
    if (flag == "--num-steps" &&
        options.train.num_steps > checkpoint.state().config.num_steps) {
      continue;
    }
    if (flag == "--early-stop-patience") continue;
    throw Error(ErrorKind::kInput,
                fmt::format("{}: {} is {}, but {} in the checkpoint {}; leave "
                            "the flag out{}",
                            flag, saved[i].name, wanted[i].value,
                            saved[i].value, checkpoint.folder(),
                            flag == "--num-steps" ? " or give more" : ""));
  }
}

// The folder that the generation stands in.
std::string FolderOf(const Checkpoint& checkpoint) {
  const fs::path generation = fs::canonical(checkpoint.folder());
  if (!generation.filename().string().starts_with("generation-")) {
    throw Error(ErrorKind::kUsage,
                "--out-dir is missing: '" + checkpoint.folder() +
                    "' stands in no output folder; say where to save");
  }
  // As the user wrote it, unless that goes through "." or "..".
  const fs::path named = checkpoint.folder();
  if (named.filename() != generation.filename()) {
    return generation.parent_path().string();
  }
  return named.has_parent_path() ? named.parent_path().string() : ".";
}

}  // namespace

Options MergeWithCheckpoint(const Options& options,
                            const Checkpoint& checkpoint) {
  RefuseOtherTokens(options, checkpoint);
  RefuseContradictions(options, checkpoint);
  const CheckpointState& state = checkpoint.state();
  Options merged = options;
  merged.train = state.config;
  merged.train.threads = options.train.threads;
  if (options.Given("--num-steps")) {
    merged.train.num_steps = options.train.num_steps;
  }
  if (options.Given("--early-stop-patience")) {
    merged.train.early_stop_patience = options.train.early_stop_patience;
  }
  merged.sample.seed = state.config.seed;
  if (options.Given("--tokens")) {
    merged.input = options.tokens;
  } else if (!options.Given("--input")) {
    merged.input = state.run.input;
  }
  if (!options.Given("--val-input")) merged.val_input = state.run.val_input;
  merged.vocab_size = state.config.model.vocab_size;
  if (!options.Given("--save-every")) merged.save_every = state.run.save_every;
  if (!options.Given("--out-dir")) merged.out_dir = FolderOf(checkpoint);
  return merged;
}

Corpus LoadSavedCorpus(const Options& merged, const Checkpoint& checkpoint) {
  const std::string& path = merged.input;
  Corpus corpus = LoadCorpus(path, merged);
  const bool changed =
      corpus.Fingerprint() != checkpoint.state().progress.data_fingerprint;
  const Tokenizer& vocabulary = checkpoint.tokenizer();
  if (!changed || !merged.allow_changed_data || vocabulary.is_ids()) {
    return corpus;
  }
  const CorpusOptions cut = CorpusOptionsOf(merged.train);
  if (path.empty()) return BuiltInCorpus(cut, vocabulary);
  return Corpus::FromFile(path, cut, vocabulary);
}

}  // namespace microgpt::cli
