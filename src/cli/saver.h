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

// Does nothing for a run without an output folder.
class Saver {
 public:
  // Locks the folder of --out-dir; options.input is empty for the built-in
  // corpus and for nothing else. `checkpoint` is what the run goes on from,
  // if anything. Throws Error(kUsage) if a new run would share the folder with
  // another one, else as CheckpointFolder does.
  Saver(const Options& options, const std::optional<Checkpoint>& checkpoint);

  bool active() const { return folder_.has_value(); }
  // After a step: whether it is one of --save-every.
  bool Due(const Trainer& trainer) const;
  // Unless this very state has been saved. Throws as Trainer::Save does.
  void Save(const Trainer& trainer);
  // "; saved in DIR, ..." or nothing, for the message of an interrupted run.
  std::string Advice() const;

 private:
  RunSettings run_;
  std::optional<CheckpointFolder> folder_;
  std::int64_t saved_step_ = -1;
};

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_SAVER_H_
