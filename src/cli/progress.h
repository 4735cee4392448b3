// How far training is, on stderr.
#ifndef MICROGPT_CLI_PROGRESS_H_
#define MICROGPT_CLI_PROGRESS_H_

#include <chrono>
#include <cstdint>
#include <optional>

#include "microgpt/trainer.h"

namespace microgpt::cli {

// One line rewritten in place on a terminal, a plain line every few seconds
// elsewhere. Takes at most one percent of the time, however slow the terminal
// is. Steps drive it, no thread of its own.
class Progress {
 public:
  using Clock = std::chrono::steady_clock;

  // first_step: steps done before this run began.
  Progress(bool enabled, std::int64_t first_step, std::int64_t num_steps);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // After every step. The loss shown is an exponential mean over the steps of
  // this run, of which the last 50 weigh 63%.
  void Add(const StepResult& result);
  // Shown with the steps that follow.
  void SetValidationLoss(double loss) { validation_loss_ = loss; }

  // Whether it is time to Show.
  bool Due(Clock::time_point now) const { return enabled_ && now >= next_; }
  // training_seconds: of this run's steps, for the speed.
  void Show(double training_seconds);

  // Removes the moving line, so that other text can be printed.
  void Clear();

 private:
  bool enabled_;
  bool moving_;
  bool utf8_;
  std::int64_t first_step_;
  std::int64_t num_steps_;
  std::int64_t step_ = 0;
  std::int64_t tokens_ = 0;
  double loss_sum_ = 0;  // exponentially weighted
  double weight_sum_ = 0;
  std::optional<double> validation_loss_;
  Clock::time_point begin_;
  Clock::time_point next_;
};

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_PROGRESS_H_
