#include "cli/bench/measurement.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "cli/bench/summarize.h"
#include "cli/format_bytes.h"
#include "cli/input.h"
#include "cli/interrupt.h"
#include "cli/terminal.h"
#include "cli/writer.h"
#include "microgpt/error.h"
#include "microgpt/system.h"

namespace microgpt::cli {
namespace {

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
    Calibrate();
    for (BenchmarkOptions& plan : plans_) Measure(plan);
    progress_.Clear();
    AddResults(run);
    return run;
  }

 private:
  struct Result {
    TrainingBenchmark training;
    std::string data;
    std::vector<KernelRate> kernels;
  };

  // Between models too: limits are the best that was ever seen, and a shared
  // machine may have been slow for a while.
  void Calibrate() {
    ThrowIfInterrupted();
    progress_.Show("the machine", 0);
    const std::vector<MachineRate> now = MeasureMachine(plans_.front().threads);
    if (rates_.empty()) rates_ = now;
    for (std::size_t i = 0; i < now.size(); ++i) {
      rates_[i].peak_gflops =
          std::max(rates_[i].peak_gflops, now[i].peak_gflops);
      rates_[i].read_gigabytes_per_second =
          std::max(rates_[i].read_gigabytes_per_second,
                   now[i].read_gigabytes_per_second);
    }
  }

  void Measure(BenchmarkOptions& plan) {
    const Corpus corpus = LoadCorpusFor(options_, plan);
    const std::string title = TitleOf(plan.config.model);
    try {
      CheckBenchmarkMemory(plan);
    } catch (const Error& error) {
      if (results_.empty()) throw;
      progress_.Clear();
      PrintWarning(std::string("left out: ") + error.what());
      return;
    }
    progress_.Show(title, 0);
    TrainingBenchmark measured =
        MeasureTraining(plan, corpus, [&](double done) {
          ThrowIfInterrupted();
          progress_.Show(title, done);
        });
    std::vector<KernelRate> kernels = MeasureKernels(measured.model);
    results_.push_back({std::move(measured),
                        DescribeData(InputPath(options_), plan.config),
                        std::move(kernels)});
    Calibrate();
  }

  void AddResults(RunReport& run) const {
    run.calibration = Summarize(rates_);
    for (const Result& result : results_) {
      run.models.push_back(Summarize(result.training, rates_, result.data));
      AddKernels(result.kernels, run);
    }
  }

  // Each shape once.
  void AddKernels(const std::vector<KernelRate>& kernels,
                  RunReport& run) const {
    const double peak = rates_.front().peak_gflops / rates_.front().threads;
    for (KernelReport& kernel : Summarize(kernels, peak)) {
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
  std::vector<MachineRate> rates_;  // one per number of threads
  std::vector<Result> results_;     // one per model
  BenchProgress progress_;
};

}  // namespace

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

Corpus LoadCorpusFor(const Options& options, BenchmarkOptions& plan) {
  Options with_model = options;
  with_model.train = plan.config;
  Corpus corpus = LoadCorpus(InputPath(options), with_model);
  plan.config.model.vocab_size = corpus.tokenizer().vocab_size();
  return corpus;
}

RunReport MeasureRun(const Options& options,
                     std::vector<BenchmarkOptions> plans) {
  return Bench(options, std::move(plans)).Run();
}

}  // namespace microgpt::cli
