// report.html of training runs.
#ifndef MICROGPT_CLI_REPORT_RUN_PAGE_H_
#define MICROGPT_CLI_REPORT_RUN_PAGE_H_

#include <string>
#include <vector>

namespace microgpt::cli {

// The page of one output folder, in it. Throws as DrawRunsPage.
void DrawRunPage(const std::string& folder);

// A page of all `runs`, output folders or metrics files. Replaces an older page
// of runs when it is complete.
// Throws Error(kUsage) if another file is there, Error(kInput) as ReadMetrics,
// Error(kIo).
void DrawRunsPage(const std::vector<std::string>& runs,
                  const std::string& output);

// Throws Error(kUsage) if there is something at `path` that is no page of runs.
void RefuseForeignPage(const std::string& path);

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_REPORT_RUN_PAGE_H_
