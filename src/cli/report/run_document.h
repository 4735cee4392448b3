// Runs as a document.
#ifndef MICROGPT_CLI_REPORT_RUN_DOCUMENT_H_
#define MICROGPT_CLI_REPORT_RUN_DOCUMENT_H_

#include <string>
#include <vector>

#include "cli/page/document.h"
#include "cli/report/run_data.h"

namespace microgpt::cli {

// The generator of its page.
inline constexpr const char* kRunGenerator = "microgpt report";

// All that is known of the runs, overlaid where there are several.
// REQUIRES: at least one run.
Document ToDocument(const std::vector<RunData>& runs);

// "12.3 s", or as FormatDuration from a minute on.
std::string FormatTime(double seconds);

// Parts of it, appended where they have something to say.
void AddFigures(const std::vector<RunData>& runs, Document& document);
void AddSummary(const std::vector<RunData>& runs, Document& document);
void AddConfigurations(const std::vector<RunData>& runs, Document& document);
void AddSamples(const std::vector<RunData>& runs, Document& document);

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_REPORT_RUN_DOCUMENT_H_
