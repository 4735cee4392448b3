#include <algorithm>
#include <atomic>
#include <memory>

#include "base/aligned_buffer.h"
#include "base/executor.h"
#include "bench/stopwatch.h"
#include "kernels/calibration.h"
#include "microgpt/benchmark.h"
#include "microgpt/machine.h"
#include "microgpt/system.h"
#include "train/executor.h"

namespace microgpt {
namespace {

constexpr std::size_t kFmaRounds = 200'000;  // a few milliseconds
constexpr int kRuns = 8;
constexpr double kRunSeconds = 0.02;
constexpr std::size_t kReadUnit = 64;  // floats, see RunRead
constexpr std::uint64_t kLeastBytes = std::uint64_t{256} << 20;

double PeakGflops(Executor& executor) {
  const auto threads = static_cast<std::size_t>(executor.num_workers());
  std::atomic<double> flops = 0;  // of each
  const double seconds = BestSeconds(kRuns, kRunSeconds, [&] {
    executor.ForEach(threads,
                     [&](int, std::size_t) { flops = RunFmas(kFmaRounds); });
  });
  return flops * static_cast<double>(threads) / seconds * 1e-9;
}

// Several times what all caches together hold, but not more than a quarter of
// the memory that is left.
std::uint64_t BytesToRead() {
  std::uint64_t caches = 0;
  for (const CacheInfo& cache : GetMachineInfo().caches) {
    caches += cache.bytes * static_cast<std::uint64_t>(cache.count);
  }
  const std::uint64_t wanted = std::max(kLeastBytes, 4 * caches);
  return std::min(wanted, AvailableMemoryBytes().value_or(wanted) / 4);
}

double ReadGigabytes(Executor& executor, std::uint64_t bytes) {
  const auto threads = static_cast<std::size_t>(executor.num_workers());
  const std::size_t count =
      bytes / sizeof(float) / threads / kReadUnit * kReadUnit;
  // Made by the threads, so that each has it near its core.
  std::vector<AlignedBuffer<float>> parts(threads);
  executor.ForEach(threads, [&](int, std::size_t i) {
    parts[i] = AlignedBuffer<float>(count);
  });
  std::atomic<float> used = 0;
  const double seconds = BestSeconds(3, kRunSeconds, [&] {
    executor.ForEach(threads, [&](int, std::size_t i) {
      used = RunRead(parts[i].data(), count);
    });
  });
  return static_cast<double>(count * threads * sizeof(float)) / seconds * 1e-9;
}

}  // namespace

std::vector<MachineRate> MeasureMachine(const std::vector<int>& threads) {
  const std::uint64_t bytes = BytesToRead();
  std::vector<MachineRate> rates;
  for (const int count : threads) {
    const std::unique_ptr<Executor> executor =
        MakeExecutor(ExecutorKind::kDefault, count);
    rates.push_back(
        {count, PeakGflops(*executor), ReadGigabytes(*executor, bytes)});
  }
  return rates;
}

}  // namespace microgpt
