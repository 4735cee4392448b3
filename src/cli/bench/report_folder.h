// The files of a benchmark report.
#ifndef MICROGPT_CLI_BENCH_REPORT_FOLDER_H_
#define MICROGPT_CLI_BENCH_REPORT_FOLDER_H_

#include <string>

#include "cli/bench/report.h"

namespace microgpt::cli {

// Makes the folder if it is missing, and makes sure that files can be written
// there, before much time is spent. Throws Error(kIo).
void PrepareReportFolder(const std::string& folder);

// Writes report.json, report.md and report.html. Each replaces an older one
// when it is complete. Throws Error(kIo).
void WriteReportFolder(const std::string& folder, const BenchReport& report);

// Throws Error(kInput) as ParseReport, or if there is no such file.
BenchReport ReadReport(const std::string& path);

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_BENCH_REPORT_FOLDER_H_
