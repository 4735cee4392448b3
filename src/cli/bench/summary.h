// What readers want to know first about a report.
#ifndef MICROGPT_CLI_BENCH_SUMMARY_H_
#define MICROGPT_CLI_BENCH_SUMMARY_H_

#include <cstddef>
#include <span>
#include <string>

#include "cli/bench/report.h"

namespace microgpt::cli {

// "16/1/4/8": n_embd, layers, heads, block.
std::string ModelName(const ModelReport& model);

// Its label, or "run 2" where it has none.
std::string RunName(const BenchReport& report, std::size_t index);

// "1 thread", "2 threads".
std::string CountOf(int count, const std::string& noun);

enum class DigestState { kNone, kIdentical, kDifferent };

// Looks at the digests too, not only at what the report says about them.
DigestState DigestsOf(const ModelReport& model);

// "identical for threads 1, 2, 4" or "DIFFERENT: 0123 for threads 1, 2; ...".
std::string DigestSentence(const ModelReport& model);

// A point, and where it comes from.
struct BestPoint {
  const RunReport* run = nullptr;  // null: the report has no points
  const ModelReport* model = nullptr;
  const PointReport* point = nullptr;
};

// Of all strong points: the fastest, and among those with the most threads the
// one with the greatest speedup.
BestPoint FastestPoint(std::span<const RunReport> runs);
BestPoint BestSpeedup(std::span<const RunReport> runs);

// Of all models of all runs; different wins over identical over none.
DigestState DigestsOf(const BenchReport& report);

// Two sentences.
std::string SummaryText(const BenchReport& report);

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_BENCH_SUMMARY_H_
