// Samples of a model while it trains.
#ifndef MICROGPT_CLI_SAMPLE_LOG_H_
#define MICROGPT_CLI_SAMPLE_LOG_H_

#include <cstdint>
#include <string>

#include "cli/log_file.h"
#include "microgpt/generator.h"
#include "microgpt/trainer.h"

namespace microgpt::cli {

// {"step": N, "samples": [...]}, one line each time: the first of the samples
// that the run prints at its end. They are drawn from streams of their own, the
// same ones every time, so that only the model makes a difference.
class SampleLog {
 public:
  // every: steps between samples, positive. Continues the file as MetricsFile
  // does. Throws Error(kIo).
  SampleLog(const std::string& path, std::int64_t every, SampleOptions options,
            std::int64_t steps_done);

  const std::string& damage() const { return kept_.damage; }

  // After a step: whether it is one to sample after. The last one is, whenever
  // it comes.
  bool Due(const Trainer& trainer) const;
  // Unless the log has samples of this step already. Changes nothing in the
  // trainer.
  void Write(const Trainer& trainer);
  void Flush() { file_.Flush(); }
  void Sync() { file_.Sync(); }

 private:
  std::int64_t every_;
  SampleOptions options_;
  KeptLog kept_;
  LogFile file_;
  std::int64_t last_step_;
};

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_SAMPLE_LOG_H_
