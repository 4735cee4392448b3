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
#include "cli/terminal.h"
#include "cli/writer.h"
#include "microgpt/checkpoint.h"
#include "microgpt/error.h"
#include "microgpt/generator.h"
#include "microgpt/system.h"
#include "microgpt/trainer.h"

namespace microgpt::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::int64_t kMeanWindow = 50;
constexpr double kFlushSeconds = 0.25;
constexpr std::size_t kMaxPending = 4096;

double SecondsSince(Clock::time_point begin, Clock::time_point end) {
  return std::chrono::duration<double>(end - begin).count();
}

// Prints what happened; formats nothing while a step is being timed.
class TrainReport {
 public:
  TrainReport(const Options& options, const TrainConfig& config,
              MetricsFile* metrics, Writer& out)
      : options_(options), config_(config), metrics_(metrics), out_(out) {
    pending_.reserve(kMaxPending);
  }

  void Add(const StepResult& result, double step_seconds) {
    training_seconds_ += step_seconds;
    tokens_ += result.tokens;
    pending_.push_back({result, step_seconds, training_seconds_});
  }

  double training_seconds() const { return training_seconds_; }
  std::int64_t tokens() const { return tokens_; }
  bool Due() const {
    return pending_.size() >= kMaxPending ||
           training_seconds_ >= flushed_seconds_ + kFlushSeconds;
  }

  // Sends everything on its way.
  void Flush() {
    for (const Record& record : pending_) Print(record);
    pending_.clear();
    out_.Flush();
    if (metrics_ != nullptr) metrics_->Flush();
    flushed_seconds_ = training_seconds_;
  }

  void PrintSummary() {
    if (recent_.empty() || options_.quiet) return;
    double sum = 0;
    for (const double loss : recent_) sum += loss;
    out_.Append(fmt::format("mean loss last {} steps: {:.4f}\n", recent_.size(),
                            sum / static_cast<double>(recent_.size())));
    out_.Append(fmt::format("training time: {:.2f}s\n", training_seconds_));
  }

 private:
  struct Record {
    StepResult result;
    double step_seconds;
    double elapsed_seconds;
  };

  void Print(const Record& record) {
    const StepResult& result = record.result;
    if (result.step > config_.num_steps - kMeanWindow) {
      recent_.push_back(result.loss);
    }
    if (metrics_ != nullptr) {
      metrics_->WriteStep(result, record.step_seconds, record.elapsed_seconds);
    }
    const bool wanted = options_.log_every > 0 &&
                        (result.step == 1 || result.step == config_.num_steps ||
                         result.step % options_.log_every == 0);
    if (wanted && !options_.quiet) {
      out_.Append(fmt::format("step {:4d} / {:4d} | loss {:.4f}\n", result.step,
                              config_.num_steps, result.loss));
    }
  }

  const Options& options_;
  const TrainConfig& config_;
  MetricsFile* metrics_;
  Writer& out_;
  std::vector<Record> pending_;
  std::vector<double> recent_;  // losses of the last kMeanWindow steps
  double training_seconds_ = 0;
  std::int64_t tokens_ = 0;
  double flushed_seconds_ = 0;
};

// Runs all steps; false if a signal or a reader that went away ended it early.
bool RunSteps(Trainer& trainer, TrainReport& report, Progress& progress,
              const Writer& out, bool has_metrics) {
  Clock::time_point begin = Clock::now();
  for (std::int64_t i = 0; i < trainer.config().num_steps; ++i) {
    if (PendingSignal() != 0) return false;
    const StepResult result = trainer.Step();
    const Clock::time_point end = Clock::now();
    report.Add(result, SecondsSince(begin, end));
    begin = end;
    if (!report.Due()) continue;
    progress.Update(result, report.tokens(), report.training_seconds());
    report.Flush();
    if (out.broken_pipe() && !has_metrics) return false;
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
  int number = 0;
  for (const std::string& text :
       Generate(trainer.model(), trainer.corpus().tokenizer(), sample)) {
    out.Append(fmt::format("sample {}: {}\n", ++number, text));
  }
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

int StopEarly(const Trainer& trainer) {
  const int signal = PendingSignal();
  if (signal == 0) return kExitOk;  // nobody reads stdout any more
  PrintNote(fmt::format("stopped by signal {} after step {} of {}", signal,
                        trainer.steps_done(), trainer.config().num_steps));
  return kExitSignalBase + signal;
}

}  // namespace

int RunTrain(const Options& options) {
  Corpus corpus = LoadCorpus(options);
  const TrainConfig config = CompleteConfig(options, corpus);
  ValidatePrompt(options.sample.prompt, corpus.tokenizer(), config.model);
  CheckMemory(config, corpus);
  WarnAboutThreads(config.threads);
  RefuseOverwriting(options);

  Writer out(STDOUT_FILENO, "standard output");
  if (!options.quiet) {
    out.Append(fmt::format("vocab size: {}, num docs: {}\n",
                           config.model.vocab_size, corpus.num_documents()));
    out.Append(fmt::format("num params: {}\n", ParameterCount(config.model)));
  }
  Trainer trainer(config, std::move(corpus));
  if (!options.init_from.empty()) LoadWeights(options.init_from, trainer);
  // Last of all that can fail: opening it empties an older file.
  std::optional<MetricsFile> metrics;
  if (!options.metrics.empty()) {
    metrics.emplace(options.metrics);
    metrics->WriteHeader(options, config, trainer.corpus());
  }

  TrainReport report(options, config, metrics ? &*metrics : nullptr, out);
  Progress progress(!options.quiet, config.num_steps);
  bool complete = false;
  try {
    const GracefulStop graceful;
    complete = RunSteps(trainer, report, progress, out, metrics.has_value());
  } catch (const Error&) {
    progress.Clear();
    report.Flush();
    throw;
  }
  progress.Clear();
  report.Flush();
  if (!complete || PendingSignal() != 0) return StopEarly(trainer);
  report.PrintSummary();
  out.Flush();  // a signal may end the process while samples are made
  PrintSamples(options, trainer, out);
  out.Append("digest: " + trainer.Digest() + "\n");
  out.Flush();
  return kExitOk;
}

}  // namespace microgpt::cli
