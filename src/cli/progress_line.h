// The text of the progress line.
#ifndef MICROGPT_CLI_PROGRESS_LINE_H_
#define MICROGPT_CLI_PROGRESS_LINE_H_

#include <cstdint>
#include <optional>
#include <string>

namespace microgpt::cli {

struct ProgressState {
  std::int64_t step = 0;
  std::int64_t num_steps = 0;
  double loss = 0;  // smoothed, nats
  std::optional<double> validation_loss = {};
  double tokens_per_second = 0;
  double elapsed_seconds = 0;
  double left_seconds = 0;
};

enum class BarStyle { kNone, kAscii, kUtf8 };

// At most `columns` wide. What is less important than the rest is left out
// where it has no room: elapsed time first, then tokens/s, validation loss,
// the bar, the time that is left, and the loss.
std::string ProgressLine(const ProgressState& state, int columns, BarStyle bar);

// "0:07", "12:34", "1:02:03"; "?" for what is no such time.
std::string FormatDuration(double seconds);

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_PROGRESS_LINE_H_
