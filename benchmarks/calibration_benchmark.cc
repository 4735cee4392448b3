// The limits of one core: FMAs, the divider, caches and memory.
#include <benchmark/benchmark.h>

#include <cstring>

#include "bench/operand.h"
#include "benchmarks/report.h"
#include "kernels/calibration.h"

namespace microgpt {
namespace {

void BM_PeakFma(benchmark::State& state) {
  double flops = 0;
  for (auto _ : state) flops = RunFmas(100'000);
  ReportFlops(state, flops);
}
BENCHMARK(BM_PeakFma);

// The floor of Adam: one square root and one quotient per weight.
void BM_DivideSqrt(benchmark::State& state) {
  Operand a(1, 4096);
  AlignedBuffer<float> b(a.size());
  AlignedBuffer<float> out(a.size());
  for (std::size_t i = 0; i < b.size(); ++i) b.data()[i] = 2.0f;
  for (auto _ : state) {
    RunDivideSqrt(a.data(), b.data(), out.data(), 4096);
    benchmark::ClobberMemory();
  }
  ReportSecondsPer(state, "s/element", 4096);
}
BENCHMARK(BM_DivideSqrt);

// 16 KiB to 128 MiB: both caches of a core, the shared cache, memory.
void Sizes(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgName("KiB")->Arg(16)->Arg(256)->Arg(8192)->Arg(131072);
}

void BM_Read(benchmark::State& state) {
  const auto count = static_cast<std::size_t>(state.range(0)) * 256;
  const AlignedBuffer<float> values(count);
  for (auto _ : state) benchmark::DoNotOptimize(RunRead(values.data(), count));
  ReportBandwidth(state, static_cast<double>(count) * sizeof(float));
}
BENCHMARK(BM_Read)->Apply(Sizes);

// Counts what is read and what is written.
void BM_Copy(benchmark::State& state) {
  const auto bytes = static_cast<std::size_t>(state.range(0)) * 512;
  const AlignedBuffer<char> from(bytes);
  AlignedBuffer<char> to(bytes);
  for (auto _ : state) {
    std::memcpy(to.data(), from.data(), bytes);
    benchmark::ClobberMemory();
  }
  ReportBandwidth(state, 2.0 * static_cast<double>(bytes));
}
BENCHMARK(BM_Copy)->Apply(Sizes);

}  // namespace
}  // namespace microgpt
