// Reports of Google Benchmark, and comparisons of two.
#include <optional>
#include <string>
#include <utility>

#include "cli/bench/sections.h"
#include "cli/page/format_number.h"

namespace microgpt::cli {
namespace {

std::string Known(const std::optional<double>& value) {
  return value ? FormatNumber(*value) : kNoNumber;
}

std::string Origin(const SuiteReport& suite) {
  std::string text;
  for (const std::string& part :
       {suite.date, suite.cpu, suite.simd, suite.compiler}) {
    if (part.empty()) continue;
    text += (text.empty() ? "" : " · ") + part;
  }
  return text;
}

Cell VerdictCell(Verdict verdict) {
  switch (verdict) {
    case Verdict::kFaster:
      return {"faster", Tone::kGood};
    case Verdict::kSlower:
      return {"slower", Tone::kBad};
    case Verdict::kNoise:
      break;
  }
  return {"noise", Tone::kMuted};
}

}  // namespace

void AddSuites(const BenchReport& report, Document& document) {
  if (report.suites.empty()) return;
  document.blocks.push_back(Heading{2, "Benchmark suites"});
  for (const SuiteReport& suite : report.suites) {
    const std::string origin = Origin(suite);
    if (!origin.empty()) document.blocks.push_back(Paragraph{origin});
    Table table{suite.label.empty() ? "Suite" : suite.label,
                {{"benchmark", false},
                 {"µs"},
                 {"GFLOP/s"},
                 {"of peak"},
                 {"GB/s"},
                 {"tokens/s"}},
                {}};
    for (const SuiteRow& row : suite.rows) {
      table.rows.push_back(
          {{row.name},
           {FormatMicroseconds(row.seconds)},
           {Known(row.gflops)},
           {row.of_peak ? FormatPercent(*row.of_peak) : kNoNumber},
           {Known(row.gigabytes_per_second)},
           {Known(row.tokens_per_second)}});
    }
    document.blocks.push_back(std::move(table));
  }
}

void AddComparisons(const BenchReport& report, Document& document) {
  if (report.comparisons.empty()) return;
  document.blocks.push_back(Heading{2, "Comparisons"});
  for (const ComparisonReport& comparison : report.comparisons) {
    std::string test = comparison.test;
    if (!test.empty()) test += test.ends_with('.') ? " " : ". ";
    document.blocks.push_back(
        Paragraph{test +
                  "Noise: the test does not tell the two apart, whatever the "
                  "ratio."});
    Table table{comparison.contender + " against " + comparison.baseline,
                {{"what", false},
                 {"baseline µs"},
                 {"contender µs"},
                 {"speedup"},
                 {"p"},
                 {"verdict", false}},
                {}};
    for (const ComparisonRow& row : comparison.rows) {
      table.rows.push_back({{row.what},
                            {FormatMicroseconds(row.baseline_seconds)},
                            {FormatMicroseconds(row.contender_seconds)},
                            {FormatRatio(row.speedup)},
                            {FormatNumber(row.p_value, 2)},
                            VerdictCell(row.verdict)});
    }
    document.blocks.push_back(std::move(table));
  }
}

}  // namespace microgpt::cli
