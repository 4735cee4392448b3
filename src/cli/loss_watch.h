// Notices a loss that rises, or stays worse than guessing, for long.
#ifndef MICROGPT_CLI_LOSS_WATCH_H_
#define MICROGPT_CLI_LOSS_WATCH_H_

#include <cstdint>
#include <string>

#include "microgpt/trainer.h"

namespace microgpt::cli {

// Compares means of windows of steps. A loss has risen when several windows in
// a row are worse than the best one, or than that of equal probabilities for
// all tokens, by more than the spread of their losses explains.
// Single-threaded.
class LossWatch {
 public:
  // num_steps: of the whole run, which sets the length of a window.
  LossWatch(std::int64_t num_steps, int vocab_size);

  // Once in a run what a user should know, else "". Allocates only then.
  std::string Add(const StepResult& result);

  std::int64_t window() const { return window_; }

 private:
  struct Window {
    double mean = 0;
    double variance = 0;         // of the mean
    std::int64_t last_step = 0;  // 0: guessing
  };
  // Mean and spread so far (Welford 1962).
  void Count(double loss);
  bool IsWorse(const Window& window) const;
  std::string Advice(const Window& window) const;

  std::int64_t window_;
  std::int64_t count_ = 0;  // losses of the window in work
  double mean_ = 0;
  double squares_ = 0;  // sum of squared distances from the mean
  Window best_;
  int worse_in_a_row_ = 0;
  bool told_ = false;
};

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_LOSS_WATCH_H_
