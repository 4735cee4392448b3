// A benchmark report with everything in it, as from two real machines.
#ifndef TESTS_CLI_BENCH_REPORT_SAMPLE_H_
#define TESTS_CLI_BENCH_REPORT_SAMPLE_H_

#include "cli/bench/report.h"

namespace microgpt::cli {

// One run on 16 cores: three models, one of them with PyTorch.
RunReport SampleRun();

// That run, another one on 4 cores, a suite and a comparison.
BenchReport SampleReport();

}  // namespace microgpt::cli

#endif  // TESTS_CLI_BENCH_REPORT_SAMPLE_H_
