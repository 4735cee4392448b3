// Training as JSON lines.
#ifndef MICROGPT_CLI_METRICS_H_
#define MICROGPT_CLI_METRICS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "cli/log_file.h"
#include "cli/options.h"
#include "cli/step_record.h"
#include "microgpt/trainer.h"

namespace microgpt::cli {

// First line: version, configuration, host and the estimate of memory. Then one
// object per step.
class MetricsFile {
 public:
  // Empties the file, unless steps_done > 0 and it is of such a run: then what
  // it says of later steps is removed, and the rest is continued.
  // Throws Error(kIo) if the file cannot be read or written.
  MetricsFile(const std::string& path, std::int64_t steps_done);

  // What was wrong with the file that is continued, or empty.
  const std::string& damage() const { return kept_.damage; }

  // Does nothing for a file that is continued.
  void WriteHeader(const Options& options, const Trainer& trainer);
  // wall_time goes on from the last step of a file that is continued.
  void WriteStep(const StepRecord& record,
                 std::optional<std::uint64_t> resident_bytes);
  void Flush() { file_.Flush(); }
  void Sync() { file_.Sync(); }

 private:
  KeptLog kept_;
  LogFile file_;
};

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_METRICS_H_
