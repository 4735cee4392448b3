#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "cli/bench/plan.h"
#include "cli/bench/render.h"
#include "cli/bench/report.h"
#include "cli/bench/report_folder.h"
#include "cli/bench/summarize.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/format_bytes.h"
#include "cli/input.h"
#include "cli/interrupt.h"
#include "cli/notes.h"
#include "cli/terminal.h"
#include "cli/writer.h"
#include "microgpt/benchmark.h"
#include "microgpt/error.h"
#include "microgpt/system.h"

namespace microgpt::cli {
namespace {

// Ends a measurement: there is nothing to report.
struct Interrupted {
  int signal;
};

// One moving line on a terminal, nothing elsewhere.
class BenchProgress {
 public:
  explicit BenchProgress(bool enabled) : moving_(enabled && FancyStderr()) {}
  ~BenchProgress() { Clear(); }
  BenchProgress(const BenchProgress&) = delete;
  BenchProgress& operator=(const BenchProgress&) = delete;

  void Show(const std::string& what, double done) {
    if (!moving_) return;
    WriteAll(STDERR_FILENO,
             fmt::format("\r\x1b[Kmeasuring {}: {:.0f}%", what, 100 * done));
    shown_ = true;
  }
  void Clear() {
    if (shown_) WriteAll(STDERR_FILENO, "\r\x1b[K");
    shown_ = false;
  }

 private:
  bool moving_;
  bool shown_ = false;
};

void ThrowIfInterrupted() {
  const int signal = PendingSignal();
  if (signal != 0) throw Interrupted{signal};
}

std::string TitleOf(const ModelConfig& model) {
  return fmt::format("{}/{}/{}/{}", model.n_embd, model.n_layer, model.n_head,
                     model.block_size);
}

// For readers; what is no ASCII in a path may be no UTF-8 either.
std::string DescribeData(const std::string& path, const TrainConfig& config) {
  std::string name = path.empty() ? "built-in names" : path;
  for (char& c : name) {
    if (c < ' ' || c > '~') c = '?';
  }
  return name + ", " + ToString(config.data.doc_mode);
}

// Throws Error(kResources) if the model cannot be measured.
void CheckBenchmarkMemory(const BenchmarkOptions& plan) {
  const std::uint64_t needed = BenchmarkMemory(plan);
  const std::optional<std::uint64_t> available = AvailableMemoryBytes();
  if (available && needed > *available) {
    throw Error(ErrorKind::kResources,
                fmt::format("the trainers of {} for all thread counts need {} "
                            "together, available {}; use fewer --threads or a "
                            "smaller model",
                            TitleOf(plan.config.model), FormatBytes(needed),
                            FormatBytes(*available)));
  }
}

// The model and its corpus must go together before anything is measured.
Corpus LoadCorpusFor(const Options& options, BenchmarkOptions& plan) {
  Options with_model = options;
  with_model.train = plan.config;
  Corpus corpus = LoadCorpus(InputPath(options), with_model);
  plan.config.model.vocab_size = corpus.tokenizer().vocab_size();
  return corpus;
}

ProtocolReport DescribeProtocol(const BenchmarkOptions& plan) {
  return {plan.repetitions, plan.repetition_seconds,
          "Trainers of all thread counts take turns, a block of steps each, "
          "beginning with another one each time; a repetition is a block. The "
          "first step of a block is not timed. Phases come from further steps. "
          "GFLOP/s counts 6 x parameters of matrices x tokens."};
}

class Bench {
 public:
  Bench(const Options& options, std::vector<BenchmarkOptions> plans)
      : options_(options),
        plans_(std::move(plans)),
        progress_(!options.quiet) {}

  RunReport Run() {
    RunReport run;
    run.date = UtcNow();
    run.machine = DescribeMachine();
    run.build = DescribeBuild();
    run.label = options_.bench.label;
    if (run.label.empty()) {
      run.label = (run.machine.cpu.empty() ? "unknown CPU" : run.machine.cpu) +
                  ", microgpt " + run.build.version;
    }
    run.protocol = DescribeProtocol(plans_.front());
    progress_.Show("the machine", 0);
    rates_ = MeasureMachine(plans_.front().threads);
    run.calibration = Summarize(rates_);
    for (BenchmarkOptions& plan : plans_) Measure(plan, run);
    progress_.Clear();
    return run;
  }

 private:
  void Measure(BenchmarkOptions& plan, RunReport& run) {
    ThrowIfInterrupted();
    const Corpus corpus = LoadCorpusFor(options_, plan);
    const std::string title = TitleOf(plan.config.model);
    try {
      CheckBenchmarkMemory(plan);
    } catch (const Error& error) {
      if (!options_.bench.sweep || run.models.empty()) throw;
      progress_.Clear();
      PrintWarning(std::string("left out: ") + error.what());
      return;
    }
    progress_.Show(title, 0);
    const TrainingBenchmark measured =
        MeasureTraining(plan, corpus, [&](double done) {
          ThrowIfInterrupted();
          progress_.Show(title, done);
        });
    run.models.push_back(Summarize(
        measured, rates_, DescribeData(InputPath(options_), plan.config)));
    AddKernels(measured.model, run);
  }

  // Of every model, but each shape once.
  void AddKernels(const ModelConfig& model, RunReport& run) {
    const double peak = rates_.front().peak_gflops / rates_.front().threads;
    for (KernelReport& kernel : Summarize(MeasureKernels(model), peak)) {
      const bool known = std::any_of(run.kernels.begin(), run.kernels.end(),
                                     [&](const KernelReport& other) {
                                       return other.name == kernel.name &&
                                              other.shape == kernel.shape;
                                     });
      if (!known) run.kernels.push_back(std::move(kernel));
    }
  }

  const Options& options_;
  std::vector<BenchmarkOptions> plans_;
  std::vector<MachineRate> rates_;
  BenchProgress progress_;
};

void Print(const BenchReport& report) {
  Writer out(STDOUT_FILENO, "standard output");
  for (const RunReport& run : report.runs) out.Append(ToTerminalTable(run));
  out.Flush();
}

bool AllDigestsEqual(const RunReport& run) {
  return std::all_of(
      run.models.begin(), run.models.end(),
      [](const ModelReport& model) { return model.digests_equal; });
}

int MeasureAndReport(const Options& options) {
  std::vector<BenchmarkOptions> plans = PlanBenchmark(options);
  {
    // Whatever is wrong with the input or the memory comes first.
    BenchmarkOptions first = plans.front();
    const Corpus corpus = LoadCorpusFor(options, first);
    CheckBenchmarkMemory(first);
    if (!options.quiet) NoteTruncation(corpus, first.config);
  }
  WarnAboutThreads(plans.front().threads.back());
  const std::string& folder = options.bench.report;

  BenchReport report;
  try {
    const GracefulStop graceful;
    if (!folder.empty()) PrepareReportFolder(folder);
    report.runs.push_back(Bench(options, std::move(plans)).Run());
  } catch (const Interrupted& interrupted) {
    PrintNote(fmt::format("stopped by signal {}; nothing was reported",
                          interrupted.signal));
    return kExitSignalBase + interrupted.signal;
  }
  Print(report);
  if (!folder.empty()) WriteReportFolder(folder, report);
  if (!AllDigestsEqual(report.runs.front())) {
    throw Error(ErrorKind::kNumeric,
                "digests differ between numbers of threads: this build or this "
                "machine computes wrong results; please report it");
  }
  return kExitOk;
}

}  // namespace

int RunBench(const Options& options) {
  if (options.bench.from.empty()) return MeasureAndReport(options);
  const BenchReport report = ReadReport(options.bench.from);
  PrepareReportFolder(options.bench.report);
  WriteReportFolder(options.bench.report, report);
  if (!options.quiet) Print(report);
  return kExitOk;
}

}  // namespace microgpt::cli
