// Training as JSON lines.
#ifndef MICROGPT_CLI_METRICS_H_
#define MICROGPT_CLI_METRICS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "cli/options.h"
#include "cli/writer.h"
#include "microgpt/trainer.h"

namespace microgpt::cli {

// First line: version, configuration and host. Then one object per step.
class MetricsFile {
 public:
  // Empties the file, unless steps_done > 0 and it is of such a run: then what
  // it says of later steps is removed, and the rest is continued.
  // Throws Error(kIo) if the file cannot be written.
  MetricsFile(const std::string& path, std::int64_t steps_done);

  // Does nothing for a file that is continued.
  void WriteHeader(const Options& options, const Trainer& trainer);
  void WriteStep(const StepResult& result, double step_seconds,
                 double elapsed_seconds, std::optional<double> validation_loss);
  void Flush() { writer_.Flush(); }

 private:
  struct Kept {
    std::uint64_t bytes = 0;  // 0: nothing to continue
    double wall_time = 0;     // of its last step, seconds
  };
  static Kept Cut(const std::string& path, std::int64_t steps_done);

  Kept kept_;
  OutputFile file_;
  Writer writer_;
};

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_METRICS_H_
