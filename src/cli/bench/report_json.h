// report.json.
#ifndef MICROGPT_CLI_BENCH_REPORT_JSON_H_
#define MICROGPT_CLI_BENCH_REPORT_JSON_H_

#include <string>

#include "cli/bench/report.h"

namespace microgpt::cli {

// An object with "format" and the members of BenchReport; every struct is an
// object whose keys are its fields, an empty optional is null, a verdict
// "faster", "slower" or "noise". Reads back exactly. UTF-8; ends with a line
// end. Throws Error(kNumeric) for a number that is not finite.
std::string ToJson(const BenchReport& report);

// Throws Error(kInput) with `name`, the place and the reason, for anything that
// ToJson would not write: other formats, unknown or missing or repeated keys,
// other types, numbers that are not finite, nesting without end.
BenchReport ParseReport(const std::string& text, const std::string& name);

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_BENCH_REPORT_JSON_H_
