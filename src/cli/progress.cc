#include "cli/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include "cli/terminal.h"
#include "cli/writer.h"

namespace microgpt::cli {
namespace {

constexpr double kMovingSeconds = 0.1;
constexpr double kPlainSeconds = 5;
constexpr const char* kClearLine = "\r\033[K";

}  // namespace

Progress::Progress(bool enabled, std::int64_t first_step,
                   std::int64_t num_steps)
    : enabled_(enabled && isatty(STDOUT_FILENO) == 0),
      moving_(FancyStderr()),
      first_step_(first_step),
      num_steps_(num_steps),
      next_seconds_(moving_ ? kMovingSeconds : kPlainSeconds) {}

Progress::~Progress() { Clear(); }

void Progress::Update(const StepResult& result, std::int64_t tokens,
                      double elapsed_seconds) {
  if (!enabled_ || elapsed_seconds < next_seconds_) return;
  next_seconds_ = elapsed_seconds + (moving_ ? kMovingSeconds : kPlainSeconds);
  const double left = elapsed_seconds /
                      static_cast<double>(result.step - first_step_) *
                      static_cast<double>(num_steps_ - result.step);
  const std::string validation =
      validation_loss_ ? fmt::format("val loss {:.4f} | ", *validation_loss_)
                       : "";
  const std::string line = fmt::format(
      "step {}/{} | loss {:.4f} | {}{:.0f} tokens/s | {:.0f} s left",
      result.step, num_steps_, result.loss, validation,
      static_cast<double>(tokens) / elapsed_seconds, left);
  if (moving_) {
    WriteAll(STDERR_FILENO, kClearLine + line);
    shown_ = true;
  } else {
    PrintNote(line);
  }
}

void Progress::Clear() {
  if (shown_) WriteAll(STDERR_FILENO, kClearLine);
  shown_ = false;
}

}  // namespace microgpt::cli
