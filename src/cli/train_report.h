// What a training run prints.
#ifndef MICROGPT_CLI_TRAIN_REPORT_H_
#define MICROGPT_CLI_TRAIN_REPORT_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "cli/metrics.h"
#include "cli/options.h"
#include "cli/writer.h"
#include "microgpt/trainer.h"

namespace microgpt::cli {

// Loss lines, metrics and the summary. Formats nothing while a step is being
// timed. Training time is that of steps, without validation and saving.
class TrainReport {
 public:
  // metrics may be null. All must outlive the report.
  TrainReport(const Options& options, const TrainConfig& config,
              MetricsFile* metrics, Writer& out);

  void Add(const StepResult& result, double step_seconds);
  // The validation after the step added last, before it is flushed.
  void AddValidation(double loss);

  double training_seconds() const { return training_seconds_; }
  std::int64_t tokens() const { return tokens_; }
  // Whether it is time to Flush.
  bool Due() const;

  // Sends everything on its way.
  void Flush();

  // recent_losses: of the last steps, those before a resume too.
  void PrintSummary(const std::vector<double>& recent_losses,
                    const ValidationProgress& validation);

 private:
  struct Record {
    StepResult result;
    double step_seconds;
    double elapsed_seconds;
    std::optional<double> validation_loss = {};
  };

  void Print(const Record& record);

  const Options& options_;
  const TrainConfig& config_;
  MetricsFile* metrics_;
  Writer& out_;
  std::vector<Record> pending_;
  double training_seconds_ = 0;
  std::int64_t tokens_ = 0;
  double flushed_seconds_ = 0;
};

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_TRAIN_REPORT_H_
