#include "cli/progress_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "cli/page/format_number.h"

namespace microgpt::cli {
namespace {

constexpr int kLeastBar = 6;
constexpr int kMostBar = 24;
constexpr const char* kSeparator = " | ";
constexpr int kSeparatorColumns = 3;

// No wider than ten columns, whatever a run diverges to.
std::string FormatLoss(double loss) {
  return std::abs(loss) < 10'000 ? fmt::format("{:.4f}", loss)
                                 : fmt::format("{:.3g}", loss);
}

// ASCII all of them, so that bytes are columns. The most important first.
std::vector<std::string> Parts(const ProgressState& state) {
  std::vector<std::string> parts = {
      fmt::format("step {}/{}", state.step, state.num_steps),
      "loss " + FormatLoss(state.loss),
      FormatDuration(state.left_seconds) + " left"};
  if (state.validation_loss) {
    parts.push_back("val loss " + FormatLoss(*state.validation_loss));
  }
  parts.push_back(FormatTick(std::round(state.tokens_per_second)) +
                  " tokens/s");
  parts.push_back(FormatDuration(state.elapsed_seconds) + " elapsed");
  return parts;
}

std::string Repeat(const char* text, int times) {
  std::string result;
  for (int i = 0; i < times; ++i) result += text;
  return result;
}

std::string DrawBar(double part, int columns, BarStyle style) {
  const int full =
      std::clamp(static_cast<int>(std::floor(part * columns)), 0, columns);
  const bool utf8 = style == BarStyle::kUtf8;
  return "\033[36m" + Repeat(utf8 ? "\xE2\x94\x81" : "#", full) + "\033[0m" +
         Repeat(utf8 ? "\xE2\x94\x80" : ".", columns - full);
}

}  // namespace

std::string FormatDuration(double seconds) {
  constexpr double kLongest = 1e9;
  if (!(seconds >= 0 && seconds < kLongest)) return "?";
  const auto whole = static_cast<std::int64_t>(seconds);
  const std::int64_t hours = whole / 3600;
  const std::int64_t minutes = whole / 60 % 60;
  return hours > 0 ? fmt::format("{}:{:02}:{:02}", hours, minutes, whole % 60)
                   : fmt::format("{}:{:02}", minutes, whole % 60);
}

std::string ProgressLine(const ProgressState& state, int columns,
                         BarStyle bar) {
  // Beside the parts that are more important than a bar.
  constexpr std::size_t kBeforeBar = 3;
  const std::vector<std::string> parts = Parts(state);
  std::string text;
  int room = columns;
  int bar_columns = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i == kBeforeBar && bar != BarStyle::kNone && room > kLeastBar) {
      bar_columns = kLeastBar;
      room -= kLeastBar + 1;
    }
    const int width =
        static_cast<int>(parts[i].size()) + (i == 0 ? 0 : kSeparatorColumns);
    if (width > room) break;
    text += (i == 0 ? "" : kSeparator) + parts[i];
    room -= width;
  }
  if (bar_columns == 0) return text;
  bar_columns = std::min(bar_columns + room, kMostBar);
  const double part = state.num_steps > 0
                          ? static_cast<double>(state.step) /
                                static_cast<double>(state.num_steps)
                          : 1;
  return DrawBar(part, bar_columns, bar) + " " + text;
}

}  // namespace microgpt::cli
