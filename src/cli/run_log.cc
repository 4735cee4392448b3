#include "cli/run_log.h"

#include <algorithm>
#include <filesystem>
#include <string>
#include <system_error>

#include "cli/resident_memory.h"
#include "cli/run_folder.h"
#include "cli/terminal.h"

namespace microgpt::cli {
namespace {

namespace fs = std::filesystem;

// So many times in a run samples are kept, if nobody says how often.
constexpr std::int64_t kSampleTimes = 10;

std::int64_t StepsBetweenSamples(const Options& options,
                                 const TrainConfig& config) {
  if (options.sample.num_samples == 0) return 0;
  if (options.sample_every >= 0) return options.sample_every;
  return std::max<std::int64_t>(1, config.num_steps / kSampleTimes);
}

void WarnOfDamage(const std::string& place) {
  if (place.empty()) return;
  PrintWarning(place +
               ": is no line of this run; it and what follows it were "
               "removed, and steps may be missing there");
}

}  // namespace

RunLog::RunLog(const Options& options, const Trainer& trainer) {
  const std::int64_t steps_done = trainer.steps_done();
  if (!options.out_dir.empty()) OpenFolder(options, trainer);
  std::error_code none_there;
  const bool is_own =
      own_metrics_ != nullptr &&
      fs::equivalent(options.metrics, InFolder(options.out_dir, kMetricsName),
                     none_there);
  if (!options.metrics.empty() && !is_own) {
    metrics_.push_back(
        std::make_unique<MetricsFile>(options.metrics, steps_done));
  }
  if (!options.tensorboard.empty()) {
    events_.emplace(options.tensorboard, steps_done);
  }
  for (const std::unique_ptr<MetricsFile>& file : metrics_) {
    WarnOfDamage(file->damage());
    file->WriteHeader(options, trainer);
  }
}

void RunLog::OpenFolder(const Options& options, const Trainer& trainer) {
  const std::string metrics = InFolder(options.out_dir, kMetricsName);
  const std::string samples = InFolder(options.out_dir, kSamplesName);
  const std::int64_t steps_done = trainer.steps_done();
  if (options.resume.empty()) {
    RefuseForeignLog(metrics, true);
    RefuseForeignLog(samples, false);
  }
  metrics_.push_back(std::make_unique<MetricsFile>(metrics, steps_done));
  own_metrics_ = metrics_.back().get();
  const std::int64_t every = StepsBetweenSamples(options, trainer.config());
  if (every == 0) return;
  SampleOptions sample = options.sample;
  sample.threads = trainer.config().threads;
  samples_.emplace(samples, every, sample, steps_done);
  WarnOfDamage(samples_->damage());
}

void RunLog::Write(const std::vector<StepRecord>& records) {
  if (records.empty()) return;
  const std::optional<std::uint64_t> resident =
      metrics_.empty() ? std::nullopt : ResidentBytes();
  for (const std::unique_ptr<MetricsFile>& file : metrics_) {
    for (const StepRecord& record : records) {
      const bool last = &record == &records.back();
      file->WriteStep(record, last ? resident : std::nullopt);
    }
    file->Flush();
  }
  if (!events_) return;
  const double now = UnixSeconds();
  for (const StepRecord& record : records) {
    const double ago = records.back().elapsed_seconds - record.elapsed_seconds;
    events_->WriteStep(record, now - ago);
  }
  events_->Flush();
}

void RunLog::Sync() {
  if (own_metrics_ != nullptr) own_metrics_->Sync();
  if (samples_) samples_->Sync();
}

void RunLog::WriteSamples(const Trainer& trainer) {
  samples_->Write(trainer);
  samples_->Flush();
}

}  // namespace microgpt::cli
