// Parts of the document of a report, each appended where it has something to
// say.
#ifndef MICROGPT_CLI_BENCH_SECTIONS_H_
#define MICROGPT_CLI_BENCH_SECTIONS_H_

#include <cstddef>
#include <vector>

#include "cli/bench/report.h"
#include "cli/page/document.h"

namespace microgpt::cli {

// One model of one run.
struct Member {
  std::size_t run = 0;  // index in BenchReport::runs
  const ModelReport* model = nullptr;
};

// The same workload in all runs that have it.
using ModelGroup = std::vector<Member>;

// Machine, build, protocol, calibration.
void AddSetup(const BenchReport& report, Document& document);

void AddModel(const BenchReport& report, const ModelGroup& group,
              Document& document);
void AddModelFigures(const BenchReport& report, const ModelGroup& group,
                     Document& document);

// Models against each other, by size.
void AddSizes(const BenchReport& report, Document& document);

void AddKernels(const BenchReport& report, Document& document);
void AddSuites(const BenchReport& report, Document& document);
void AddComparisons(const BenchReport& report, Document& document);

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_BENCH_SECTIONS_H_
