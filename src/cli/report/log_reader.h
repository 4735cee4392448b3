// Logs of runs, read for pages.
#ifndef MICROGPT_CLI_REPORT_LOG_READER_H_
#define MICROGPT_CLI_REPORT_LOG_READER_H_

#include <string>

#include "cli/report/run_data.h"

namespace microgpt::cli {

// A metrics file. Memory does not grow with its length. Half a line at its end
// is not read; keys that are not known are skipped; all but "step" and "loss"
// may be missing. Steps may be missing, but must increase.
// Throws Error(kInput), naming file and line, for anything that is no metrics
// file of ours: no configuration in the first line, other types, numbers
// outside of their range or beyond 1e150. Error(kIo) if reading fails.
RunData ReadMetrics(const std::string& path);

// A file of samples: at most a dozen of its lines, evenly spaced, and the last.
// Throws as ReadMetrics.
std::vector<SampleSet> ReadSamples(const std::string& path);

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_REPORT_LOG_READER_H_
