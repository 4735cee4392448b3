#include "cli/progress.h"

#include <algorithm>
#include <limits>

#include "cli/progress_line.h"
#include "cli/terminal.h"

namespace microgpt::cli {
namespace {

constexpr std::chrono::milliseconds kMovingInterval(100);
constexpr std::chrono::seconds kPlainInterval(5);
constexpr double kDecay = 0.98;  // per step

// Between two lines, in units of what the first of them took.
constexpr int kLeastPause = 100;

}  // namespace

Progress::Progress(bool enabled, std::int64_t first_step,
                   std::int64_t num_steps)
    : enabled_(enabled),
      moving_(FancyStderr()),
      utf8_(Utf8Locale()),
      first_step_(first_step),
      num_steps_(num_steps),
      begin_(Clock::now()),
      next_(begin_) {
  next_ += moving_ ? Clock::duration(kMovingInterval)
                   : Clock::duration(kPlainInterval);
}

Progress::~Progress() { Clear(); }

void Progress::Add(const StepResult& result) {
  step_ = result.step;
  tokens_ += result.tokens;
  loss_sum_ = kDecay * loss_sum_ + result.loss;
  weight_sum_ = kDecay * weight_sum_ + 1;
}

void Progress::Show(double training_seconds) {
  const Clock::time_point before = Clock::now();
  const double elapsed = std::chrono::duration<double>(before - begin_).count();
  ProgressState state{step_, num_steps_, loss_sum_ / weight_sum_,
                      validation_loss_};
  state.elapsed_seconds = elapsed;
  state.left_seconds = elapsed / static_cast<double>(step_ - first_step_) *
                       static_cast<double>(num_steps_ - step_);
  state.tokens_per_second =
      training_seconds > 0 ? static_cast<double>(tokens_) / training_seconds
                           : 0;
  if (moving_) {
    // In the last column, some terminals begin a new line.
    ShowStatus(ProgressLine(state, StderrColumns() - 1,
                            utf8_ ? BarStyle::kUtf8 : BarStyle::kAscii));
  } else {
    PrintNote(
        ProgressLine(state, std::numeric_limits<int>::max(), BarStyle::kNone));
  }
  const Clock::time_point after = Clock::now();
  const Clock::duration interval = moving_ ? Clock::duration(kMovingInterval)
                                           : Clock::duration(kPlainInterval);
  next_ = after + std::max(interval, (after - before) * kLeastPause);
}

void Progress::Clear() {
  if (moving_) ClearStatus();
}

}  // namespace microgpt::cli
