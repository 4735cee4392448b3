#include "tests/cli/bench_report_sample.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace microgpt::cli {
namespace {

SpreadReport SpreadOf(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t n = values.size();
  return {values[n / 2], values[0], values[n - 1], values[n / 4],
          values[n - 1 - n / 4]};
}

// What a machine and a model make of threads.
struct Speed {
  double serial_seconds;
  double parallel_seconds;
  double peak_gflops;
};

PointReport SamplePoint(const ModelReport& model, const Speed& speed,
                        int threads, int batch_size, double work) {
  PointReport point;
  point.threads = threads;
  point.batch_size = batch_size;
  point.num_shards = batch_size / 4;
  point.tokens_per_step = 6.3 * batch_size;
  const double seconds =
      speed.serial_seconds + work * speed.parallel_seconds / threads;
  std::vector<double> rates;
  for (int i = 0; i < 9; ++i) {
    // Noise without a generator of random numbers.
    const double time = seconds * (1 + 0.02 * std::sin(7.0 * i + threads));
    point.step_times.push_back(time);
    rates.push_back(point.tokens_per_step / time);
  }
  point.step_seconds = SpreadOf(point.step_times);
  point.tokens_per_second = SpreadOf(rates);
  point.gflops = 6e-9 * static_cast<double>(model.num_params) *
                 point.tokens_per_step / point.step_seconds.median;
  point.of_peak = point.gflops / (speed.peak_gflops * threads);
  const double busy = work * speed.parallel_seconds / threads;
  for (int i = 0; i < threads; ++i) {
    const double idle = speed.serial_seconds * (threads == 1 ? 0.02 : 0.6) *
                        (1 + 0.3 * std::cos(i));
    point.phases.push_back({0.3 * busy, 0.08 * busy, 0.55 * busy,
                            threads == 1 ? 0 : 0.2 * speed.serial_seconds,
                            0.07 * busy, idle});
  }
  point.digest = "5f3c9a7e21b04d6688aa01fe9c3b7d42";
  return point;
}

void Compare(std::vector<PointReport>& points) {
  const PointReport& first = points.front();
  for (PointReport& point : points) {
    point.speedup =
        point.tokens_per_second.median / first.tokens_per_second.median;
    point.efficiency = point.speedup * first.threads / point.threads;
  }
}

ModelReport SampleModel(int n_embd, int n_layer, int block_size,
                        std::uint64_t num_params, const Speed& speed,
                        const std::vector<int>& thread_counts) {
  ModelReport model;
  model.n_embd = n_embd;
  model.n_layer = n_layer;
  model.n_head = 4;
  model.block_size = block_size;
  model.vocab_size = 27;
  model.activation = "relu2";
  model.data = "built-in names, lines";
  model.num_params = num_params;
  model.steps_per_repetition = 250;
  constexpr int kBatch = 64;
  for (const int threads : thread_counts) {
    model.strong.push_back(SamplePoint(model, speed, threads, kBatch, 1));
    model.weak.push_back(
        SamplePoint(model, speed, threads, kBatch * threads, threads));
  }
  Compare(model.strong);
  Compare(model.weak);
  model.digests_equal = true;
  model.amdahl = {
      speed.serial_seconds, speed.parallel_seconds,
      speed.serial_seconds / (speed.serial_seconds + speed.parallel_seconds)};
  return model;
}

MachineReport SampleMachine() {
  MachineReport machine;
  machine.cpu = "AMD EPYC 9354P 32-Core Processor";
  machine.architecture = "x86_64";
  machine.system = "Linux 6.1.0-18-amd64";
  machine.sockets = 1;
  machine.physical_cores = 16;
  machine.logical_cpus = 32;
  machine.threads_per_core = 2;
  machine.numa_nodes = 1;
  machine.governor = "performance";
  machine.affinity = "0-31";
  machine.cpu_quota = 16;
  machine.memory_bytes = 68719476736;
  machine.caches = {{1, "Data", 32768, 16},
                    {1, "Instruction", 32768, 16},
                    {2, "Unified", 1048576, 16},
                    {3, "Unified", 33554432, 4}};
  return machine;
}

RunReport SmallRun() {
  RunReport run = SampleRun();
  run.label = "laptop";
  run.machine = {};
  run.machine.cpu = "Intel(R) Core(TM) i5-8250U CPU @ 1.60GHz";
  run.machine.physical_cores = 4;
  run.machine.logical_cpus = 8;
  run.build.simd = "AVX2";
  run.calibration = {{1, 48.2, 12.9}, {4, 171.6, 19.4}};
  run.kernels = {{"MatMul", "T 64, in 128, out 512", 36.1, 36.1 / 48.2}};
  const std::vector<int> counts = {1, 2, 4};
  run.models = {SampleModel(16, 1, 8, 4192, {21e-6, 590e-6, 48.2}, counts),
                SampleModel(64, 2, 32, 103616, {90e-6, 8900e-6, 48.2}, counts)};
  return run;
}

}  // namespace

RunReport SampleRun() {
  RunReport run;
  run.label = "server";
  run.date = "2026-11-25T17:00:00Z";
  run.machine = SampleMachine();
  run.build = {"1.2.3",
               "ff891fc0d2b7",
               "g++ 12.2.0",
               "-O3 -march=x86-64",
               "AVX3_ZEN4",
               "oneTBB",
               "Highway 1.0.3, oneTBB 2021.8"};
  run.protocol = {9, 0.25,
                  "Thread counts in turns, so that a slow phase of the "
                  "machine meets all of them."};
  run.calibration = {{1, 104.7, 21.3}, {16, 1588.2, 187.9}};
  run.kernels = {{"MatMul", "T 64, in 16, out 64", 41.25, 41.25 / 104.7},
                 {"MatMul", "T 64, in 128, out 512", 88.4, 88.4 / 104.7},
                 {"Attention", "T 64, 4 heads of 32", 37.9, 37.9 / 104.7},
                 {"Adam", "100000 parameters", 9.81, 0}};
  const std::vector<int> counts = {1, 2, 4, 8, 16};
  run.models = {
      SampleModel(16, 1, 8, 4192, {14e-6, 410e-6, 104.7}, counts),
      SampleModel(64, 2, 32, 103616, {70e-6, 5400e-6, 104.7}, counts),
      SampleModel(128, 4, 64, 798976, {350e-6, 61000e-6, 104.7}, counts)};
  for (const PointReport& point : run.models[0].strong) {
    if (point.threads > 4) continue;
    const double torch = 215e3 + 38e3 * point.threads;
    run.models[0].torch.push_back({"2.1.0", "eager, float32", point.threads,
                                   torch,
                                   point.tokens_per_second.median / torch});
  }
  return run;
}

BenchReport SampleReport() {
  BenchReport report;
  report.runs = {SampleRun(), SmallRun()};
  SuiteReport suite;
  suite.label = "kernels";
  suite.date = "2026-11-25T18:00:00Z";
  suite.cpu = "AMD EPYC 9354P";
  suite.simd = "AVX3_ZEN4";
  suite.compiler = "g++ 12.2.0";
  suite.rows = {{"MatMul/64/128/512", 94.7e-6, 88.6, 0.846, {}, {}},
                {"Adam/100000", 61.2e-6, {}, {}, 26.1, {}},
                {"TrainStep/16", 424e-6, {}, {}, {}, 951000.5}};
  report.suites = {suite};
  report.comparisons = {
      {"main",
       "fused-adam",
       "Mann-Whitney U test of 9 repetitions, threshold 0.01.",
       {{"16/1/4/8, 1 thread", 424e-6, 391e-6, 424.0 / 391, 4.1e-5,
         Verdict::kFaster},
        {"64/2/4/32, 1 thread", 5470e-6, 5481e-6, 5470.0 / 5481, 0.73,
         Verdict::kNoise},
        {"128/4/4/64, 1 thread", 61.35e-3, 63.9e-3, 61.35 / 63.9, 0.0008,
         Verdict::kSlower}}}};
  return report;
}

}  // namespace microgpt::cli
