// Training as JSON lines.
#ifndef MICROGPT_CLI_METRICS_H_
#define MICROGPT_CLI_METRICS_H_

#include <string>

#include "cli/options.h"
#include "cli/writer.h"
#include "microgpt/trainer.h"

namespace microgpt::cli {

// First line: version, configuration and host. Then one object per step.
class MetricsFile {
 public:
  // Throws Error(kIo) if the file cannot be written.
  explicit MetricsFile(const std::string& path);

  void WriteHeader(const Options& options, const TrainConfig& config,
                   const Corpus& corpus);
  void WriteStep(const StepResult& result, double step_seconds,
                 double elapsed_seconds);
  void Flush() { writer_.Flush(); }

 private:
  OutputFile file_;
  Writer writer_;
};

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_METRICS_H_
