#include "cli/report/run_document.h"

#include <fmt/format.h>

#include <string>

#include "cli/page/format_number.h"
#include "cli/progress_line.h"

namespace microgpt::cli {
namespace {

std::string Find(const std::vector<NamedValue>& values, const char* name) {
  for (const NamedValue& value : values) {
    if (value.name == name) return value.value;
  }
  return "";
}

std::string Subtitle(const std::vector<RunData>& runs) {
  if (runs.size() > 1) return fmt::format("{} runs", runs.size());
  const RunData& run = runs.front();
  std::string text;
  for (const std::string& part :
       {Find(run.config, "num_params").empty()
            ? ""
            : Find(run.config, "num_params") + " parameters",
        Find(run.host, "cpu"),
        run.version.empty() ? "" : "microgpt " + run.version}) {
    if (part.empty()) continue;
    text += (text.empty() ? "" : " · ") + part;
  }
  return text;
}

void AddTiles(const RunData& run, Document& document) {
  if (run.steps == 0) {
    document.blocks.emplace_back(Paragraph{"No step has been logged yet."});
    return;
  }
  Tiles tiles;
  tiles.tiles.push_back({FormatNumber(run.recent_loss),
                         "training loss, mean of the last 50 steps"});
  if (run.best_validation) {
    tiles.tiles.push_back({FormatNumber(run.best_validation->loss),
                           "best validation loss, at step " +
                               FormatCount(static_cast<std::uint64_t>(
                                   run.best_validation->step))});
  }
  tiles.tiles.push_back({FormatNumber(run.rate()), "tokens/s on average"});
  tiles.tiles.push_back({FormatTime(run.training_seconds), "training time"});
  document.blocks.emplace_back(std::move(tiles));
}

}  // namespace

std::string FormatTime(double seconds) {
  constexpr double kMinute = 60;
  return seconds < kMinute ? FormatNumber(seconds, 3) + " s"
                           : FormatDuration(seconds);
}

Document ToDocument(const std::vector<RunData>& runs) {
  const bool one = runs.size() == 1;
  Document document{kRunGenerator,
                    one ? "Run " + runs.front().name : "Comparison of runs",
                    Subtitle(runs),
                    {}};
  if (one) AddTiles(runs.front(), document);
  AddSummary(runs, document);
  AddFigures(runs, document);
  AddSamples(runs, document);
  AddConfigurations(runs, document);
  return document;
}

}  // namespace microgpt::cli
