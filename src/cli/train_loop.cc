#include "cli/train_loop.h"

#include <chrono>
#include <string>

#include "cli/interrupt.h"
#include "cli/loss_watch.h"
#include "cli/terminal.h"

namespace microgpt::cli {
namespace {

using Clock = std::chrono::steady_clock;

double SecondsSince(Clock::time_point begin, Clock::time_point end) {
  return std::chrono::duration<double>(end - begin).count();
}

// Whether the model is the best so far.
bool Validate(Run& run) {
  const ValidationResult result = run.trainer.Validate();
  run.report.AddValidation(result.evaluation.loss);
  run.progress.SetValidationLoss(result.evaluation.loss);
  return result.is_best;
}

// Step lines may scroll above the moving line.
void Flush(Run& run, bool show) {
  if (run.shares_terminal) run.progress.Clear();
  run.report.Flush();
  if (show) run.progress.Show(run.report.training_seconds());
}

}  // namespace

bool RunSteps(Run& run) {
  Trainer& trainer = run.trainer;
  TrainReport& report = run.report;
  LossWatch watch(trainer.config().num_steps,
                  trainer.config().model.vocab_size);
  Clock::time_point begin = Clock::now();
  while (trainer.steps_done() < trainer.config().num_steps &&
         !trainer.stopped_early()) {
    if (PendingSignal() != 0) return false;
    const StepResult result = trainer.Step();
    const Clock::time_point end = Clock::now();
    report.Add(result, SecondsSince(begin, end));
    run.progress.Add(result);
    begin = end;
    const std::string advice = watch.Add(result);
    if (!advice.empty()) {
      run.progress.Clear();
      PrintWarning(advice);
    }
    const bool validate = trainer.ValidationDue();
    const bool best = validate && Validate(run);
    const bool sample = run.log.SamplesDue(trainer);
    const bool save = run.saver.Due(trainer);
    const bool show = run.progress.Due(end);
    if (!report.Due() && !validate && !sample && !save && !show) continue;
    Flush(run, show);
    if (run.out.broken_pipe() && run.needs_stdout) return false;
    if (sample) run.log.WriteSamples(trainer);
    if (best || save) run.log.Sync();
    if (best) run.saver.SaveBest(trainer);
    if (save) run.saver.Save(trainer);
    begin = Clock::now();
  }
  return true;
}

}  // namespace microgpt::cli
