#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/input.h"
#include "cli/interrupt.h"
#include "cli/metrics.h"
#include "cli/progress.h"
#include "cli/resume.h"
#include "cli/samples.h"
#include "cli/saver.h"
#include "cli/terminal.h"
#include "cli/train_report.h"
#include "cli/writer.h"
#include "microgpt/checkpoint.h"
#include "microgpt/error.h"
#include "microgpt/safetensors.h"
#include "microgpt/system.h"
#include "microgpt/trainer.h"

namespace microgpt::cli {
namespace {

using Clock = std::chrono::steady_clock;

double SecondsSince(Clock::time_point begin, Clock::time_point end) {
  return std::chrono::duration<double>(end - begin).count();
}

// The parts of a run that its loop needs.
struct Run {
  Trainer& trainer;
  TrainReport& report;
  Progress& progress;
  Saver& saver;
  bool needs_stdout;  // nobody else keeps what it does
};

// Runs all steps; false if a signal or a reader that went away ended it early.
bool RunSteps(Run& run, const Writer& out) {
  Trainer& trainer = run.trainer;
  TrainReport& report = run.report;
  Clock::time_point begin = Clock::now();
  while (trainer.steps_done() < trainer.config().num_steps) {
    if (PendingSignal() != 0) return false;
    const StepResult result = trainer.Step();
    const Clock::time_point end = Clock::now();
    report.Add(result, SecondsSince(begin, end));
    begin = end;
    const bool save = run.saver.Due(trainer);
    if (!report.Due() && !save) continue;
    run.progress.Update(result, report.tokens(), report.training_seconds());
    // Before a save: what is logged is never less than what is saved.
    report.Flush();
    if (out.broken_pipe() && run.needs_stdout) return false;
    if (save) run.saver.Save(trainer);
    begin = Clock::now();
  }
  return true;
}

void LoadWeights(const std::string& path, Trainer& trainer) {
  const std::vector<TensorInfo> tensors = trainer.model().tensors();
  ReadTensors(path, tensors,
              [&](std::string_view name, std::span<const float> values) {
                trainer.SetTensor(name, values);
              });
}

void PrintSamples(const Options& options, const Trainer& trainer, Writer& out) {
  if (options.sample.num_samples == 0) return;
  SampleOptions sample = options.sample;
  sample.threads = trainer.config().threads;
  out.Append("\n--- inference ---\n");
  AppendSamples(trainer.model(), trainer.corpus().tokenizer(), sample, out);
}

void RefuseOverwriting(const Options& options) {
  for (const std::string& path : {options.input, options.init_from}) {
    std::error_code none_there;
    if (!options.metrics.empty() &&
        std::filesystem::equivalent(path, options.metrics, none_there)) {
      throw Error(ErrorKind::kUsage,
                  "--metrics: '" + options.metrics +
                      "' is an input of this run; give another file");
    }
  }
}

void WarnAboutThreads(int threads) {
  const int cpus = GetCpuBudget().logical_cpus;
  if (threads > cpus) {
    PrintWarning(fmt::format("{} threads on {} CPUs will be slower than {}",
                             threads, cpus, cpus));
  }
}

// What a resumed run does differently from what was asked for at its start.
void NoteResume(const Options& options, const Checkpoint& checkpoint) {
  if (options.quiet) return;
  const CheckpointState& state = checkpoint.state();
  const std::int64_t steps = options.train.num_steps;
  PrintNote(fmt::format("resuming {} after step {} of {}", checkpoint.folder(),
                        state.progress.step, state.config.num_steps));
  if (steps != state.config.num_steps) {
    PrintNote(fmt::format(
        "the learning rate now falls to zero over {} steps instead of {}",
        steps, state.config.num_steps));
  } else if (state.progress.step == steps) {
    PrintNote("all steps are done; a larger --num-steps would add some");
  }
}

Trainer MakeTrainer(const Options& options, const TrainConfig& config,
                    Corpus corpus,
                    const std::optional<Checkpoint>& checkpoint) {
  if (!checkpoint) return Trainer(config, std::move(corpus));
  ResumeOptions resume;
  resume.num_steps = config.num_steps;
  resume.allow_changed_data = options.allow_changed_data;
  resume.threads = config.threads;
  return Trainer(*checkpoint, std::move(corpus), resume);
}

int StopEarly(const Trainer& trainer, const Saver& saver) {
  const int signal = PendingSignal();
  if (signal == 0) return kExitOk;  // nobody reads stdout any more
  PrintNote(fmt::format("stopped by signal {} after step {} of {}{}", signal,
                        trainer.steps_done(), trainer.config().num_steps,
                        saver.Advice()));
  return kExitSignalBase + signal;
}

// `options` as merged with the checkpoint, if there is one.
int Train(const Options& options, const std::optional<Checkpoint>& checkpoint) {
  Corpus corpus = checkpoint ? LoadSavedCorpus(options, *checkpoint)
                             : LoadCorpus(options.input, options);
  if (!options.quiet) NoteTruncation(corpus, options.train);
  const TrainConfig config = CompleteConfig(options, corpus);
  ValidatePrompt(options.sample.prompt, corpus.tokenizer(), config.model);
  CheckMemory(config, corpus);
  WarnAboutThreads(config.threads);
  RefuseOverwriting(options);
  Saver saver(options, checkpoint);

  Writer out(STDOUT_FILENO, "standard output");
  if (!options.quiet) {
    out.Append(fmt::format("vocab size: {}, num docs: {}\n",
                           config.model.vocab_size, corpus.num_documents()));
    out.Append(fmt::format("num params: {}\n", ParameterCount(config.model)));
  }
  Trainer trainer = MakeTrainer(options, config, std::move(corpus), checkpoint);
  if (!options.init_from.empty()) LoadWeights(options.init_from, trainer);
  if (checkpoint) NoteResume(options, *checkpoint);
  // Last of all that can fail before anything is written: opening it empties an
  // older file.
  std::optional<MetricsFile> metrics;
  if (!options.metrics.empty()) {
    metrics.emplace(options.metrics, trainer.steps_done());
    metrics->WriteHeader(options, config, trainer.corpus());
  }

  TrainReport report(options, config, metrics ? &*metrics : nullptr, out);
  Progress progress(!options.quiet, trainer.steps_done(), config.num_steps);
  Run run{trainer, report, progress, saver,
          !metrics.has_value() && !saver.active()};
  bool complete = false;
  try {
    const GracefulStop graceful;
    saver.Save(trainer);
    complete = RunSteps(run, out);
    progress.Clear();
    report.Flush();
    saver.Save(trainer);
  } catch (const Error&) {
    progress.Clear();
    report.Flush();
    throw;
  }
  if (!complete || PendingSignal() != 0) return StopEarly(trainer, saver);
  report.PrintSummary(trainer.RecentLosses());
  out.Flush();  // a signal may end the process while samples are made
  PrintSamples(options, trainer, out);
  out.Append("digest: " + trainer.Digest() + "\n");
  out.Flush();
  return kExitOk;
}

}  // namespace

int RunTrain(const Options& options) {
  if (options.resume.empty()) {
    Options resolved = options;
    resolved.input = InputPath(options);
    return Train(resolved, std::nullopt);
  }
  const std::optional<Checkpoint> checkpoint =
      Checkpoint::Open(options.resume, CheckpointUse::kResume);
  return Train(MergeWithCheckpoint(options, *checkpoint), checkpoint);
}

}  // namespace microgpt::cli
