#include "cli/loss_watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace microgpt::cli {
namespace {

constexpr std::int64_t kMinWindow = 50;
constexpr std::int64_t kMaxWindow = 1000;
constexpr std::int64_t kWindowsOfARun = 20;
constexpr int kWorseInARow = 3;
// Standard deviations that a mean must be above the best one. The best of many
// windows is some two of them too good by luck.
constexpr double kDeviations = 6;
// Less than that is not worth a word, however sure it is.
constexpr double kLeastRise = 0.01;

}  // namespace

LossWatch::LossWatch(std::int64_t num_steps, int vocab_size)
    : window_(std::clamp(num_steps / kWindowsOfARun, kMinWindow, kMaxWindow)) {
  best_.mean = std::log(static_cast<double>(vocab_size));
}

void LossWatch::Count(double loss) {
  ++count_;
  const double distance = loss - mean_;
  mean_ += distance / static_cast<double>(count_);
  squares_ += distance * (loss - mean_);
}

bool LossWatch::IsWorse(const Window& window) const {
  const double rise = window.mean - best_.mean;
  return rise > kLeastRise * best_.mean &&
         rise > kDeviations * std::sqrt(window.variance + best_.variance);
}

std::string LossWatch::Add(const StepResult& result) {
  if (told_) return "";
  Count(result.loss);
  if (count_ < window_) return "";
  const double n = static_cast<double>(window_);
  const Window window = {mean_, squares_ / (n - 1) / n, result.step};
  count_ = 0;
  mean_ = 0;
  squares_ = 0;
  if (window.mean < best_.mean) {
    best_ = window;
    worse_in_a_row_ = 0;
    return "";
  }
  worse_in_a_row_ = IsWorse(window) ? worse_in_a_row_ + 1 : 0;
  if (worse_in_a_row_ < kWorseInARow) return "";
  told_ = true;
  return Advice(window);
}

std::string LossWatch::Advice(const Window& window) const {
  const std::string now =
      fmt::format("{:.4f} on average over {} steps up to step {}", window.mean,
                  window_, window.last_step);
  const char* const what_to_do =
      "lower --learning-rate, or bound the steps with --grad-clip 1";
  if (best_.last_step == 0) {
    return fmt::format(
        "the loss is worse than guessing: {}, {:.4f} if all "
        "tokens were equally likely; {}",
        now, best_.mean, what_to_do);
  }
  return fmt::format("the loss rises: {}, {:.4f} up to step {}; {}", now,
                     best_.mean, best_.last_step, what_to_do);
}

}  // namespace microgpt::cli
