#include "cli/train_report.h"

#include <fmt/format.h>

namespace microgpt::cli {
namespace {

constexpr double kFlushSeconds = 0.25;
// Beyond a tenth of a second of the fastest steps, so that a terminal is not
// written to more often.
constexpr std::size_t kMaxPending = 1u << 16;

}  // namespace

TrainReport::TrainReport(const Options& options, const TrainConfig& config,
                         RunLog& log, Writer& out)
    : options_(options), config_(config), log_(log), out_(out) {
  pending_.reserve(kMaxPending);
  flushed_.reserve(kMaxPending);
}

void TrainReport::Add(const StepResult& result, double step_seconds) {
  training_seconds_ += step_seconds;
  pending_.push_back({result, step_seconds, training_seconds_});
}

void TrainReport::AddValidation(double loss) {
  pending_.back().validation_loss = loss;
}

bool TrainReport::Due() const {
  return pending_.size() >= kMaxPending ||
         training_seconds_ >= flushed_seconds_ + kFlushSeconds;
}

void TrainReport::Flush() {
  for (const StepRecord& record : pending_) Print(record);
  // What fails is not tried again.
  flushed_.clear();
  pending_.swap(flushed_);
  out_.Flush();
  log_.Write(flushed_);
  flushed_seconds_ = training_seconds_;
}

void TrainReport::PrintSummary(const std::vector<double>& recent_losses,
                               const ValidationProgress& validation) {
  if (recent_losses.empty() || options_.quiet) return;
  double sum = 0;
  for (const double loss : recent_losses) sum += loss;
  out_.Append(fmt::format("mean loss last {} steps: {:.4f}\n",
                          recent_losses.size(),
                          sum / static_cast<double>(recent_losses.size())));
  out_.Append(fmt::format("training time: {:.2f}s\n", training_seconds_));
  if (validation.count > 0) {
    out_.Append(fmt::format("best validation loss: {:.4f} at step {}\n",
                            validation.best_loss, validation.best_step));
  }
}

void TrainReport::Print(const StepRecord& record) {
  const StepResult& result = record.result;
  const bool wanted = options_.log_every > 0 &&
                      (result.step == 1 || result.step == config_.num_steps ||
                       result.step % options_.log_every == 0);
  if (wanted && !options_.quiet) {
    out_.Append(fmt::format("step {:4d} / {:4d} | loss {:.4f}\n", result.step,
                            config_.num_steps, result.loss));
  }
  if (record.validation_loss && !options_.quiet) {
    out_.Append(fmt::format("step {:4d} / {:4d} | val loss {:.4f}\n",
                            result.step, config_.num_steps,
                            *record.validation_loss));
  }
}

}  // namespace microgpt::cli
