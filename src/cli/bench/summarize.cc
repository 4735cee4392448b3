#include "cli/bench/summarize.h"

#include <algorithm>
#include <cmath>
#include <ctime>

#include "microgpt/config.h"
#include "microgpt/machine.h"

namespace microgpt::cli {
namespace {

double Quantile(const std::vector<double>& sorted, double part) {
  const double at = part * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  const double rest = at - static_cast<double>(below);
  return sorted[below] + rest * (sorted[above] - sorted[below]);
}

double PeakOf(const std::vector<MachineRate>& machine, int threads) {
  for (const MachineRate& rate : machine) {
    if (rate.threads == threads) return rate.peak_gflops;
  }
  return 0;
}

std::vector<PhaseReport> PhasesOf(const BenchmarkPoint& point) {
  std::vector<PhaseReport> phases;
  phases.reserve(point.phases.size());
  for (const PhaseSeconds& thread : point.phases) {
    phases.push_back(
        {thread.forward, thread.loss, thread.backward, thread.reduce,
         thread.optimizer,
         std::max(0.0, point.profiled_step_seconds - thread.total())});
  }
  return phases;
}

PointReport PointOf(const BenchmarkPoint& point, const ModelConfig& model,
                    double peak_gflops) {
  PointReport report;
  report.threads = point.threads;
  report.batch_size = point.batch_size;
  report.num_shards = static_cast<int>(point.num_shards);
  report.tokens_per_step = point.tokens_per_step;
  report.step_times = point.step_seconds;
  report.step_seconds = SpreadOf(point.step_seconds);
  report.tokens_per_second = SpreadOf(point.tokens_per_second);
  report.gflops =
      MatrixFlopsPerToken(model) * report.tokens_per_second.median * 1e-9;
  report.of_peak = peak_gflops > 0 ? report.gflops / peak_gflops : 0;
  report.phases = PhasesOf(point);
  report.digest = point.digest;
  return report;
}

// The first point is what others are compared with.
std::vector<PointReport> SeriesOf(const std::vector<BenchmarkPoint>& points,
                                  const ModelConfig& model,
                                  const std::vector<MachineRate>& machine) {
  std::vector<PointReport> series;
  series.reserve(points.size());
  for (const BenchmarkPoint& point : points) {
    PointReport report = PointOf(point, model, PeakOf(machine, point.threads));
    const PointReport& first = series.empty() ? report : series.front();
    report.speedup =
        report.tokens_per_second.median / first.tokens_per_second.median;
    report.efficiency = report.speedup * first.threads / report.threads;
    series.push_back(std::move(report));
  }
  return series;
}

}  // namespace

SpreadReport SpreadOf(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return {Quantile(values, 0.5), values.front(), values.back(),
          Quantile(values, 0.25), Quantile(values, 0.75)};
}

std::optional<AmdahlReport> FitAmdahl(const std::vector<PointReport>& points) {
  if (points.size() < 2) return std::nullopt;
  // With y = seconds and x = 1 / threads, minimises sum((s + p x) / y - 1)^2.
  double ss = 0;
  double sp = 0;
  double pp = 0;
  double s1 = 0;
  double p1 = 0;
  for (const PointReport& point : points) {
    const double a = 1 / point.step_seconds.median;
    const double b = a / point.threads;
    ss += a * a;
    sp += a * b;
    pp += b * b;
    s1 += a;
    p1 += b;
  }
  const double determinant = ss * pp - sp * sp;
  AmdahlReport fit;
  fit.serial_seconds = (s1 * pp - p1 * sp) / determinant;
  fit.parallel_seconds = (p1 * ss - s1 * sp) / determinant;
  if (!(fit.serial_seconds >= 0)) {
    fit.serial_seconds = 0;
    fit.parallel_seconds = p1 / pp;
  } else if (!(fit.parallel_seconds >= 0)) {
    fit.parallel_seconds = 0;
    fit.serial_seconds = s1 / ss;
  }
  fit.serial_fraction =
      fit.serial_seconds / (fit.serial_seconds + fit.parallel_seconds);
  return fit;
}

ModelReport Summarize(const TrainingBenchmark& measured,
                      const std::vector<MachineRate>& machine,
                      const std::string& data) {
  const ModelConfig& model = measured.model;
  ModelReport report;
  report.n_embd = model.n_embd;
  report.n_layer = model.n_layer;
  report.n_head = model.n_head;
  report.block_size = model.block_size;
  report.vocab_size = model.vocab_size;
  report.activation = ToString(model.activation);
  report.data = data;
  report.num_params = ParameterCount(model);
  report.steps_per_repetition = measured.steps_per_repetition;
  report.strong = SeriesOf(measured.strong, model, machine);
  report.weak = SeriesOf(measured.weak, model, machine);
  report.digests_equal = measured.DigestsEqual();
  report.amdahl = FitAmdahl(report.strong);
  return report;
}

std::vector<CalibrationReport> Summarize(
    const std::vector<MachineRate>& rates) {
  std::vector<CalibrationReport> reports;
  reports.reserve(rates.size());
  for (const MachineRate& rate : rates) {
    reports.push_back(
        {rate.threads, rate.peak_gflops, rate.read_gigabytes_per_second});
  }
  return reports;
}

std::vector<KernelReport> Summarize(const std::vector<KernelRate>& rates,
                                    double peak_gflops) {
  std::vector<KernelReport> reports;
  reports.reserve(rates.size());
  for (const KernelRate& rate : rates) {
    reports.push_back({rate.name, rate.shape, rate.gflops,
                       peak_gflops > 0 ? rate.gflops / peak_gflops : 0});
  }
  return reports;
}

MachineReport DescribeMachine() {
  const MachineInfo machine = GetMachineInfo();
  MachineReport report;
  report.cpu = machine.cpu;
  report.architecture = machine.architecture;
  report.system = machine.system;
  report.sockets = machine.sockets;
  report.physical_cores = machine.physical_cores;
  report.logical_cpus = machine.logical_cpus;
  report.threads_per_core = machine.threads_per_core;
  report.numa_nodes = machine.numa_nodes;
  report.governor = machine.governor;
  report.affinity = machine.affinity;
  report.cpu_quota = machine.cpu_quota;
  report.memory_bytes = machine.memory_bytes;
  report.caches.reserve(machine.caches.size());
  for (const CacheInfo& cache : machine.caches) {
    report.caches.push_back(
        {cache.level, cache.type, cache.bytes, cache.count});
  }
  return report;
}

BuildReport DescribeBuild() {
  const BuildInfo build = GetBuildInfo();
  return {build.version, build.commit,   build.compiler, build.flags,
          build.simd,    build.executor, build.libraries};
}

std::string UtcNow() {
  const std::time_t now = std::time(nullptr);
  std::tm parts = {};
  ::gmtime_r(&now, &parts);
  char text[32];
  const std::size_t size =
      std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return std::string(text, size);
}

}  // namespace microgpt::cli
