#include <unistd.h>

#include <filesystem>
#include <string>
#include <system_error>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/page/text_escape.h"
#include "cli/report/run_page.h"
#include "cli/run_folder.h"
#include "cli/writer.h"

namespace microgpt::cli {
namespace {

// In the folder of the only run, else here.
std::string OutputPath(const Options& options) {
  const ReportFlags& flags = options.report;
  if (!flags.output.empty()) return flags.output;
  std::error_code ignored;
  const bool one_folder =
      flags.runs.size() == 1 &&
      std::filesystem::is_directory(flags.runs.front(), ignored);
  return one_folder ? InFolder(flags.runs.front(), kPageName) : kPageName;
}

}  // namespace

int RunReportPage(const Options& options) {
  const std::string output = OutputPath(options);
  DrawRunsPage(options.report.runs, output);
  Writer out(STDOUT_FILENO, "standard output");
  out.Append("report: " + CleanText(output) + "\n");
  out.Flush();
  return kExitOk;
}

}  // namespace microgpt::cli
