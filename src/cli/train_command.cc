#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "cli/advice.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/input.h"
#include "cli/interrupt.h"
#include "cli/notes.h"
#include "cli/progress.h"
#include "cli/report/run_page.h"
#include "cli/resume.h"
#include "cli/run_config.h"
#include "cli/run_folder.h"
#include "cli/run_log.h"
#include "cli/samples.h"
#include "cli/saver.h"
#include "cli/terminal.h"
#include "cli/train_loop.h"
#include "cli/train_report.h"
#include "cli/writer.h"
#include "microgpt/checkpoint.h"
#include "microgpt/error.h"
#include "microgpt/safetensors.h"
#include "microgpt/trainer.h"

namespace microgpt::cli {
namespace {

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
  if (!options.out_dir.empty()) {
    RefuseForeignPage(InFolder(options.out_dir, kPageName));
  }
  for (const std::string& path :
       {options.input, options.val_input, options.init_from}) {
    std::error_code none_there;
    if (!options.metrics.empty() &&
        std::filesystem::equivalent(path, options.metrics, none_there)) {
      throw Error(ErrorKind::kUsage,
                  "--metrics: '" + options.metrics +
                      "' is an input of this run; give another file");
    }
  }
}

Trainer MakeTrainer(const Options& options, const TrainConfig& config,
                    Corpus corpus, std::optional<Corpus> validation,
                    const std::optional<Checkpoint>& checkpoint) {
  if (!checkpoint) {
    return Trainer(config, std::move(corpus), std::move(validation));
  }
  ResumeOptions resume;
  resume.num_steps = config.num_steps;
  resume.allow_changed_data = options.allow_changed_data;
  resume.threads = config.threads;
  resume.early_stop_patience = config.early_stop_patience;
  return Trainer(*checkpoint, std::move(corpus), resume, std::move(validation));
}

void AppendSizes(const Trainer& trainer, Writer& out) {
  const ModelConfig& model = trainer.config().model;
  out.Append(fmt::format("vocab size: {}, num docs: {}\n", model.vocab_size,
                         trainer.corpus().num_documents()));
  out.Append(fmt::format("num params: {}\n", ParameterCount(model)));
  if (const Corpus* validation = trainer.validation_corpus()) {
    out.Append(fmt::format("num val docs: {}\n", validation->num_documents()));
  }
}

void MatchBest(const Trainer& trainer, Saver& saver) {
  const std::string missing = saver.MatchBest(trainer);
  if (!missing.empty()) PrintWarning(missing);
}

int EndInterrupted(const Trainer& trainer, const Saver& saver) {
  const int signal = PendingSignal();
  if (signal == 0) return kExitOk;  // nobody reads stdout any more
  PrintNote(fmt::format("stopped by signal {} after step {} of {}{}", signal,
                        trainer.steps_done(), trainer.config().num_steps,
                        saver.Advice()));
  return kExitSignalBase + signal;
}

// The page of a run that has an output folder. What keeps it from being drawn
// must not keep the results from being printed.
std::optional<Error> DrawPage(const Options& options) {
  if (options.out_dir.empty()) return std::nullopt;
  try {
    DrawRunPage(options.out_dir);
  } catch (const Error& error) {
    return error;
  }
  return std::nullopt;
}

// Leaves nothing unsaid that is known of a run that ends with an error.
void EndFailed(const Options& options, const Error& error, Progress& progress,
               TrainReport& report) {
  progress.Clear();
  report.Flush();
  // The disk may be what failed before.
  if (error.kind() == ErrorKind::kNumeric) DrawPage(options);
}

void PrintResults(const Options& options, const Trainer& trainer, bool saved,
                  TrainReport& report, Writer& out) {
  if (trainer.steps_done() < trainer.config().num_steps && !options.quiet) {
    NoteEarlyStop(trainer, saved);
  }
  report.PrintSummary(trainer.RecentLosses(), trainer.validation());
  out.Flush();  // a signal may end the process while samples are made
  PrintSamples(options, trainer, out);
  out.Append("digest: " + trainer.Digest() + "\n");
  out.Flush();
}

// `options` as merged with the checkpoint, if there is one.
int Train(const Options& options, const std::optional<Checkpoint>& checkpoint) {
  Corpus corpus = checkpoint ? LoadSavedCorpus(options, *checkpoint)
                             : LoadCorpus(options.input, options);
  std::optional<Corpus> validation = LoadValidationCorpus(options, corpus);
  const TrainConfig config = CompleteConfig(options, corpus);
  ValidatePrompt(options.sample.prompt, corpus.tokenizer(), config.model);
  CheckMemory(config, corpus);
  WarnAboutThreads(config.threads);
  WarnAboutBuild();
  WarnAboutVocabulary(corpus);
  RefuseOverwriting(options);
  Saver saver(options, checkpoint);

  Writer out(STDOUT_FILENO, "standard output");
  Trainer trainer = MakeTrainer(options, config, std::move(corpus),
                                std::move(validation), checkpoint);
  if (!options.quiet) AppendSizes(trainer, out);
  if (!options.init_from.empty()) LoadWeights(options.init_from, trainer);
  if (checkpoint && !options.quiet) NoteResume(trainer, *checkpoint);
  // Last of all that can fail before anything is written: opening them empties
  // older files.
  RunLog log(options, trainer);
  AdviseOnTruncation(trainer.corpus(), config, options.quiet);

  TrainReport report(options, config, log, out);
  Progress progress(!options.quiet, trainer.steps_done(), config.num_steps);
  Run run{trainer,
          report,
          progress,
          saver,
          log,
          out,
          !log.active() && !saver.active(),
          isatty(STDOUT_FILENO) != 0};
  bool complete = false;
  std::optional<Error> page_failure;
  try {
    const GracefulStop graceful;
    MatchBest(trainer, saver);
    saver.Save(trainer);
    WriteRunConfig(options, config, checkpoint);
    complete = RunSteps(run);
    progress.Clear();
    report.Flush();
    log.Sync();
    saver.Save(trainer);
    page_failure = DrawPage(options);
  } catch (const Error& error) {
    EndFailed(options, error, progress, report);
    throw;
  }
  int exit_code = kExitOk;
  if (!complete || PendingSignal() != 0) {
    exit_code = EndInterrupted(trainer, saver);
  } else {
    PrintResults(options, trainer, saver.active(), report, out);
  }
  if (page_failure) throw *page_failure;
  return exit_code;
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
