// What all plots share: the frame with its axes, and the legend.
#ifndef MICROGPT_CLI_PAGE_SVG_FRAME_H_
#define MICROGPT_CLI_PAGE_SVG_FRAME_H_

#include <string>
#include <vector>

#include "cli/page/svg_axis.h"

namespace microgpt::cli {

inline constexpr double kPlotWidth = 440;
inline constexpr double kPlotHeight = 280;
inline constexpr double kCharacterWidth = 8.8;  // mean, of the largest font

struct Tick {
  double value = 0;
  std::string text;  // empty: only a mark
};

struct Frame {
  std::string title;
  std::string x_label;
  std::string y_label;
  Axis x;
  Axis y;
  std::vector<Tick> x_ticks;
  std::vector<Tick> y_ticks;
};

// Pixels of the y axis, and those of the x axis beside texts of the y axis.
void PlaceAxes(Frame& frame);

// From <svg> to the axes; the caller draws inside and adds "</svg>".
std::string OpenFrame(const Frame& frame);

struct LegendItem {
  std::string label;
  std::string drawing;  // inside a box of width x 12
  int width = 26;
};

// Empty for fewer than two items.
std::string Legend(const std::vector<LegendItem>& items);

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_PAGE_SVG_FRAME_H_
