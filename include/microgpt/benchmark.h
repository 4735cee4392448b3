// Measures how fast this machine trains, for several numbers of threads. One
// measurement at a time: two that run side by side disturb each other.
#ifndef MICROGPT_BENCHMARK_H_
#define MICROGPT_BENCHMARK_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "microgpt/config.h"
#include "microgpt/corpus.h"
#include "microgpt/export.h"
#include "microgpt/trainer.h"

namespace microgpt {

// Limits of the machine, for `threads` of them at once.
struct MachineRate {
  int threads = 0;
  double peak_gflops = 0;                // float32 FMAs in registers
  double read_gigabytes_per_second = 0;  // of memory, beyond all caches
};

// What one thread does in a kernel.
struct KernelRate {
  std::string name;   // "MatMul"
  std::string shape;  // "T 64, in 128, out 512"
  double gflops = 0;
};

// What MeasureTraining measures.
struct BenchmarkOptions {
  TrainConfig config;              // its threads and num_steps are not used
  std::vector<int> threads = {1};  // each once, in increasing order
  int repetitions = 5;             // 1 to kMaxRepetitions
  // At least, on the first number of threads; above 0, at most
  // kMaxRepetitionSeconds.
  double repetition_seconds = 0.3;
  bool weak_scaling = true;  // also with batches that grow with the threads
};

// Largest accepted values of BenchmarkOptions.
inline constexpr int kMaxRepetitions = 1000;
inline constexpr double kMaxRepetitionSeconds = 3600;

// One number of threads.
struct BenchmarkPoint {
  int threads = 0;
  int batch_size = 0;                     // documents per batch
  std::size_t num_shards = 0;             // see Trainer
  std::vector<double> step_seconds;       // mean of a step, per repetition
  std::vector<double> tokens_per_second;  // per repetition
  double tokens_per_step = 0;             // mean of the timed steps
  // Of some further steps, per thread: mean seconds of a step; and its time.
  std::vector<PhaseSeconds> phases;
  double profiled_step_seconds = 0;
  std::string digest;  // after the last step
};

// What MeasureTraining has found.
struct TrainingBenchmark {
  ModelConfig model;  // complete
  std::int64_t steps_per_repetition = 0;
  // Steps of every trainer: a function of the repetitions and their length, so
  // that digests of equal configurations can be compared.
  std::int64_t total_steps = 0;
  std::vector<BenchmarkPoint> strong;  // the batch of the configuration
  std::vector<BenchmarkPoint> weak;    // batch times threads over the first

  // Whether all numbers of threads led to the same weights and moments.
  MICROGPT_EXPORT bool DigestsEqual() const;
};

// Called between measurements with what part is done, 0 to 1. What it throws
// ends the measurement.
using BenchmarkProgress = std::function<void(double done)>;

// Flops of the matrix products of one token of training: six for each weight
// that takes part in a product. Attention is left out, so that speeds of
// documents of any length can be compared. REQUIRES: model.vocab_size > 0.
// Throws Error(kResources) as ParameterCount does. Thread-safe.
MICROGPT_EXPORT double MatrixFlopsPerToken(const ModelConfig& model);

// Bytes that MeasureTraining allocates, beside the corpus. REQUIRES: as
// EstimateTrainingMemory. Throws Error(kUsage) for options outside their
// ranges, Error(kResources) if it does not fit into 63 bits. Thread-safe.
MICROGPT_EXPORT std::uint64_t BenchmarkMemory(const BenchmarkOptions& options);

// Trains one model per number of threads, all on the same documents, in turns:
// every repetition times a block of steps of each, beginning with another one
// each time, so that a machine that changes its speed does so for all. The
// first step of each block is not timed. Throws Error(kUsage) for options
// outside their ranges, and as Trainer does. REQUIRES: a progress that can
// be called.
MICROGPT_EXPORT TrainingBenchmark
MeasureTraining(const BenchmarkOptions& options, const Corpus& corpus,
                const BenchmarkProgress& progress);

// The best of several short runs. Takes a fraction of a second for each, and
// 256 MiB or more. REQUIRES: numbers from 1 to kMaxThreads. Throws
// Error(kResources).
MICROGPT_EXPORT std::vector<MachineRate> MeasureMachine(
    const std::vector<int>& threads);

// The largest products of the model, and attention over a full block, on one
// thread. REQUIRES: model.vocab_size > 0. Throws Error(kResources).
MICROGPT_EXPORT std::vector<KernelRate> MeasureKernels(
    const ModelConfig& model);

}  // namespace microgpt

#endif  // MICROGPT_BENCHMARK_H_
