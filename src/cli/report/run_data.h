// What pages know of a training run.
#ifndef MICROGPT_CLI_REPORT_RUN_DATA_H_
#define MICROGPT_CLI_REPORT_RUN_DATA_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/report/curve.h"

namespace microgpt::cli {

inline constexpr std::size_t kMostPoints = 1000;
// The speed of single steps is noise.
inline constexpr std::size_t kMostRates = 200;

struct NamedValue {
  std::string name;
  std::string value;
};

struct SampleSet {
  std::int64_t step = 0;
  std::vector<std::string> samples;
};

struct LossAtStep {
  double loss = 0;
  std::int64_t step = 0;
};

// All texts are foreign.
struct RunData {
  std::string name;
  std::string version;
  std::vector<NamedValue> config;
  std::vector<NamedValue> host;
  std::vector<NamedValue> memory;  // the estimate, in bytes

  std::int64_t num_steps = 0;  // planned; 0: not known
  double memory_bytes = 0;     // the estimate; 0: not known

  std::int64_t steps = 0;      // in the log
  std::int64_t last_step = 0;  // 0: none
  double recent_loss = 0;      // mean of the last kRecentLosses
  std::optional<LossAtStep> best_validation;
  double tokens = 0;
  double training_seconds = 0;
  double peak_bytes = 0;  // resident; 0: not known

  Curve loss{kMostPoints};
  Curve validation{kMostPoints};
  Curve learning_rate{kMostPoints};
  Curve gradient_norm{kMostPoints};
  Curve tokens_per_second{kMostRates};
  Curve resident_bytes{kMostPoints};

  std::vector<SampleSet> samples;  // a few, the last one among them

  double rate() const {
    return training_seconds > 0 ? tokens / training_seconds : 0;
  }
};

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_REPORT_RUN_DATA_H_
