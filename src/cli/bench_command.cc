#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "cli/advice.h"
#include "cli/bench/measurement.h"
#include "cli/bench/plan.h"
#include "cli/bench/render.h"
#include "cli/bench/report.h"
#include "cli/bench/report_folder.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/input.h"
#include "cli/interrupt.h"
#include "cli/terminal.h"
#include "cli/writer.h"
#include "microgpt/benchmark.h"
#include "microgpt/error.h"

namespace microgpt::cli {
namespace {

void Print(const BenchReport& report) {
  Writer out(STDOUT_FILENO, "standard output");
  for (const RunReport& run : report.runs) out.Append(ToTerminalTable(run));
  out.Flush();
}

bool AllDigestsEqual(const RunReport& run) {
  return std::all_of(
      run.models.begin(), run.models.end(),
      [](const ModelReport& model) { return model.digests_equal; });
}

int MeasureAndReport(const Options& options) {
  std::vector<BenchmarkOptions> plans = PlanBenchmark(options);
  {
    // Whatever is wrong with the input or the memory comes first.
    BenchmarkOptions first = plans.front();
    const Corpus corpus = LoadCorpusFor(options, first);
    CheckBenchmarkMemory(first);
    AdviseOnTruncation(corpus, first.config, options.quiet);
  }
  WarnAboutThreads(plans.front().threads.back());
  const std::string& folder = options.bench.report;

  BenchReport report;
  try {
    const GracefulStop graceful;
    if (!folder.empty()) PrepareReportFolder(folder);
    report.runs.push_back(MeasureRun(options, std::move(plans)));
  } catch (const Interrupted& interrupted) {
    PrintNote(fmt::format("stopped by signal {}; nothing was reported",
                          interrupted.signal));
    return kExitSignalBase + interrupted.signal;
  }
  if (!folder.empty()) WriteReportFolder(folder, report);
  Print(report);
  if (!AllDigestsEqual(report.runs.front())) {
    throw Error(ErrorKind::kNumeric,
                "digests differ between numbers of threads: this build or this "
                "machine computes wrong results; please report it");
  }
  return kExitOk;
}

}  // namespace

int RunBench(const Options& options) {
  if (options.bench.from.empty()) return MeasureAndReport(options);
  const BenchReport report = ReadReport(options.bench.from);
  PrepareReportFolder(options.bench.report);
  WriteReportFolder(options.bench.report, report);
  Print(report);
  return kExitOk;
}

}  // namespace microgpt::cli
