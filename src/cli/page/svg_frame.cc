#include "cli/page/svg_frame.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

#include "cli/page/text_escape.h"

namespace microgpt::cli {
namespace {

constexpr double kTop = 34;     // below the label of the y axis
constexpr double kBottom = 46;  // for numbers and label of the x axis
constexpr double kRight = 16;
constexpr double kInset = 10;  // so that markers keep off the y axis

}  // namespace

void PlaceAxes(Frame& frame) {
  std::size_t longest = 1;
  for (const Tick& tick : frame.y_ticks) {
    longest = std::max(longest, tick.text.size());
  }
  const double left =
      std::min(16 + kCharacterWidth * static_cast<double>(longest), 150.0);
  frame.x.first_pixel = left + kInset;
  frame.x.last_pixel = kPlotWidth - kRight - kInset;
  frame.y.first_pixel = kPlotHeight - kBottom;
  frame.y.last_pixel = kTop;
}

std::string OpenFrame(const Frame& frame) {
  const double left = frame.x.first_pixel - kInset;
  const double right = frame.x.last_pixel + kInset;
  const double bottom = frame.y.first_pixel;
  std::string svg = fmt::format(
      "<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">\n"
      "<title>{}</title>\n<g class=\"axis\">\n",
      kPlotWidth, kPlotHeight, EscapeXml(frame.title), EscapeXml(frame.title));
  for (const Tick& tick : frame.y_ticks) {
    const double y = frame.y.PixelOf(tick.value);
    svg += fmt::format(
        "<path class=\"grid\" d=\"M{:.1f} {:.1f}H{:.1f}\"/>"
        "<text class=\"right\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n",
        left, y, right, left - 8, y + 4.5, EscapeXml(tick.text));
  }
  for (const Tick& tick : frame.x_ticks) {
    const double x = frame.x.PixelOf(tick.value);
    svg += fmt::format(
        "<path class=\"tick\" d=\"M{:.1f} {:.1f}v5\"/>"
        "<text class=\"middle\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n",
        x, bottom, x, bottom + 20, EscapeXml(tick.text));
  }
  svg += fmt::format(
      "<path class=\"base\" d=\"M{:.1f} {:.1f}H{:.1f}\"/>"
      "<text class=\"name\" x=\"2\" y=\"16\">{}</text>"
      "<text class=\"name middle\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n</g>\n",
      left, bottom, right, EscapeXml(frame.y_label), (left + right) / 2,
      kPlotHeight - 6, EscapeXml(frame.x_label));
  return svg;
}

std::string Legend(const std::vector<LegendItem>& items) {
  if (items.size() < 2) return "";
  std::string list = "<ul class=\"legend\">\n";
  for (const LegendItem& item : items) {
    list += fmt::format(
        "<li><svg viewBox=\"0 0 {0} 12\" width=\"{0}\" height=\"12\" "
        "aria-hidden=\"true\">{1}</svg>{2}</li>\n",
        item.width, item.drawing, EscapeXml(item.label));
  }
  return list + "</ul>\n";
}

}  // namespace microgpt::cli
