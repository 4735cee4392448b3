// What a training run prints.
#ifndef MICROGPT_CLI_TRAIN_REPORT_H_
#define MICROGPT_CLI_TRAIN_REPORT_H_

#include <vector>

#include "cli/options.h"
#include "cli/run_log.h"
#include "cli/step_record.h"
#include "cli/writer.h"
#include "microgpt/trainer.h"

namespace microgpt::cli {

// Loss lines, logs and the summary. Formats nothing while a step is being
// timed. Training time is that of steps, without validation and saving.
class TrainReport {
 public:
  // All must outlive the report.
  TrainReport(const Options& options, const TrainConfig& config, RunLog& log,
              Writer& out);

  void Add(const StepResult& result, double step_seconds);
  // The validation after the step added last, before it is flushed.
  void AddValidation(double loss);

  double training_seconds() const { return training_seconds_; }
  // Whether it is time to Flush.
  bool Due() const;

  // Sends everything on its way.
  void Flush();

  // recent_losses: of the last steps, those before a resume too.
  void PrintSummary(const std::vector<double>& recent_losses,
                    const ValidationProgress& validation);

 private:
  void Print(const StepRecord& record);

  const Options& options_;
  const TrainConfig& config_;
  RunLog& log_;
  Writer& out_;
  std::vector<StepRecord> pending_;
  std::vector<StepRecord> flushed_;  // last
  double training_seconds_ = 0;
  double flushed_seconds_ = 0;
};

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_TRAIN_REPORT_H_
