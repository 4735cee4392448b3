// Models of different sizes against each other.
#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "cli/bench/sections.h"
#include "cli/bench/summary.h"
#include "cli/page/format_number.h"

namespace microgpt::cli {
namespace {

// All thread counts of its strong points.
std::set<int> ThreadCounts(const RunReport& run) {
  std::set<int> counts;
  for (const ModelReport& model : run.models) {
    for (const PointReport& point : model.strong) counts.insert(point.threads);
  }
  return counts;
}

const PointReport* FindPoint(const ModelReport& model, int threads) {
  const auto at =
      std::find_if(model.strong.begin(), model.strong.end(),
                   [&](const PointReport& x) { return x.threads == threads; });
  return at == model.strong.end() ? nullptr : &*at;
}

std::vector<const ModelReport*> BySize(const RunReport& run) {
  std::vector<const ModelReport*> models;
  for (const ModelReport& model : run.models) models.push_back(&model);
  std::stable_sort(models.begin(), models.end(),
                   [](const ModelReport* a, const ModelReport* b) {
                     return a->num_params < b->num_params;
                   });
  return models;
}

PlotSeries SizeSeries(const RunReport& run, int threads,
                      const std::string& label, int color) {
  PlotSeries series{label, color, SeriesStyle::kSolid, {}};
  for (const ModelReport* model : BySize(run)) {
    const PointReport* point = FindPoint(*model, threads);
    if (point == nullptr) continue;
    const SpreadReport& step = point->step_seconds;
    series.points.push_back({static_cast<double>(model->num_params),
                             step.median * 1e6, step.first_quartile * 1e6,
                             step.third_quartile * 1e6});
  }
  return series;
}

Table SizeTable(const RunReport& run, const std::string& caption) {
  Table table{caption, {{"model", false}, {"params"}, {"batch"}}, {}};
  const std::set<int> counts = ThreadCounts(run);
  for (const int threads : counts) {
    table.columns.push_back({CountOf(threads, "thread")});
  }
  for (const ModelReport* model : BySize(run)) {
    std::vector<Cell> row = {
        {ModelName(*model)},
        {FormatCount(model->num_params)},
        {model->strong.empty()
             ? kNoNumber
             : fmt::format("{}", model->strong.front().batch_size)}};
    for (const int threads : counts) {
      const PointReport* point = FindPoint(*model, threads);
      row.push_back({point == nullptr
                         ? kNoNumber
                         : FormatMicroseconds(point->step_seconds.median)});
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

}  // namespace

// Of one run a line for each thread count; of several runs, one line each.
void AddSizes(const BenchReport& report, Document& document) {
  LinePlot plot;
  plot.title = "Time of a step against model size";
  plot.x_label = "parameters";
  plot.y_label = "µs per step";
  plot.log_x = true;
  plot.log_y = true;
  std::vector<Table> tables;
  const bool several = report.runs.size() > 1;
  for (std::size_t i = 0; i < report.runs.size(); ++i) {
    const RunReport& run = report.runs[i];
    const std::set<int> counts = ThreadCounts(run);
    if (run.models.size() < 2 || counts.empty()) continue;
    const std::string name = RunName(report, i);
    tables.push_back(SizeTable(
        run, "µs per step by model size" + (several ? ", " + name : "")));
    if (several) {
      const int most = *counts.rbegin();
      plot.series.push_back(SizeSeries(run, most,
                                       name + ", " + CountOf(most, "thread"),
                                       static_cast<int>(i)));
      continue;
    }
    for (const int threads : counts) {
      const auto color = static_cast<int>(plot.series.size());
      plot.series.push_back(
          SizeSeries(run, threads, CountOf(threads, "thread"), color));
    }
  }
  if (tables.empty()) return;
  document.blocks.push_back(Heading{2, "Model sizes"});
  document.blocks.push_back(
      Figures{{{"Time of a step against model size (logarithmic)", plot}}});
  for (Table& table : tables) document.blocks.push_back(std::move(table));
}

}  // namespace microgpt::cli
