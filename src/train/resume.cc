#include "train/resume.h"

#include <string>

#include "microgpt/error.h"

namespace microgpt {

TrainConfig ContinuedConfig(const CheckpointState& state,
                            const ResumeOptions& options) {
  TrainConfig config = state.config;
  config.threads = options.threads;
  config.executor = options.executor;
  if (options.early_stop_patience) {
    config.early_stop_patience = *options.early_stop_patience;
  }
  if (options.num_steps == 0) return config;
  if (options.num_steps < config.num_steps) {
    throw Error(ErrorKind::kUsage,
                "--num-steps: " + std::to_string(options.num_steps) +
                    " is fewer than the " + std::to_string(config.num_steps) +
                    " of the checkpoint; a resumed run can only become longer");
  }
  config.num_steps = options.num_steps;
  return config;
}

void CheckResumable(const Checkpoint& checkpoint, const Corpus& corpus,
                    std::size_t num_shards, bool allow_changed_data) {
  const CheckpointState& state = checkpoint.state();
  const auto fail = [&](const std::string& why) {
    throw Error(ErrorKind::kInput, checkpoint.folder() + ": " + why);
  };
  if (!allow_changed_data &&
      corpus.Fingerprint() != state.progress.data_fingerprint) {
    fail(
        "the data are not those that the run began with; give --input if "
        "they are elsewhere, or --allow-changed-data to go on with these");
  }
  if (corpus.tokenizer() != checkpoint.tokenizer()) {
    fail("the data have other tokens than the vocabulary of the model");
  }
  if (state.progress.num_shards != num_shards) {
    fail("its batches were summed in " +
         std::to_string(state.progress.num_shards) +
         " shards, this version makes " + std::to_string(num_shards) +
         "; resume it with version " + state.program_version);
  }
}

bool CheckValidation(const Checkpoint& checkpoint, const Corpus& corpus,
                     const std::string& fingerprint, bool allow_changed_data) {
  const TrainProgress& saved = checkpoint.state().progress;
  const std::string& expected = saved.validation.fingerprint;
  if (fingerprint == expected) {
    return !fingerprint.empty() ||
           corpus.Fingerprint() == saved.data_fingerprint;
  }
  if (allow_changed_data) return false;
  throw Error(
      ErrorKind::kInput,
      checkpoint.folder() +
          (expected.empty()
               ? ": the run began without --val-input; leave it out, or give "
                 "--allow-changed-data to validate on this file from now on"
               : ": the validation data are not those that the run began with; "
                 "give --val-input if they are elsewhere, or "
                 "--allow-changed-data to go on with these"));
}

}  // namespace microgpt
