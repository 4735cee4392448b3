#include "cli/page/svg_axis.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace microgpt::cli {
namespace {

// So that differences and quotients stay finite.
constexpr double kLargest = 1e150;
constexpr double kSmallest = 1e-150;

// How far along the axis, 0 to 1.
double Part(const Axis& axis, double value) {
  if (!axis.log) {
    return axis.high == axis.low ? 0.5
                                 : (value - axis.low) / (axis.high - axis.low);
  }
  const double span = std::log10(axis.high) - std::log10(axis.low);
  return span == 0 ? 0.5 : (std::log10(value) - std::log10(axis.low)) / span;
}

// Thins `ticks` evenly and keeps both ends.
std::vector<double> Thinned(const std::vector<double>& ticks, int most) {
  const std::size_t last = ticks.size() - 1;
  const auto gaps = static_cast<std::size_t>(most - 1);
  const std::size_t stride = (last + gaps - 1) / gaps;
  if (stride <= 1) return ticks;
  std::vector<double> kept;
  for (std::size_t i = 0; i < last; i += stride) kept.push_back(ticks[i]);
  kept.push_back(ticks[last]);
  return kept;
}

}  // namespace

std::vector<double> NiceTicks(double low, double high, int most) {
  if (high == low) {
    high = low == 0 ? 1 : low + std::abs(low);
  }
  const double least_step = std::max((high - low) / most, kSmallest);
  const double power = std::pow(10, std::floor(std::log10(least_step)));
  double step = power * 10;
  for (const double factor : {5.0, 2.5, 2.0, 1.0}) {
    if (factor * power >= least_step) step = factor * power;
  }
  std::vector<double> ticks;
  const double first = std::floor(low / step);
  // Rounding must not add a tick to a range that ends on one.
  const double last = std::ceil(high / step - 1e-9);
  for (double i = first; i <= last; ++i) ticks.push_back(i * step);
  return ticks;
}

std::vector<double> LogTicks(double low, double high, int most) {
  std::vector<double> powers;
  std::vector<double> fine;
  const auto add = [&](double value, std::vector<double>& ticks) {
    if (value >= low && value <= high) ticks.push_back(value);
  };
  const double last = std::floor(std::log10(high));
  for (double i = std::floor(std::log10(low)); i <= last; ++i) {
    const double power = std::pow(10, i);
    add(power, powers);
    for (const double factor : {1, 2, 5}) add(factor * power, fine);
  }
  const auto most_ticks = static_cast<std::size_t>(most);
  if (fine.size() >= 3 && fine.size() <= most_ticks) return fine;
  if (powers.size() >= 3) return Thinned(powers, most);
  if (fine.size() >= 3) return Thinned(fine, most);
  std::vector<double> even;
  for (const double tick : NiceTicks(low, high, most)) add(tick, even);
  return even.empty() ? std::vector<double>{low} : even;
}

double Axis::PixelOf(double value) const {
  const double part = std::clamp(Part(*this, value), -0.02, 1.02);
  return first_pixel + part * (last_pixel - first_pixel);
}

bool CanPlot(double value, bool log) {
  return std::abs(value) <= kLargest && (!log || value >= kSmallest);
}

std::vector<bool> HaveRoom(const Axis& axis, std::span<const double> values,
                           std::span<const double> widths) {
  constexpr double kGap = 6;
  std::vector<bool> have_room(values.size(), false);
  double free_end = axis.last_pixel + 1e6;  // left edge of the last text
  for (std::size_t i = values.size(); i-- > 0;) {
    const double center = axis.PixelOf(values[i]);
    if (center + widths[i] / 2 + kGap > free_end) continue;
    have_room[i] = true;
    free_end = center - widths[i] / 2;
  }
  return have_room;
}

}  // namespace microgpt::cli
