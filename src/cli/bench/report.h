// What a benchmark report says, as plain data: report.json holds exactly this,
// and the table, report.md and report.html are drawn from nothing else.
#ifndef MICROGPT_CLI_BENCH_REPORT_H_
#define MICROGPT_CLI_BENCH_REPORT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace microgpt::cli {

struct CacheReport {
  int level = 0;
  std::string type;  // "Data", "Instruction" or "Unified"
  std::uint64_t bytes = 0;
  int count = 0;  // of this machine
};

struct MachineReport {
  std::string cpu;           // empty where unknown, like all texts here
  std::string architecture;  // "x86_64"
  std::string system;        // name and version of the operating system
  int sockets = 0;           // 0 where unknown, like all counts here
  int physical_cores = 0;    // of the machine
  int logical_cpus = 0;      // of the machine
  int threads_per_core = 0;  // 2: SMT
  int numa_nodes = 0;
  std::string governor;             // of CPU frequencies
  std::string affinity;             // CPUs of this process, "0-3,8"
  std::optional<double> cpu_quota;  // CPUs' worth of time per second
  std::uint64_t memory_bytes = 0;
  std::vector<CacheReport> caches;
};

struct BuildReport {
  std::string version;
  std::string commit;  // empty outside a repository
  std::string compiler;
  std::string flags;
  std::string simd;       // target in use
  std::string executor;   // "oneTBB" or "std::thread"
  std::string libraries;  // names and versions
};

// How it was measured.
struct ProtocolReport {
  int repetitions = 0;
  double repetition_seconds = 0;  // least length of one, on the first count
  std::string order;              // one sentence for readers
};

// What the cores can do: float32 FMAs in registers, reads of memory.
struct CalibrationReport {
  int threads = 0;
  double peak_gflops = 0;
  double read_gigabytes_per_second = 0;
};

struct KernelReport {
  std::string name;   // "MatMul"
  std::string shape;  // "T 64, in 128, out 512"
  double gflops = 0;
  double of_peak = 0;  // of one thread, 0..1
};

// Order statistics of the repetitions.
struct SpreadReport {
  double median = 0;
  double min = 0;
  double max = 0;
  double first_quartile = 0;
  double third_quartile = 0;
};

// Seconds of one thread in one step, mean of all timed steps.
struct PhaseReport {
  double forward = 0;
  double loss = 0;  // logits, cross-entropy and their gradients
  double backward = 0;
  double reduce = 0;     // sums of gradients
  double optimizer = 0;  // and products that are applied at once
  double idle = 0;
};

// One thread count of a model.
struct PointReport {
  int threads = 0;
  int batch_size = 0;          // documents per step
  int num_shards = 0;          // most threads that work on different documents
  double tokens_per_step = 0;  // mean
  std::vector<double> step_times;  // mean seconds of a step, per repetition
  SpreadReport step_seconds;
  SpreadReport tokens_per_second;
  double speedup = 0;     // tokens/s over those of the first count
  double efficiency = 0;  // speedup per thread, relative to the first count
  double gflops = 0;      // 6 x parameters of matrices x tokens / median time
  double of_peak = 0;     // of as many threads, 0..1; 0: not calibrated
  std::vector<PhaseReport> phases;  // per thread; may be empty
  std::string digest;               // after the last step
};

// Speed of the same model in PyTorch, when it has been measured too.
struct TorchReport {
  std::string version;
  std::string setting;  // how it was run, for readers
  int threads = 0;
  double tokens_per_second = 0;  // median
  double ratio = 0;              // ours over PyTorch's, measured in turns
};

// Fit of step_seconds over threads n: serial + parallel / n.
struct AmdahlReport {
  double serial_seconds = 0;
  double parallel_seconds = 0;
  double serial_fraction = 0;  // of a step on one thread
};

struct ModelReport {
  int n_embd = 0;
  int n_layer = 0;
  int n_head = 0;
  int block_size = 0;
  int vocab_size = 0;
  std::string activation;
  std::string data;  // "built-in names, lines"
  std::uint64_t num_params = 0;
  std::int64_t steps_per_repetition = 0;
  std::vector<PointReport> strong;  // one batch size for all thread counts
  std::vector<PointReport> weak;    // batch size grows with threads; or empty
  bool digests_equal = false;       // of all strong points
  std::optional<AmdahlReport> amdahl;  // with two thread counts or more
  std::vector<TorchReport> torch;
};

// One call of the benchmark on one machine.
struct RunReport {
  std::string label;  // short, tells runs apart
  std::string date;   // UTC, "2026-11-25T17:00:00Z"
  MachineReport machine;
  BuildReport build;
  ProtocolReport protocol;
  std::vector<CalibrationReport> calibration;
  std::vector<KernelReport> kernels;
  std::vector<ModelReport> models;
};

// One line of a report of Google Benchmark.
struct SuiteRow {
  std::string name;
  double seconds = 0;  // real time of an iteration, median where known
  std::optional<double> gflops;
  std::optional<double> of_peak;
  std::optional<double> gigabytes_per_second;
  std::optional<double> tokens_per_second;
};

struct SuiteReport {
  std::string label;
  std::string date;
  std::string cpu;
  std::string simd;
  std::string compiler;
  std::vector<SuiteRow> rows;
};

enum class Verdict { kFaster, kSlower, kNoise };

struct ComparisonRow {
  std::string what;
  double baseline_seconds = 0;   // median
  double contender_seconds = 0;  // median
  double speedup = 0;            // baseline over contender
  double p_value = 1;            // two-sided
  Verdict verdict = Verdict::kNoise;
};

struct ComparisonReport {
  std::string baseline;   // label
  std::string contender;  // label
  std::string test;       // name of the test and its threshold, for readers
  std::vector<ComparisonRow> rows;
};

struct BenchReport {
  static constexpr int kFormat = 1;
  std::vector<RunReport> runs;
  std::vector<SuiteReport> suites;
  std::vector<ComparisonReport> comparisons;
};

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_BENCH_REPORT_H_
