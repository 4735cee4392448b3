#include "cli/bench_flags.h"

#include <fmt/format.h>

#include <string>
#include <vector>

#include "cli/bench/plan.h"
#include "cli/common_flags.h"
#include "cli/parse_number.h"
#include "cli/presets.h"
#include "microgpt/benchmark.h"
#include "microgpt/error.h"

namespace microgpt::cli {
namespace {

constexpr int kBenchBatch = 64;

void AddThreadCountsFlag(FlagTable& flags, BenchFlags& bench) {
  Flag& flag =
      flags.Add("--threads,-t", "N,N,...", "numbers of threads to compare",
                [&bench](const std::string& origin, const std::string& text) {
                  bench.threads = ParseThreadCounts(origin, text);
                });
  flag.kind = ValueKind::kList;
  flag.Default("1, 2, 4, ... and all cores")
      .Range(fmt::format("1 to {}", kMaxThreads))
      .Example("1,2,4");
}

void AddRepetitionSecondsFlag(FlagTable& flags, BenchFlags& bench) {
  Flag& flag = flags.Add(
      "--repetition-seconds", "X", "least length of a block",
      [&bench](const std::string& origin, const std::string& text) {
        const double seconds = ParseReal(origin, text);
        if (!(seconds > 0) || seconds > kMaxRepetitionSeconds) {
          throw Error(
              ErrorKind::kUsage,
              fmt::format("{}: '{}' must be above 0 and at most {:.0f} seconds",
                          origin, QuoteText(text), kMaxRepetitionSeconds));
        }
        bench.repetition_seconds = seconds;
      });
  flag.kind = ValueKind::kReal;
  flag.Default(fmt::format("{}", bench.repetition_seconds))
      .Unit("seconds")
      .Range(fmt::format("above 0, to {:.0f}", kMaxRepetitionSeconds));
}

// What is measured, and how often.
void AddProtocolFlags(FlagTable& flags, Options& options) {
  flags.Group("Benchmark");
  AddThreadCountsFlag(flags, options.bench);
  AddSimdFlag(flags, options);
  flags.Integer("--repetitions", "blocks of steps per number of threads",
                options.bench.repetitions, 1, kMaxRepetitions);
  AddRepetitionSecondsFlag(flags, options.bench);
}

void AddReportFlags(FlagTable& flags, BenchFlags& bench) {
  flags.Group("Report");
  flags
      .Text("--report", "DIR",
            "write report.json, report.md and report.html there", bench.report)
      .Path(PathKind::kFolder)
      .Example("speed");
  flags.Text("--label", "TEXT", "name of this run in the report", bench.label)
      .Default("the CPU");
  flags
      .Text("--from", "FILE", "measure nothing, draw this report.json again",
            bench.from)
      .Path(PathKind::kFile)
      .Example("speed/report.json");
}

}  // namespace

void AddBenchFlags(FlagTable& flags, Options& options) {
  options.train.batch_size = kBenchBatch;
  AddProtocolFlags(flags, options);
  AddReportFlags(flags, options.bench);
  AddDataFlags(flags, options);
  AddModelFlags(flags, options);
  flags.Group("Training");
  AddBatchFlags(flags, options);
  AddGradClipFlag(flags, options);
  AddSeedFlag(flags, "document order and weights", options);
  flags.Group("Output");
  flags.Switch("--quiet", "no notes on stderr", options.quiet);
  AddColorFlag(flags, options);
  std::vector<std::string> presets = PresetNames();
  presets.emplace_back(kSweepPreset);
  AddPresetFlag(flags,
                "values that flags may change one by one; sweep: seven models "
                "of --n-embd 16 to 768 (minutes)",
                presets, options);
}

}  // namespace microgpt::cli
