// Measures what was planned.
#ifndef MICROGPT_CLI_BENCH_MEASUREMENT_H_
#define MICROGPT_CLI_BENCH_MEASUREMENT_H_

#include <vector>

#include "cli/bench/report.h"
#include "cli/options.h"
#include "microgpt/benchmark.h"
#include "microgpt/corpus.h"

namespace microgpt::cli {

// Ends a measurement: there is nothing to report.
struct Interrupted {
  int signal;
};

// The input, cut for the model of the plan, which learns how many tokens it
// has.
Corpus LoadCorpusFor(const Options& options, BenchmarkOptions& plan);

// Throws Error(kResources) if the trainers do not fit into memory together.
// REQUIRES: LoadCorpusFor(options, plan) has been called.
void CheckBenchmarkMemory(const BenchmarkOptions& plan);

// Shows on a terminal how far it is. Leaves out what does not fit into memory,
// but for the first model. Throws Interrupted after a signal.
RunReport MeasureRun(const Options& options,
                     std::vector<BenchmarkOptions> plans);

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_BENCH_MEASUREMENT_H_
