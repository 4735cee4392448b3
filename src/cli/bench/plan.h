// What a benchmark is to measure.
#ifndef MICROGPT_CLI_BENCH_PLAN_H_
#define MICROGPT_CLI_BENCH_PLAN_H_

#include <string>
#include <vector>

#include "cli/options.h"
#include "microgpt/benchmark.h"

namespace microgpt::cli {

// "1,2,4" in increasing order. Throws Error(kUsage), naming the flag.
std::vector<int> ParseThreadCounts(const std::string& flag,
                                   const std::string& text);

// 1, 2, 4, ... below `most`, and `most`.
std::vector<int> DefaultThreadCounts(int most);

// One for each model, complete but for the size of the vocabulary.
std::vector<BenchmarkOptions> PlanBenchmark(const Options& options);

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_BENCH_PLAN_H_
