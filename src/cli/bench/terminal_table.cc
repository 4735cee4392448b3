// The report of a run for a terminal.
#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "cli/bench/render.h"
#include "cli/bench/summary.h"
#include "cli/page/format_number.h"
#include "cli/page/text_escape.h"

namespace microgpt::cli {
namespace {

using Row = std::vector<std::string>;

constexpr std::size_t kTextColumns = 1;  // the others are numbers
constexpr std::size_t kTestColumn = 3;

bool IsText(std::size_t column) {
  return column < kTextColumns || column == kTestColumn;
}

// Characters, not bytes: "±" has two.
std::size_t WidthOf(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(),
      [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string Aligned(const std::vector<Row>& rows) {
  std::vector<std::size_t> widths(rows.front().size(), 3);
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], WidthOf(row[i]));
    }
  }
  std::string table;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    table += "|";
    for (std::size_t i = 0; i < widths.size(); ++i) {
      const std::string space(widths[i] - WidthOf(rows[r][i]), ' ');
      table += IsText(i) ? " " + rows[r][i] + space + " |"
                         : " " + space + rows[r][i] + " |";
    }
    table += "\n";
    if (r > 0) continue;
    table += "|";
    for (std::size_t i = 0; i < widths.size(); ++i) {
      const std::string dashes(widths[i], '-');
      table += IsText(i) ? " " + dashes + " |" : " " + dashes + ":|";
    }
    table += "\n";
  }
  return table;
}

void AddPoints(const ModelReport& model, const char* test,
               const std::vector<PointReport>& points, std::vector<Row>& rows) {
  for (const PointReport& point : points) {
    const SpreadReport& rate = point.tokens_per_second;
    const double half_range = (rate.third_quartile - rate.first_quartile) / 2;
    rows.push_back({ModelName(model), FormatCount(model.num_params),
                    fmt::format("{}", point.threads),
                    fmt::format("{} b{}", test, point.batch_size),
                    FormatWithSpread(rate.median, half_range),
                    FormatRatio(point.speedup),
                    point.of_peak == 0 ? "-" : FormatPercent(point.of_peak)});
  }
}

std::string TorchLines(const ModelReport& model) {
  std::string lines;
  for (const TorchReport& torch : model.torch) {
    lines += fmt::format("PyTorch {} ({}), model {} on {}: {} t/s, ratio {}\n",
                         CleanText(torch.version), CleanText(torch.setting),
                         ModelName(model), CountOf(torch.threads, "thread"),
                         FormatNumber(torch.tokens_per_second),
                         FormatRatio(torch.ratio));
  }
  return lines;
}

}  // namespace

std::string ToTerminalTable(const RunReport& run) {
  std::vector<Row> rows = {
      {"model", "params", "threads", "test", "t/s", "speedup", "of peak"}};
  for (const ModelReport& model : run.models) {
    AddPoints(model, "strong", model.strong, rows);
    AddPoints(model, "weak", model.weak, rows);
  }
  std::string text = Aligned(rows);
  text += fmt::format(
      "model: n_embd/layers/heads/block; t/s: tokens per second, median ± half "
      "of the interquartile range of {}\n",
      CountOf(run.protocol.repetitions, "repetition"));
  for (const ModelReport& model : run.models) {
    text += "digests: " + CleanText(DigestSentence(model));
    if (run.models.size() > 1) text += " (" + ModelName(model) + ")";
    text += "\n" + TorchLines(model);
  }
  for (const CalibrationReport& point : run.calibration) {
    text += fmt::format("peak of {}: {} GFLOP/s, reads {} GB/s\n",
                        CountOf(point.threads, "thread"),
                        FormatNumber(point.peak_gflops),
                        FormatNumber(point.read_gigabytes_per_second));
  }
  return text;
}

}  // namespace microgpt::cli
