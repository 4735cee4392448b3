// What was measured, as a report.
#ifndef MICROGPT_CLI_BENCH_SUMMARIZE_H_
#define MICROGPT_CLI_BENCH_SUMMARIZE_H_

#include <string>
#include <vector>

#include "cli/bench/report.h"
#include "microgpt/benchmark.h"

namespace microgpt::cli {

// Quartiles lie between values where they must (linear, the default of R and
// NumPy). REQUIRES: values is not empty.
SpreadReport SpreadOf(std::vector<double> values);

// Least squares of the relative errors, neither part below zero; nothing for
// fewer than two points.
std::optional<AmdahlReport> FitAmdahl(const std::vector<PointReport>& points);

// data: what the model was trained on, for readers.
ModelReport Summarize(const TrainingBenchmark& measured,
                      const std::vector<MachineRate>& machine,
                      const std::string& data);

std::vector<CalibrationReport> Summarize(const std::vector<MachineRate>& rates);
std::vector<KernelReport> Summarize(const std::vector<KernelRate>& rates,
                                    double peak_gflops);

// This machine and this build, now.
MachineReport DescribeMachine();
BuildReport DescribeBuild();
std::string UtcNow();  // "2026-11-25T17:00:00Z"

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_BENCH_SUMMARIZE_H_
