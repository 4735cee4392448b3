// When a training run is saved.
#ifndef MICROGPT_CLI_SAVER_H_
#define MICROGPT_CLI_SAVER_H_

#include <cstdint>
#include <optional>
#include <string>

#include "cli/options.h"
#include "microgpt/checkpoint.h"
#include "microgpt/trainer.h"

namespace microgpt::cli {

// The folder in the output folder of a run that keeps its best model. It is an
// output folder itself.
inline constexpr const char* kBestFolder = "best";

// Does nothing for a run without an output folder.
class Saver {
 public:
  // Locks the folder of --out-dir, and its best folder for a run that
  // validates; options.input is empty for the built-in corpus and for nothing
  // else. `checkpoint` is what the run goes on from, if anything.
  // Throws Error(kUsage) if a new run would share a folder with another one,
  // else as CheckpointFolder does.
  Saver(const Options& options, const std::optional<Checkpoint>& checkpoint);

  bool active() const { return folder_.has_value(); }
  // After a step: whether it is one of --save-every.
  bool Due(const Trainer& trainer) const;
  // Unless this very state has been saved. Throws as Trainer::Save does.
  void Save(const Trainer& trainer);

  // Before the first step of a resumed run: puts its model into the best folder
  // if it is the best so far and is missing there. Returns what a user should
  // know if the folder holds another one, else "". Throws as Trainer::Save.
  std::string MatchBest(const Trainer& trainer);
  // After a validation that found the best model so far: keeps it, then saves
  // the run, so that no crash makes a run forget a best model that is kept.
  void SaveBest(const Trainer& trainer);

  // "; saved in DIR, ..." or nothing, for the message of an interrupted run.
  std::string Advice() const;

 private:
  void OpenBest(const Options& options, bool same_run);
  // Step of the model in the best folder; nothing if it has none. Throws as
  // Checkpoint::Open does.
  std::optional<std::int64_t> KeptStep(std::int64_t wanted);

  RunSettings run_;
  std::optional<CheckpointFolder> folder_;
  std::optional<CheckpointFolder> best_;  // of runs that validate
  std::int64_t saved_step_ = -1;
};

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_SAVER_H_
