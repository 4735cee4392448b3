// How far training is, on stderr.
#ifndef MICROGPT_CLI_PROGRESS_H_
#define MICROGPT_CLI_PROGRESS_H_

#include <cstdint>
#include <optional>

#include "microgpt/trainer.h"

namespace microgpt::cli {

// One line rewritten in place on a terminal, a plain line every few seconds
// elsewhere; nothing where the loss lines on stdout already show it.
class Progress {
 public:
  // first_step: steps done before this run began.
  Progress(bool enabled, std::int64_t first_step, std::int64_t num_steps);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // tokens: trained on by this run so far.
  void Update(const StepResult& result, std::int64_t tokens,
              double elapsed_seconds);

  // Shown with the steps that follow.
  void SetValidationLoss(double loss) { validation_loss_ = loss; }

  // Removes the moving line, so that other text can be printed.
  void Clear();

 private:
  bool enabled_;
  bool moving_;
  bool shown_ = false;
  std::int64_t first_step_;
  std::int64_t num_steps_;
  double next_seconds_;
  std::optional<double> validation_loss_;
};

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_PROGRESS_H_
