#include "cli/train_loop.h"

#include <string>

#include "cli/interrupt.h"
#include "cli/loss_watch.h"
#include "cli/terminal.h"

namespace microgpt::cli {
namespace {

// Step lines may scroll above the moving line.
void Flush(Run& run, bool show) {
  if (run.shares_terminal) run.progress.Clear();
  run.report.Flush();
  if (show) run.progress.Show(run.report.training_seconds());
}

// What was measured and found, before anything is written.
void Note(const TrainEvent& event, Run& run, LossWatch& watch) {
  run.report.Add(event.step, event.step_seconds);
  run.progress.Add(event.step);
  if (event.validation) {
    run.report.AddValidation(event.validation->evaluation.loss);
    run.progress.SetValidationLoss(event.validation->evaluation.loss);
  }
  const std::string advice = watch.Add(event.step);
  if (advice.empty()) return;
  run.progress.Clear();
  PrintWarning(advice);
}

// Returns whether to go on.
bool AfterStep(const TrainEvent& event, Run& run) {
  const bool best = event.validation && event.validation->is_best;
  const bool sample = run.log.SamplesDue(run.trainer);
  const bool save = run.saver.Due(run.trainer);
  const bool show = run.progress.Due(event.step_end);
  const bool write =
      run.report.Due() || event.validation || sample || save || show;
  if (!write) return true;
  Flush(run, show);
  if (run.out.broken_pipe() && run.needs_stdout) return false;
  if (sample) run.log.WriteSamples(run.trainer);
  if (best || save) run.log.Sync();
  if (best) run.saver.SaveBest(run.trainer);
  if (save) run.saver.Save(run.trainer);
  return true;
}

}  // namespace

bool RunSteps(Run& run) {
  const TrainConfig& config = run.trainer.config();
  LossWatch watch(config.num_steps, config.model.vocab_size);
  if (PendingSignal() != 0) return false;
  const TrainEnd end = run.trainer.Train([&](const TrainEvent& event) {
    Note(event, run, watch);
    return AfterStep(event, run) && PendingSignal() == 0;
  });
  return end != TrainEnd::kInterrupted;
}

}  // namespace microgpt::cli
