// Plots of one model on all machines that ran it.
#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "cli/bench/phases.h"
#include "cli/bench/sections.h"
#include "cli/bench/summary.h"

namespace microgpt::cli {
namespace {

std::vector<double> ThreadTicks(const ModelGroup& group) {
  std::set<double> counts;
  for (const Member& member : group) {
    for (const PointReport& point : member.model->strong) {
      counts.insert(point.threads);
    }
    for (const PointReport& point : member.model->weak) {
      counts.insert(point.threads);
    }
  }
  return {counts.begin(), counts.end()};
}

LinePlot ThreadPlot(const ModelGroup& group, const std::string& title,
                    const std::string& y_label) {
  LinePlot plot;
  plot.title = title + ", model " + ModelName(*group.front().model);
  plot.x_label = "threads";
  plot.y_label = y_label;
  plot.x_ticks = ThreadTicks(group);
  // Beyond, the small counts of a linear axis fall on each other.
  constexpr double kMostLinear = 16;
  if (!plot.x_ticks.empty() &&
      plot.x_ticks.back() > kMostLinear * plot.x_ticks.front()) {
    plot.log_x = true;
    plot.x_label = "threads (logarithmic)";
  }
  return plot;
}

std::string NameOf(const BenchReport& report, const Member& member) {
  return report.runs.size() > 1 ? RunName(report, member.run) : "measured";
}

// y = first.y x threads / first.threads.
PlotSeries Ideal(const std::vector<PointReport>& points, double first_value,
                 int color, const std::string& label) {
  PlotSeries ideal{label, color, SeriesStyle::kIdeal, {}};
  const double first = points.front().threads;
  for (const PointReport& point : points) {
    const double value = first_value * point.threads / first;
    ideal.points.push_back(
        {static_cast<double>(point.threads), value, value, value});
  }
  return ideal;
}

PlotSeries TorchSeries(const std::vector<TorchReport>& torch) {
  PlotSeries series{"PyTorch", 3, SeriesStyle::kReference, {}};
  std::set<int> seen;  // other settings of the same count are in the table
  for (const TorchReport& point : torch) {
    if (!seen.insert(point.threads).second) continue;
    const double rate = point.tokens_per_second;
    series.points.push_back(
        {static_cast<double>(point.threads), rate, rate, rate});
  }
  std::sort(series.points.begin(), series.points.end(),
            [](const PlotPoint& a, const PlotPoint& b) { return a.x < b.x; });
  return series;
}

LinePlot RatePlot(const BenchReport& report, const ModelGroup& group) {
  LinePlot plot = ThreadPlot(group, "Tokens per second", "tokens/s");
  plot.log_y = plot.log_x;
  bool labelled = false;
  for (std::size_t i = 0; i < group.size(); ++i) {
    const std::vector<PointReport>& points = group[i].model->strong;
    if (points.empty()) continue;
    const auto color = static_cast<int>(i);
    plot.series.push_back(Ideal(points, points.front().tokens_per_second.median,
                                color, labelled ? "" : "ideal"));
    labelled = true;
    PlotSeries series{NameOf(report, group[i]), color, SeriesStyle::kSolid, {}};
    for (const PointReport& point : points) {
      const SpreadReport& rate = point.tokens_per_second;
      series.points.push_back({static_cast<double>(point.threads), rate.median,
                               rate.first_quartile, rate.third_quartile});
    }
    plot.series.push_back(std::move(series));
  }
  if (group.size() == 1 && !group.front().model->torch.empty()) {
    plot.series.push_back(TorchSeries(group.front().model->torch));
  }
  return plot;
}

LinePlot SpeedupPlot(const BenchReport& report, const ModelGroup& group) {
  LinePlot plot = ThreadPlot(group, "Speedup", "times the first thread count");
  plot.log_y = plot.log_x;
  bool labelled = false;
  for (std::size_t i = 0; i < group.size(); ++i) {
    const std::vector<PointReport>& points = group[i].model->strong;
    if (points.empty()) continue;
    const auto color = static_cast<int>(i);
    if (!labelled) {
      plot.series.push_back(Ideal(points, 1, 0, "ideal"));
      labelled = true;
    }
    const double first = points.front().tokens_per_second.median;
    PlotSeries series{NameOf(report, group[i]), color, SeriesStyle::kSolid, {}};
    for (const PointReport& point : points) {
      const SpreadReport& rate = point.tokens_per_second;
      const bool has_bar = first > 0;
      series.points.push_back(
          {static_cast<double>(point.threads), point.speedup,
           has_bar ? rate.first_quartile / first : point.speedup,
           has_bar ? rate.third_quartile / first : point.speedup});
    }
    plot.series.push_back(std::move(series));
  }
  return plot;
}

PlotSeries EfficiencySeries(const std::vector<PointReport>& points,
                            const std::string& label, int color,
                            SeriesStyle style) {
  PlotSeries series{label, color, style, {}};
  for (const PointReport& point : points) {
    const double percent = point.efficiency * 100;
    series.points.push_back(
        {static_cast<double>(point.threads), percent, percent, percent});
  }
  return series;
}

LinePlot EfficiencyPlot(const BenchReport& report, const ModelGroup& group) {
  LinePlot plot = ThreadPlot(group, "Efficiency", "speedup per thread");
  plot.y_unit = "%";
  const bool several = report.runs.size() > 1;
  for (std::size_t i = 0; i < group.size(); ++i) {
    const ModelReport& model = *group[i].model;
    // A single run has colors left to tell strong from weak.
    const auto color = static_cast<int>(i);
    const std::string prefix =
        several ? RunName(report, group[i].run) + ", " : "";
    if (!model.strong.empty()) {
      plot.series.push_back(EfficiencySeries(model.strong, prefix + "strong",
                                             color, SeriesStyle::kSolid));
    }
    if (!model.weak.empty()) {
      plot.series.push_back(EfficiencySeries(model.weak, prefix + "weak",
                                             several ? color : color + 1,
                                             SeriesStyle::kDashed));
    }
  }
  return plot;
}

BarPlot PhasePlot(const std::string& name, const ModelReport& model) {
  BarPlot plot;
  plot.title = "Phases of a step, " + name;
  plot.x_label = "threads";
  plot.y_label = "µs per step, mean of the threads";
  for (const PhaseColumn& phase : kPhaseColumns) {
    plot.part_names.push_back(phase.name);
  }
  for (const PointReport& point : model.strong) {
    if (point.phases.empty()) continue;
    const PhaseReport mean = MeanPhases(point.phases);
    Bar bar{fmt::format("{}", point.threads), {}};
    for (const PhaseColumn& phase : kPhaseColumns) {
      bar.parts.push_back(mean.*phase.field * 1e6);
    }
    plot.bars.push_back(std::move(bar));
  }
  return plot;
}

}  // namespace

void AddModelFigures(const BenchReport& report, const ModelGroup& group,
                     Document& document) {
  if (ThreadTicks(group).empty()) return;
  Figures figures;
  LinePlot rate = RatePlot(report, group);
  if (!rate.series.empty()) {
    figures.figures.push_back(
        {"Tokens per second, strong scaling; bars: quartiles",
         std::move(rate)});
    figures.figures.push_back(
        {"Speedup, strong scaling", SpeedupPlot(report, group)});
  }
  figures.figures.push_back({"Efficiency", EfficiencyPlot(report, group)});
  for (const Member& member : group) {
    const std::string suffix =
        report.runs.size() > 1 ? ", " + RunName(report, member.run) : "";
    BarPlot phases =
        PhasePlot("model " + ModelName(*member.model) + suffix, *member.model);
    if (phases.bars.empty()) continue;
    figures.figures.push_back({"Phases of a step" + suffix, std::move(phases)});
  }
  document.blocks.push_back(std::move(figures));
}

}  // namespace microgpt::cli
