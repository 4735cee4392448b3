// Curves of runs.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "cli/report/run_document.h"

namespace microgpt::cli {
namespace {

constexpr double kMebibyte = 1 << 20;

// More are a curve.
constexpr std::size_t kMostMarkers = 25;

// Of the horizontal axis.
struct Scale {
  bool is_time = false;
  double unit = 1;
  std::string label = "step";
};

Scale TimeScale(const std::vector<RunData>& runs) {
  double last = 0;
  for (const RunData& run : runs) {
    for (const CurvePoint& point : run.loss.Points()) {
      last = std::max(last, point.time);
    }
  }
  constexpr double kMinute = 60;
  constexpr double kHour = 3600;
  if (last < 2 * kMinute) return {true, 1, "training time, seconds"};
  if (last < 2 * kHour) return {true, kMinute, "training time, minutes"};
  return {true, kHour, "training time, hours"};
}

PlotSeries Series(const std::string& label, std::size_t color,
                  SeriesStyle style, const std::vector<CurvePoint>& points,
                  const Scale& scale, double unit = 1) {
  PlotSeries series{label, static_cast<int>(color), style, {}, true};
  for (const CurvePoint& point : points) {
    series.points.push_back(
        {(scale.is_time ? point.time : point.step) / scale.unit,
         point.mean / unit, point.low / unit, point.high / unit});
  }
  return series;
}

// Only the means.
std::vector<CurvePoint> WithoutRange(std::vector<CurvePoint> points) {
  for (CurvePoint& point : points) point.low = point.high = point.mean;
  return points;
}

std::string NameOf(const std::vector<RunData>& runs, std::size_t i,
                   const std::string& alone) {
  return runs.size() == 1 ? alone : runs[i].name;
}

// The value that a part of them is below. REQUIRES: at least one.
double Quantile(std::vector<double> values, double part) {
  const auto index =
      static_cast<std::size_t>(part * static_cast<double>(values.size() - 1));
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(index);
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

// Covers all lines, but not the few steps that stand out of a faint line or a
// band: one of them would press everything else flat. A span of more than a
// decade is seen better on a logarithmic axis.
void CoverLines(LinePlot& plot) {
  constexpr double kMostLinear = 10;
  constexpr double kCutOff = 0.02;
  PlotRange range{HUGE_VAL, -HUGE_VAL};
  const auto add = [&](double low, double high) {
    range.low = std::min(range.low, low);
    range.high = std::max(range.high, high);
  };
  for (const PlotSeries& series : plot.series) {
    std::vector<double> lows;
    std::vector<double> highs;
    for (const PlotPoint& point : series.points) {
      lows.push_back(point.low);
      highs.push_back(point.high);
      if (series.style != SeriesStyle::kFaint) add(point.y, point.y);
    }
    if (lows.empty()) continue;
    add(Quantile(lows, kCutOff), Quantile(highs, 1 - kCutOff));
  }
  plot.y_range = range;
  plot.log_y = range.low > 0 && range.high > kMostLinear * range.low;
  if (plot.log_y) plot.y_label += " (logarithmic)";
}

PlotSeries Validation(const std::vector<RunData>& runs, std::size_t i,
                      const Scale& scale) {
  const bool one = runs.size() == 1;
  PlotSeries series = Series(one ? "validation" : runs[i].name + ", validation",
                             one ? 1 : i, SeriesStyle::kDashed,
                             WithoutRange(runs[i].validation.Points()), scale);
  series.is_curve = series.points.size() > kMostMarkers;
  return series;
}

std::string RawLabel(const Curve& loss) {
  return loss.width() == 1
             ? "every step"
             : fmt::format("mean and range of {} steps", loss.width());
}

Figure LossFigure(const std::vector<RunData>& runs, const Scale& scale) {
  LinePlot plot;
  plot.title = scale.is_time ? "Loss over time" : "Loss";
  plot.x_label = scale.label;
  plot.y_label = "nats per token";
  plot.from_zero = false;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const std::vector<CurvePoint> points = runs[i].loss.Points();
    if (runs.size() == 1 && !scale.is_time) {
      plot.series.push_back(Series(RawLabel(runs[i].loss), i,
                                   SeriesStyle::kFaint, points, scale));
    }
    plot.series.push_back(Series(NameOf(runs, i, "training, smoothed"), i,
                                 SeriesStyle::kSolid, Smoothed(points), scale));
    if (!runs[i].validation.empty()) {
      plot.series.push_back(Validation(runs, i, scale));
    }
  }
  CoverLines(plot);
  return {scale.is_time ? "Loss over training time" : "Loss over steps",
          std::move(plot)};
}

// One curve per run.
Figure PlainFigure(const std::vector<RunData>& runs, const std::string& caption,
                   const std::string& y_label, Curve RunData::*curve,
                   double unit = 1) {
  LinePlot plot;
  plot.title = caption;
  plot.x_label = "step";
  plot.y_label = y_label;
  const Scale steps;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const Curve& values = runs[i].*curve;
    if (values.empty()) continue;
    std::vector<CurvePoint> points = values.Points();
    if (runs.size() > 1) points = WithoutRange(std::move(points));
    plot.series.push_back(Series(NameOf(runs, i, caption), i,
                                 SeriesStyle::kSolid, points, steps, unit));
  }
  return {caption, std::move(plot)};
}

Figure NormFigure(const std::vector<RunData>& runs) {
  Figure figure = PlainFigure(runs, "Gradient norm, before clipping", "L2 norm",
                              &RunData::gradient_norm);
  auto& plot = std::get<LinePlot>(figure.plot);
  CoverLines(plot);
  if (!plot.log_y) plot.y_range->low = 0;
  return figure;
}

Figure RateFigure(const std::vector<RunData>& runs) {
  Figure figure =
      PlainFigure(runs, "Speed", "tokens/s", &RunData::tokens_per_second);
  for (PlotSeries& series : std::get<LinePlot>(figure.plot).series) {
    for (PlotPoint& point : series.points) point.low = point.high = point.y;
  }
  return figure;
}

Figure MemoryFigure(const std::vector<RunData>& runs) {
  Figure figure = PlainFigure(runs, "Memory", "resident, MiB",
                              &RunData::resident_bytes, kMebibyte);
  auto& plot = std::get<LinePlot>(figure.plot);
  const RunData& first = runs.front();
  if (runs.size() > 1 || first.memory_bytes <= 0 || plot.series.empty()) {
    return figure;
  }
  PlotSeries estimate{"estimate of what training allocates",
                      0,
                      SeriesStyle::kReference,
                      {},
                      true};
  const double bytes = first.memory_bytes / kMebibyte;
  for (const PlotPoint& end :
       {plot.series[0].points.front(), plot.series[0].points.back()}) {
    estimate.points.push_back({end.x, bytes, bytes, bytes});
  }
  plot.series[0].label = "resident";
  plot.series.push_back(std::move(estimate));
  return figure;
}

}  // namespace

void AddFigures(const std::vector<RunData>& runs, Document& document) {
  const auto any = [&](Curve RunData::*curve) {
    return std::any_of(runs.begin(), runs.end(), [&](const RunData& run) {
      return !(run.*curve).empty();
    });
  };
  if (!any(&RunData::loss)) return;
  document.blocks.push_back(Heading{2, "Curves"});
  document.blocks.push_back(
      Paragraph{"Training losses are smoothed: exponential means over 4% "
                "of the run. Runs of more than 1,000 steps are "
                "drawn as means of neighbouring steps, with their range. "
                "Of single steps, the lowest and highest 2% may lie beyond a "
                "plot."});
  Figures losses{{LossFigure(runs, {})}, true};
  if (any(&RunData::tokens_per_second)) {
    losses.figures.push_back(LossFigure(runs, TimeScale(runs)));
  }
  document.blocks.push_back(std::move(losses));
  Figures figures;
  if (any(&RunData::learning_rate)) {
    figures.figures.push_back(
        PlainFigure(runs, "Learning rate", "", &RunData::learning_rate));
  }
  if (any(&RunData::gradient_norm)) figures.figures.push_back(NormFigure(runs));
  if (any(&RunData::tokens_per_second)) {
    figures.figures.push_back(RateFigure(runs));
  }
  if (any(&RunData::resident_bytes)) {
    figures.figures.push_back(MemoryFigure(runs));
  }
  if (!figures.figures.empty()) document.blocks.push_back(std::move(figures));
  if (!any(&RunData::gradient_norm)) {
    document.blocks.push_back(
        Paragraph{"The norm of the gradient is measured only with --grad-clip; "
                  "a large one, 1000 for example, clips nothing."});
  }
}

}  // namespace microgpt::cli
