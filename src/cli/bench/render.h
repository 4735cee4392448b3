// A benchmark report for readers.
#ifndef MICROGPT_CLI_BENCH_RENDER_H_
#define MICROGPT_CLI_BENCH_RENDER_H_

#include <string>

#include "cli/bench/report.h"
#include "cli/page/document.h"

namespace microgpt::cli {

// For a terminal, in the style of llama-bench: | model | params | threads |
// test | t/s |, one row per point, with median and half of the interquartile
// range; then whether all digests are equal.
std::string ToTerminalTable(const RunReport& run);

// Everything that a report says.
Document ToDocument(const BenchReport& report);

// Markdown (GitHub's tables).
std::string ToMarkdown(const BenchReport& report);

std::string ToHtml(const BenchReport& report);

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_BENCH_RENDER_H_
