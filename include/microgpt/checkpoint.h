// Training runs on disk: saved so that no crash can spoil them, and read back
// to the last bit.
//
// An output folder holds generations, folders named generation-000001 upward.
// Each is complete: model.safetensors, optimizer.safetensors, config.json,
// vocab.json and state.json, which has checksums of the others and of itself.
#ifndef MICROGPT_CHECKPOINT_H_
#define MICROGPT_CHECKPOINT_H_

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "microgpt/config.h"
#include "microgpt/export.h"
#include "microgpt/model.h"
#include "microgpt/tokenizer.h"

namespace microgpt {

class Adam;
class InputFile;
class Parameters;

// What a caller of Trainer::Save wants to find again.
struct RunSettings {
  std::string input;            // path of the corpus, UTF-8; empty: built in
  std::int64_t save_every = 0;  // steps between saves; 0: none but the last
  std::string val_input = {};   // path of a validation corpus; empty: none
};

// How many losses a run remembers, those of its last steps.
inline constexpr int kRecentLosses = 50;

// What the validations of a run have found.
struct ValidationProgress {
  std::int64_t count = 0;       // validations so far
  double best_loss = 0;         // nats; 0 before the first
  std::int64_t best_step = 0;   // steps done when it was found
  std::int64_t since_best = 0;  // validations after that one
  std::string fingerprint;      // of a corpus of its own, else empty
};

// Where a training run stands, besides its weights and moments.
struct TrainProgress {
  std::int64_t step = 0;     // optimizer steps done
  std::uint64_t cursor = 0;  // first document of the next batch, training order
  std::array<std::uint64_t, 4> random =
      {};                             // xoshiro256** after initialisation
  std::vector<double> recent_losses;  // of the last steps, oldest first, nats
  std::uint64_t num_documents = 0;
  std::string data_fingerprint;  // Corpus::Fingerprint()
  std::uint64_t num_shards = 0;  // S
  std::string digest;            // Trainer::Digest()
  ValidationProgress validation;
};

// What state.json says.
struct CheckpointState {
  TrainConfig config;  // threads and executor are not kept
  RunSettings run;
  TrainProgress progress;
  std::string program_version;  // that saved it
};

// What a reader is going to load, and hence to verify.
enum class CheckpointUse {
  kInference,  // model, configuration, vocabulary
  kResume,     // the optimizer too
};

// One generation, verified against its checksums. Thread-compatible.
class MICROGPT_EXPORT Checkpoint {
 public:
  // `path` is an output folder, of which the newest generation is taken, or a
  // generation itself. Another process may save into the folder meanwhile: the
  // files of the checkpoint stay readable for as long as it lives.
  // Throws Error(kInput), naming the file, if there is none or it is damaged;
  // the message names the previous generation if that one is intact.
  // Error(kIo) if reading fails, Error(kResources) if it does not fit into
  // memory. Memory until Load*: a few times vocab.json.
  static Checkpoint Open(const std::string& path, CheckpointUse use);

  // Path of the generation.
  const std::string& folder() const { return folder_; }
  // All that was saved beside tensors and vocabulary.
  const CheckpointState& state() const { return state_; }
  // The vocabulary.
  const Tokenizer& tokenizer() const { return tokenizer_; }

  // A new model with the saved weights. Throws as Open does.
  Model LoadModel() const;
  // Overwrites all weights. REQUIRES: a model of the shape of state().config.
  // Throws as Open does; some tensors may have been replaced then.
  void LoadWeights(Model& model) const;
  // For the trainer, as LoadWeights. REQUIRES: opened for kResume; parameters
  // of that shape and adam of their size.
  void LoadMoments(const Parameters& parameters, Adam& adam) const;

 private:
  Checkpoint(std::string folder, CheckpointState state, Tokenizer tokenizer);
  static Checkpoint OpenGeneration(const std::string& folder,
                                   CheckpointUse use);
  // The folder of the last intact generation among `numbers`, or nothing.
  static std::string NewestIntact(const std::string& path,
                                  std::vector<std::uint64_t> numbers,
                                  CheckpointUse use);

  std::string folder_;
  CheckpointState state_;
  Tokenizer tokenizer_;
  std::shared_ptr<const InputFile> model_;
  std::shared_ptr<const InputFile> optimizer_;  // kResume only
};

// What a generation is made of; owned by the caller. Trainer::Save fills it in.
struct CheckpointContents {
  const CheckpointState& state;
  const Tokenizer& tokenizer;
  const Parameters& parameters;
  const Adam& adam;
};

// An output folder, locked against other writers, those of this process
// included, until it is destroyed. Movable; single-threaded.
class MICROGPT_EXPORT CheckpointFolder {
 public:
  // Makes the folder if only its last component is missing, locks it and
  // removes what an interrupted save left behind.
  // Throws Error(kIo) if that cannot be done or another process holds it.
  explicit CheckpointFolder(const std::string& path);
  ~CheckpointFolder();
  CheckpointFolder(CheckpointFolder&&) noexcept;

  // As it was given.
  const std::string& path() const;
  // Whether there is any generation, damaged ones included.
  bool empty() const;

  // Whether the checkpoint is a generation of this folder. If so it counts as
  // one of the two that are kept. Throws Error(kIo) if that cannot be told.
  bool Contains(const Checkpoint& checkpoint);

  // Adds a generation, durable on return, then removes those older than the one
  // saved (or found by Contains) before it. Returns its folder.
  // Throws Error(kIo); what the folder held before is still there, and what was
  // written is removed or complete.
  std::string Save(const CheckpointContents& contents);

 private:
  class MICROGPT_HIDDEN Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace microgpt

#endif  // MICROGPT_CHECKPOINT_H_
