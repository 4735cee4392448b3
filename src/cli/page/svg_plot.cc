#include "cli/page/svg_plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "cli/page/format_number.h"
#include "cli/page/svg_axis.h"
#include "cli/page/svg_frame.h"
#include "cli/page/text_escape.h"

namespace microgpt::cli {
namespace {

constexpr int kColors = 6;
constexpr int kMostTicks = 6;

struct Range {
  double low = 0;
  double high = 0;
  bool empty = true;

  void Add(double value) {
    low = empty ? value : std::min(low, value);
    high = empty ? value : std::max(high, value);
    empty = false;
  }
};

bool IsShown(const LinePlot& plot, const PlotPoint& point) {
  return CanPlot(point.x, plot.log_x) && CanPlot(point.y, plot.log_y);
}

bool HasBar(const LinePlot& plot, const PlotPoint& point) {
  return point.low < point.high && CanPlot(point.low, plot.log_y) &&
         CanPlot(point.high, plot.log_y);
}

const char* StyleClass(SeriesStyle style) {
  switch (style) {
    case SeriesStyle::kIdeal:
      return " ideal";
    case SeriesStyle::kDashed:
      return " dashed";
    case SeriesStyle::kFaint:
      return " faint";
    case SeriesStyle::kSolid:
    case SeriesStyle::kReference:
      break;
  }
  return "";
}

bool HasMarkers(const PlotSeries& series) {
  return !series.is_curve && series.style != SeriesStyle::kIdeal &&
         series.style != SeriesStyle::kFaint;
}

std::string ClassOf(const PlotSeries& series) {
  if (series.style == SeriesStyle::kReference) return "reference";
  return fmt::format("s{}{}", series.color % kColors, StyleClass(series.style));
}

// A shape for each color, for those who do not see the difference.
std::string Marker(int color, double x, double y) {
  switch (color % kColors) {
    case 0:
      return fmt::format("M{:.1f} {:.1f}a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z", x - 4,
                         y);
    case 1:
      return fmt::format("M{:.1f} {:.1f}h7v7h-7z", x - 3.5, y - 3.5);
    case 2:
      return fmt::format("M{:.1f} {:.1f}l4.5 8h-9z", x, y - 5);
    case 3:
      return fmt::format("M{:.1f} {:.1f}l5 5l-5 5l-5 -5z", x, y - 5);
    case 4:
      return fmt::format("M{:.1f} {:.1f}l4.5 -8h-9z", x, y + 5);
    default:
      return fmt::format("M{:.1f} {:.1f}h4v-3h3v3h4v3h-4v4h-3v-4h-4z", x - 5.5,
                         y - 1.5);
  }
}

std::vector<Tick> Texts(const std::vector<double>& ticks,
                        const std::string& unit) {
  std::vector<Tick> texts;
  texts.reserve(ticks.size());
  for (const double tick : ticks)
    texts.push_back({tick, FormatTick(tick) + unit});
  return texts;
}

// Logarithmic, with some air on both sides.
Axis PaddedLogAxis(const Range& range, int most, std::vector<double>& ticks) {
  const double low = range.empty ? 1 : range.low;
  const double high = range.empty ? 10 : range.high;
  const double air = std::pow(std::max(high / low, 2.0), 0.07);
  ticks = LogTicks(low / air, high * air, most);
  return {low / air, high * air, true};
}

// All values lie on it, and linear ones start at zero.
Axis CoverY(const LinePlot& plot, std::vector<double>& ticks) {
  Range range;
  for (const PlotSeries& series : plot.series) {
    for (const PlotPoint& point : series.points) {
      if (!IsShown(plot, point)) continue;
      range.Add(point.y);
      if (!HasBar(plot, point)) continue;
      range.Add(point.low);
      range.Add(point.high);
    }
  }
  if (plot.y_range) range = {plot.y_range->low, plot.y_range->high, false};
  if (plot.log_y) return PaddedLogAxis(range, kMostTicks + 2, ticks);
  if (plot.from_zero || range.empty) range.Add(0);
  ticks = NiceTicks(range.low, range.high, kMostTicks);
  return {ticks.front(), ticks.back(), false};
}

Axis CoverX(const LinePlot& plot, std::vector<double>& ticks) {
  Range range;
  for (const PlotSeries& series : plot.series) {
    for (const PlotPoint& point : series.points) {
      if (IsShown(plot, point)) range.Add(point.x);
    }
  }
  if (plot.x_ticks.empty()) {
    if (plot.log_x) return PaddedLogAxis(range, kMostTicks, ticks);
    ticks = NiceTicks(range.low, range.high, kMostTicks);
    return {ticks.front(), ticks.back(), false};
  }
  for (const double tick : plot.x_ticks) {
    if (!CanPlot(tick, plot.log_x)) continue;
    range.Add(tick);
    ticks.push_back(tick);
  }
  if (range.empty) range = {1, 2, false};
  return {range.low, range.high, plot.log_x};
}

// Marks at all ticks, texts where they have room.
std::vector<Tick> PlacedTexts(const Axis& axis,
                              const std::vector<double>& ticks) {
  std::vector<double> widths;
  std::vector<Tick> placed;
  for (const double tick : ticks) {
    placed.push_back({tick, FormatTick(tick)});
    widths.push_back(kCharacterWidth *
                     static_cast<double>(placed.back().text.size()));
  }
  const std::vector<bool> have_room = HaveRoom(axis, ticks, widths);
  for (std::size_t i = 0; i < placed.size(); ++i) {
    if (!have_room[i]) placed[i].text.clear();
  }
  return placed;
}

// From the first low to the last, and back along the highs.
std::string DrawBand(const LinePlot& plot, const Frame& frame,
                     const PlotSeries& series) {
  std::string there;
  std::string back;
  for (const PlotPoint& point : series.points) {
    if (!IsShown(plot, point)) continue;
    const bool has_range = HasBar(plot, point);
    const double x = frame.x.PixelOf(point.x);
    const double low = frame.y.PixelOf(has_range ? point.low : point.y);
    const double high = frame.y.PixelOf(has_range ? point.high : point.y);
    there += fmt::format("{}{:.1f} {:.1f}", there.empty() ? "M" : "L", x, low);
    back.insert(0, fmt::format("L{:.1f} {:.1f}", x, high));
  }
  return "<path class=\"band\" d=\"" + there + back + "z\"/>\n";
}

std::string DrawSeries(const LinePlot& plot, const Frame& frame,
                       const PlotSeries& series) {
  std::string line;
  std::string bars;
  std::string markers;
  bool has_range = false;
  for (const PlotPoint& point : series.points) {
    if (!IsShown(plot, point)) continue;
    const double x = frame.x.PixelOf(point.x);
    const double y = frame.y.PixelOf(point.y);
    line += fmt::format("{}{:.1f} {:.1f}", line.empty() ? "M" : "L", x, y);
    has_range = has_range || HasBar(plot, point);
    if (!HasMarkers(series)) continue;
    if (HasBar(plot, point)) {
      const double low = frame.y.PixelOf(point.low);
      const double high = frame.y.PixelOf(point.high);
      bars +=
          fmt::format("M{:.1f} {:.1f}h8M{:.1f} {:.1f}V{:.1f}M{:.1f} {:.1f}h8",
                      x - 4, low, x, low, high, x - 4, high);
    }
    markers += fmt::format(
        "<path class=\"marker\" d=\"{}\"><title>{}</title></path>\n",
        Marker(series.color, x, y),
        EscapeXml(fmt::format("{}: {} at {}", series.label,
                              FormatNumber(point.y) + plot.y_unit,
                              FormatTick(point.x))));
  }
  if (line.empty()) return "";
  std::string group = fmt::format("<g class=\"{}\">\n", ClassOf(series));
  if (series.is_curve && has_range) group += DrawBand(plot, frame, series);
  group += fmt::format("<path class=\"line\" d=\"{}\"/>\n", line);
  if (!bars.empty()) {
    group += fmt::format("<path class=\"error\" d=\"{}\"/>\n", bars);
  }
  return group + markers + "</g>\n";
}

LegendItem LegendOf(const PlotSeries& series) {
  std::string drawing = fmt::format(
      "<g class=\"{}\"><path class=\"line\" d=\"M0 6H26\"/>", ClassOf(series));
  if (HasMarkers(series)) {
    drawing += fmt::format("<path class=\"marker\" d=\"{}\"/>",
                           Marker(series.color, 13, 6));
  }
  return {series.label, drawing + "</g>"};
}

// One bar with its total on top where it has room.
std::string DrawBar(const BarPlot& plot, const Frame& frame, const Bar& bar,
                    double x, double slot) {
  const double width = std::min(46.0, slot * 0.66);
  double sum = 0;
  double total = 0;
  for (const double part : bar.parts) total += part;
  std::string drawing;
  for (std::size_t i = 0; i < bar.parts.size(); ++i) {
    const double below = frame.y.PixelOf(sum);
    sum += bar.parts[i];
    const double height = below - frame.y.PixelOf(sum);
    if (!(height > 0)) continue;
    drawing += fmt::format(
        "<rect class=\"p{}\" x=\"{:.1f}\" y=\"{:.2f}\" width=\"{:.1f}\" "
        "height=\"{:.2f}\"><title>{}</title></rect>\n",
        i % kColors, x - width / 2, below - height, width, height,
        EscapeXml(
            fmt::format("{}: {} {} ({})", bar.label, plot.part_names[i],
                        FormatNumber(bar.parts[i]),
                        FormatPercent(total > 0 ? bar.parts[i] / total : 0))));
  }
  const std::string text = FormatNumber(total, 3);
  if (kCharacterWidth * static_cast<double>(text.size()) < slot) {
    drawing += fmt::format(
        "<text class=\"total middle\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n", x,
        frame.y.PixelOf(sum) - 5, text);
  }
  return drawing;
}

}  // namespace

std::string DrawPlot(const LinePlot& plot) {
  std::vector<double> x_ticks;
  std::vector<double> y_ticks;
  Frame frame;
  frame.title = plot.title;
  frame.x_label = plot.x_label;
  frame.y_label = plot.y_label;
  frame.x = CoverX(plot, x_ticks);
  frame.y = CoverY(plot, y_ticks);
  frame.y_ticks = Texts(y_ticks, plot.y_unit);
  PlaceAxes(frame);
  frame.x_ticks = PlacedTexts(frame.x, x_ticks);
  std::string svg = OpenFrame(frame);
  std::vector<LegendItem> legend;
  for (const PlotSeries& series : plot.series) {
    svg += DrawSeries(plot, frame, series);
    if (!series.label.empty()) legend.push_back(LegendOf(series));
  }
  return svg + "</svg>\n" + Legend(legend);
}

std::string DrawPlot(const BarPlot& plot) {
  double most = 0;
  for (const Bar& bar : plot.bars) {
    double sum = 0;
    for (const double part : bar.parts) sum += part;
    if (CanPlot(sum, false)) most = std::max(most, sum);
  }
  // Above the highest bar is room for its total.
  const std::vector<double> y_ticks = NiceTicks(0, most * 1.07, kMostTicks);
  Frame frame;
  frame.title = plot.title;
  frame.x_label = plot.x_label;
  frame.y_label = plot.y_label;
  const auto count = static_cast<double>(plot.bars.size());
  frame.x = {0, count, false};
  frame.y = {0, y_ticks.back(), false};
  frame.y_ticks = Texts(y_ticks, "");
  PlaceAxes(frame);
  const double slot = (frame.x.last_pixel - frame.x.first_pixel) / count;
  double center = 0.5;
  for (const Bar& bar : plot.bars) {
    frame.x_ticks.push_back({center++, bar.label});
  }
  std::string svg = OpenFrame(frame);
  for (std::size_t i = 0; i < plot.bars.size(); ++i) {
    svg += DrawBar(plot, frame, plot.bars[i],
                   frame.x.PixelOf(frame.x_ticks[i].value), slot);
  }
  std::vector<LegendItem> legend;
  for (std::size_t i = 0; i < plot.part_names.size(); ++i) {
    legend.push_back(
        {plot.part_names[i],
         fmt::format("<rect class=\"p{}\" x=\"0\" y=\"0\" width=\"12\" "
                     "height=\"12\" rx=\"2\"/>",
                     i % kColors),
         12});
  }
  return svg + "</svg>\n" + Legend(legend);
}

}  // namespace microgpt::cli
