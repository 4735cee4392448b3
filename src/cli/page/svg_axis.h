// Axes of plots: where values go, and which of them are written.
#ifndef MICROGPT_CLI_PAGE_SVG_AXIS_H_
#define MICROGPT_CLI_PAGE_SVG_AXIS_H_

#include <span>
#include <vector>

namespace microgpt::cli {

// About `most` multiples of 1, 2, 2.5 or 5 times a power of ten; the first is
// at or below `low`, the last at or above `high`.
// REQUIRES: low <= high, both finite and at most 1e200 in size.
std::vector<double> NiceTicks(double low, double high, int most);

// Powers of ten from low to high, with twos and fives between them where those
// are few. Never empty. REQUIRES: 0 < low <= high <= 1e200.
std::vector<double> LogTicks(double low, double high, int most);

// A line of `pixels` from the value `low` to the value `high`.
struct Axis {
  double low = 0;
  double high = 1;
  bool log = false;
  double first_pixel = 0;
  double last_pixel = 1;

  // Values outside are held at a small distance beyond the ends.
  double PixelOf(double value) const;
};

// Has a place on an axis.
bool CanPlot(double value, bool log);

// Of texts so wide at increasing values, those that do not overlap; the last
// one is always among them. REQUIRES: as many values as widths.
std::vector<bool> HaveRoom(const Axis& axis, std::span<const double> values,
                           std::span<const double> widths);

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_PAGE_SVG_AXIS_H_
