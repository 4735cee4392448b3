// Metrics and samples of runs: what is read can be drawn.
#include <cstddef>
#include <cstdint>
#include <string>

#include "cli/page/html.h"
#include "cli/report/log_reader.h"
#include "cli/report/run_document.h"
#include "tests/fuzz/harness.h"
#include "tests/fuzz/memory_file.h"

namespace microgpt::fuzz {
namespace {

void CheckPage(cli::RunData run) {
  Require(run.loss.Points().size() <= cli::kMostPoints, "too many points");
  run.name = "run";
  const std::string page = cli::ToHtml(cli::ToDocument({run, run}));
  Require(page.ends_with("</html>\n"), "a page without an end");
  for (const char* bad : {"nan", "inf "}) {
    Require(page.find("=\"M" + std::string(bad)) == std::string::npos,
            "a path to nowhere");
  }
  Require(cli::ToHtml(cli::ToDocument({run})).ends_with("</html>\n"),
          "a page without an end");
}

}  // namespace
}  // namespace microgpt::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  using namespace microgpt;
  using namespace microgpt::fuzz;
  static MemoryFile file;
  file.Replace(AsText(data, size));
  const std::string path = file.path();
  cli::RunData run;
  const bool is_metrics = Accepts(path, [&] { run = cli::ReadMetrics(path); });
  // Nothing at all is a file of no samples.
  const bool is_samples =
      Accepts(path, [&] { run.samples = cli::ReadSamples(path); }) &&
      !run.samples.empty();
  if (!is_metrics && !is_samples) return 0;
  ++accepted_inputs;
  CheckPage(run);
  return 0;
}
