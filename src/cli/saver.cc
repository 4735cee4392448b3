#include "cli/saver.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "cli/input.h"
#include "microgpt/error.h"

namespace microgpt::cli {
namespace {

namespace fs = std::filesystem;

bool HasGenerations(const fs::path& folder) {
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end;
       at.increment(error)) {
    if (at->path().filename().string().starts_with("generation-")) return true;
  }
  return false;
}

// A run in it would remove the best model of another run.
void RefuseBestFolder(const std::string& out_dir) {
  std::error_code error;
  const fs::path folder =
      (fs::weakly_canonical(out_dir, error) / "").parent_path();
  if (error || folder.filename() != kBestFolder ||
      !HasGenerations(folder.parent_path())) {
    return;
  }
  throw Error(ErrorKind::kUsage,
              fmt::format("--out-dir: '{}' keeps the best model of the run in "
                          "'{}'; give --resume with that folder to go on with "
                          "the run, or another --out-dir for a run from here",
                          out_dir, folder.parent_path().string()));
}

std::string BestPath(const std::string& out_dir) {
  return out_dir + (out_dir.ends_with('/') ? "" : "/") + kBestFolder;
}

}  // namespace

Saver::Saver(const Options& options,
             const std::optional<Checkpoint>& checkpoint) {
  if (options.out_dir.empty()) return;
  run_.input = AbsolutePath("--input", options.input);
  run_.val_input = AbsolutePath("--val-input", options.val_input);
  run_.save_every = options.save_every;
  RefuseBestFolder(options.out_dir);
  folder_.emplace(options.out_dir);
  const bool same_run = checkpoint && folder_->Contains(*checkpoint);
  if (!same_run && !folder_->empty()) {
    throw Error(ErrorKind::kUsage,
                "--out-dir: '" + options.out_dir +
                    "' holds a run already; give --resume '" + options.out_dir +
                    "' to go on with it, or another folder");
  }
  if (same_run) saved_step_ = checkpoint->state().progress.step;
  if (!options.val_input.empty() || options.train.data.val_split > 0) {
    OpenBest(options, same_run);
  }
}

void Saver::OpenBest(const Options& options, bool same_run) {
  best_.emplace(BestPath(options.out_dir));
  if (!same_run && !best_->empty()) {
    throw Error(ErrorKind::kUsage,
                fmt::format("--out-dir: '{}' holds the best model of another "
                            "run; move it away or give another folder",
                            best_->path()));
  }
}

bool Saver::Due(const Trainer& trainer) const {
  return active() && run_.save_every > 0 &&
         trainer.steps_done() % run_.save_every == 0;
}

void Saver::Save(const Trainer& trainer) {
  if (!active() || saved_step_ == trainer.steps_done()) return;
  trainer.Save(*folder_, run_);
  saved_step_ = trainer.steps_done();
}

void Saver::SaveBest(const Trainer& trainer) {
  if (best_) trainer.Save(*best_, run_);
  Save(trainer);
}

std::optional<std::int64_t> Saver::KeptStep(std::int64_t wanted) {
  if (best_->empty()) return std::nullopt;
  const Checkpoint kept =
      Checkpoint::Open(best_->path(), CheckpointUse::kInference);
  const std::int64_t step = kept.state().progress.step;
  // Then it is one of the two that are kept.
  if (step == wanted) best_->Contains(kept);
  return step;
}

std::string Saver::MatchBest(const Trainer& trainer) {
  const ValidationProgress& found = trainer.validation();
  if (!best_ || found.count == 0) return "";
  std::string what = best_->path() + " is empty";
  try {
    if (const auto step = KeptStep(found.best_step)) {
      if (*step == found.best_step) return "";
      what = fmt::format("{} holds the model of step {}", best_->path(), *step);
    }
  } catch (const Error& error) {
    what = error.what();
  }
  if (found.best_step == trainer.steps_done()) {
    trainer.Save(*best_, run_);
    return "";
  }
  return fmt::format(
      "the best model so far, of step {}, is not kept: {}; the next best one "
      "will be",
      found.best_step, what);
}

std::string Saver::Advice() const {
  if (!active()) return "";
  return "; saved, go on with --resume " + folder_->path();
}

}  // namespace microgpt::cli
