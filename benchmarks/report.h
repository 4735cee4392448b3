// Counters that several benchmarks share.
#ifndef MICROGPT_BENCHMARKS_REPORT_H_
#define MICROGPT_BENCHMARKS_REPORT_H_

#include <benchmark/benchmark.h>

#include "microgpt/benchmark.h"

namespace microgpt {

// What one core can do; measured once per process.
inline double PeakGflops() {
  static const double peak = MeasureMachine({1}).front().peak_gflops;
  return peak;
}

// GFLOP/s, and as a fraction of what `threads` cores could do; flops of one
// iteration.
inline void ReportFlops(benchmark::State& state, double flops,
                        double threads = 1) {
  const auto rate = benchmark::Counter::kIsIterationInvariantRate;
  state.counters["GFLOP/s"] = benchmark::Counter(flops * 1e-9, rate);
  state.counters["of_peak"] =
      benchmark::Counter(flops * 1e-9 / (PeakGflops() * threads), rate);
}

// Seconds per item; items of one iteration.
inline void ReportSecondsPer(benchmark::State& state, const char* item,
                             double items) {
  state.counters[item] =
      benchmark::Counter(items, benchmark::Counter::kIsIterationInvariantRate |
                                    benchmark::Counter::kInvert);
}

// GB/s; bytes of one iteration.
inline void ReportBandwidth(benchmark::State& state, double bytes) {
  state.counters["GB/s"] = benchmark::Counter(
      bytes * 1e-9, benchmark::Counter::kIsIterationInvariantRate);
}

}  // namespace microgpt

#endif  // MICROGPT_BENCHMARKS_REPORT_H_
