// Everything that a training run keeps a log in.
#ifndef MICROGPT_CLI_RUN_LOG_H_
#define MICROGPT_CLI_RUN_LOG_H_

#include <memory>
#include <optional>
#include <vector>

#include "cli/metrics.h"
#include "cli/options.h"
#include "cli/sample_log.h"
#include "cli/step_record.h"
#include "cli/tensorboard/event_file.h"
#include "microgpt/trainer.h"

namespace microgpt::cli {

// The file of --metrics, those in the folder of --out-dir, the events of
// --tensorboard; none of them is a log without any.
class RunLog {
 public:
  // Opens all of them, for a run that goes on from trainer.steps_done().
  // Warns on stderr of a damaged file that is continued.
  // Throws Error(kUsage) if a new run would replace files of another one,
  // Error(kIo) if a file cannot be written.
  RunLog(const Options& options, const Trainer& trainer);

  // Whether the steps are logged anywhere.
  bool active() const { return !metrics_.empty() || events_.has_value(); }

  // Logs the steps, in order, and sends them on their way.
  void Write(const std::vector<StepRecord>& records);
  // Waits until what is in the output folder is on the disk, for a save must
  // not be there without what led to it. Throws Error(kIo).
  void Sync();

  bool SamplesDue(const Trainer& trainer) const {
    return samples_ && samples_->Due(trainer);
  }
  void WriteSamples(const Trainer& trainer);

 private:
  void OpenFolder(const Options& options, const Trainer& trainer);

  std::vector<std::unique_ptr<MetricsFile>> metrics_;
  MetricsFile* own_metrics_ = nullptr;  // in the output folder
  std::optional<SampleLog> samples_;
  std::optional<EventFile> events_;
};

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_RUN_LOG_H_
