#include "cli/saver.h"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "microgpt/error.h"

namespace microgpt::cli {
namespace {

// As state.json can name it from every folder.
std::string NameForState(const std::string& path) {
  if (path.empty()) return path;
  std::string absolute =
      std::filesystem::absolute(path).lexically_normal().string();
  try {
    (void)nlohmann::json(absolute).dump();
  } catch (const nlohmann::json::type_error&) {
    throw Error(ErrorKind::kUsage,
                "--input: '" + path +
                    "' is not UTF-8, and a checkpoint must name the file; "
                    "rename it");
  }
  return absolute;
}

}  // namespace

Saver::Saver(const Options& options,
             const std::optional<Checkpoint>& checkpoint) {
  if (options.out_dir.empty()) return;
  run_.input = NameForState(options.input);
  run_.save_every = options.save_every;
  folder_.emplace(options.out_dir);
  const bool same_run = checkpoint && folder_->Contains(*checkpoint);
  if (!same_run && !folder_->empty()) {
    throw Error(ErrorKind::kUsage,
                "--out-dir: '" + options.out_dir +
                    "' holds a run already; give --resume '" + options.out_dir +
                    "' to go on with it, or another folder");
  }
  if (same_run) saved_step_ = checkpoint->state().progress.step;
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

std::string Saver::Advice() const {
  if (!active()) return "";
  return "; saved, go on with --resume " + folder_->path();
}

}  // namespace microgpt::cli
