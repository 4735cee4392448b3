// Plots as inline SVG for a page that has the style of page_style.h: colors are
// classes, so that they follow light and dark.
#ifndef MICROGPT_CLI_PAGE_SVG_PLOT_H_
#define MICROGPT_CLI_PAGE_SVG_PLOT_H_

#include <optional>
#include <string>
#include <vector>

namespace microgpt::cli {

// A value with its range; points that are not finite, or not positive on a
// logarithmic axis, are left out.
struct PlotPoint {
  double x = 0;
  double y = 0;
  double low = 0;  // equal to y where there is no range
  double high = 0;
};

enum class SeriesStyle {
  kSolid,
  kDashed,
  kIdeal,      // a thin line without markers, in the color of its series
  kReference,  // gray
  kFaint,      // a thin light line without markers
};

// Drawn in the order of the points.
struct PlotSeries {
  std::string label;  // empty: not in the legend
  int color = 0;      // and shape of the markers; counted modulo 6
  SeriesStyle style = SeriesStyle::kSolid;
  std::vector<PlotPoint> points;
  // A line through many points: none of them is marked, and ranges are drawn
  // as one band instead of bars.
  bool is_curve = false;
};

// Values that an axis covers.
struct PlotRange {
  double low = 0;
  double high = 0;
};

struct LinePlot {
  std::string title;
  std::string x_label;
  std::string y_label;
  std::string y_unit;  // behind the numbers of the axis
  bool log_x = false;
  bool log_y = false;
  bool from_zero = true;  // a linear y axis has a zero
  // What the y axis covers, if not all values: others are held at its ends.
  std::optional<PlotRange> y_range = {};
  std::vector<double> x_ticks;  // increasing; empty: round numbers
  std::vector<PlotSeries> series;
};

struct Bar {
  std::string label;
  std::vector<double> parts;  // from the bottom; of the size of part_names
};

// Stacked bars.
struct BarPlot {
  std::string title;
  std::string x_label;
  std::string y_label;
  std::vector<std::string> part_names;
  std::vector<Bar> bars;
};

// An <svg> element and, where there is more than one name, a <ul> with the
// legend; well-formed XML.
std::string DrawPlot(const LinePlot& plot);
std::string DrawPlot(const BarPlot& plot);

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_PAGE_SVG_PLOT_H_
