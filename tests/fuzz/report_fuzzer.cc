// report.json of a benchmark: what is read can be written, read again and
// drawn.
#include <cstddef>
#include <cstdint>
#include <string>

#include "cli/bench/render.h"
#include "cli/bench/report_json.h"
#include "tests/fuzz/harness.h"

namespace microgpt::fuzz {
namespace {

void CheckReport(const cli::BenchReport& report) {
  const std::string text = cli::ToJson(report);
  Require(cli::ToJson(cli::ParseReport(text, "again")) == text,
          "reads back differently");
  for (const cli::RunReport& run : report.runs) cli::ToTerminalTable(run);
  Require(!cli::ToMarkdown(report).empty(), "no Markdown");
  Require(cli::ToHtml(report).ends_with("</html>\n"), "a page without an end");
}

}  // namespace
}  // namespace microgpt::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  using namespace microgpt;
  using namespace microgpt::fuzz;
  cli::BenchReport report;
  const std::string text(AsText(data, size));
  if (!Accepts("a.json", [&] { report = cli::ParseReport(text, "a.json"); })) {
    return 0;
  }
  ++accepted_inputs;
  CheckReport(report);
  return 0;
}
