// Table, Markdown and HTML show what the report says, whatever it is.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include "cli/bench/render.h"
#include "cli/bench/report_json.h"
#include "cli/page/format_number.h"
#include "cli/page/text_escape.h"
#include "tests/cli/bench_report_sample.h"

namespace microgpt::cli {
namespace {

constexpr const char* kHostile =
    "</td><script>alert(1)</script> &amp; \"quoted\" 'single' |pipe| `tick` "
    "*star* ]]> <!-- \x1B[31m \xFF line\nend";

bool Contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// Why the page is no well-formed XML; empty if it is.
std::string XmlProblem(const std::string& page) {
  static const std::regex kTag(
      "<(/?)([a-z][a-z0-9]*)((?: [a-zA-Z-]+=\"[^\"<]*\")*)(/?)>");
  static const std::regex kEntity("&(?!(?:lt|gt|amp|quot);)");
  std::string rest = page.substr(page.find('\n'));  // without <!DOCTYPE html>
  if (std::regex_search(rest, kEntity)) return "an & of its own";
  std::vector<std::string> open;
  for (std::sregex_iterator tag(rest.begin(), rest.end(), kTag), end;
       tag != end; ++tag) {
    const std::string name = (*tag)[2];
    if ((*tag)[1].length() > 0) {
      if (open.empty() || open.back() != name) return "closes " + name;
      open.pop_back();
    } else if ((*tag)[4].length() == 0) {
      open.push_back(name);
    }
  }
  if (!open.empty()) return "leaves open " + open.back();
  const std::string text = std::regex_replace(rest, kTag, "");
  return Contains(text, "<") ? "a < of its own" : "";
}

// What holds for every page.
void CheckPages(const BenchReport& report) {
  const std::string html = ToHtml(report);
  EXPECT_EQ(XmlProblem(html), "");
  for (const char* outside :
       {"http:", "https:", "src=", "@import", "url(", "<script", "<link"}) {
    EXPECT_FALSE(Contains(html, outside)) << outside;
  }
  EXPECT_FALSE(std::regex_search(html, std::regex("href=\"[^#]")));
  EXPECT_FALSE(
      std::regex_search(html, std::regex("[\" MLHV](nan|-nan|inf|-inf)[\" ]")));
  EXPECT_TRUE(Contains(html, "<html lang=\"en\">"));
  EXPECT_TRUE(Contains(html, "name=\"viewport\""));
  const std::string markdown = ToMarkdown(report);
  EXPECT_TRUE(markdown.starts_with("# "));
  EXPECT_TRUE(markdown.ends_with("\n"));
  for (const RunReport& run : report.runs) {
    EXPECT_TRUE(Contains(ToTerminalTable(run), "| model"));
  }
}

BenchReport OneRun() {
  BenchReport report;
  report.runs = {SampleRun()};
  return report;
}

// Cells of a row in the language of each page.
std::string MarkdownRow(const std::vector<std::string>& cells) {
  std::string row = "|";
  for (const std::string& cell : cells)
    row += " " + EscapeMarkdown(cell) + " |";
  return row;
}
std::string HtmlRow(const std::vector<std::string>& cells) {
  std::string row;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const char* element = i == 0 ? "th scope=\"row\"" : "td";
    row += fmt::format("<{} class=\"number\">{}</{}>", element,
                       EscapeXml(cells[i]), i == 0 ? "th" : "td");
  }
  return row;
}

std::vector<std::string> CellsOf(const PointReport& point) {
  const SpreadReport& step = point.step_seconds;
  const SpreadReport& rate = point.tokens_per_second;
  return {fmt::format("{}", point.threads),
          fmt::format("{}", point.batch_size),
          fmt::format("{}", point.num_shards),
          FormatMicroseconds(step.median),
          FormatMicroseconds(step.min),
          FormatMicroseconds(step.first_quartile) + "–" +
              FormatMicroseconds(step.third_quartile),
          FormatWithSpread(rate.median,
                           (rate.third_quartile - rate.first_quartile) / 2),
          FormatRatio(point.speedup),
          FormatPercent(point.efficiency),
          FormatNumber(point.gflops),
          FormatPercent(point.of_peak)};
}

TEST(BenchReportPages, ShowEveryPoint) {
  const BenchReport report = SampleReport();
  const std::string html = ToHtml(report);
  const std::string markdown = ToMarkdown(report);
  std::size_t points = 0;
  for (const RunReport& run : report.runs) {
    for (const ModelReport& model : run.models) {
      for (const auto* series : {&model.strong, &model.weak}) {
        for (const PointReport& point : *series) {
          const std::vector<std::string> cells = CellsOf(point);
          EXPECT_TRUE(Contains(html, HtmlRow(cells))) << HtmlRow(cells);
          EXPECT_TRUE(Contains(markdown, MarkdownRow(cells)))
              << MarkdownRow(cells);
          ++points;
        }
      }
      EXPECT_TRUE(Contains(html, FormatCount(model.num_params)));
      EXPECT_TRUE(Contains(markdown, FormatCount(model.num_params)));
    }
  }
  EXPECT_EQ(points, 42u);
  CheckPages(report);
}

TEST(BenchReportPages, ShowEverythingElse) {
  const BenchReport report = SampleReport();
  const std::string html = ToHtml(report);
  const std::string markdown = ToMarkdown(report);
  std::vector<std::string> texts = {"L1 Data 32.0 KiB × 16",
                                    "16.00 CPUs",
                                    "64.0 GiB",
                                    "g++ 12.2.0",
                                    "AVX2",
                                    "oneTBB",
                                    "1,588",
                                    "187.9",
                                    "eager, float32",
                                    "faster",
                                    "slower",
                                    "noise",
                                    "MatMul/64/128/512",
                                    "unknown",
                                    "T 64, in 128, out 512"};
  for (const RunReport& run : report.runs) {
    for (const KernelReport& kernel : run.kernels) {
      texts.push_back(FormatNumber(kernel.gflops));
    }
    for (const ModelReport& model : run.models) {
      texts.push_back(FormatPercent(model.amdahl->serial_fraction));
      texts.push_back(FormatRatio(1 / model.amdahl->serial_fraction));
      for (const TorchReport& torch : model.torch) {
        texts.push_back(FormatNumber(torch.tokens_per_second));
        texts.push_back(FormatRatio(torch.ratio));
      }
    }
  }
  for (const std::string& text : texts) {
    EXPECT_TRUE(Contains(html, EscapeXml(text))) << text;
    EXPECT_TRUE(Contains(markdown, EscapeMarkdown(text)) ||
                Contains(markdown, "`" + text + "`"))
        << text;
  }
}

TEST(BenchReportPages, ShowThePhasesOfAllThreads) {
  BenchReport report = OneRun();
  report.runs[0].models.resize(1);
  PointReport& point = report.runs[0].models[0].strong[1];
  point.phases = {{1e-6, 2e-6, 3e-6, 4e-6, 5e-6, 5e-6},
                  {3e-6, 2e-6, 3e-6, 4e-6, 5e-6, 3e-6}};
  for (const std::string& page : {ToHtml(report), ToMarkdown(report)}) {
    for (const char* text :
         {"2.000 (10.0%)", "4.000 (20.0%)", "25.0%, 15.0%"}) {
      std::string unescaped = std::regex_replace(page, std::regex("\\\\"), "");
      EXPECT_TRUE(Contains(unescaped, text)) << text;
    }
  }
}

TEST(BenchReportPages, PlotEachQuestion) {
  const std::string html = ToHtml(OneRun());
  for (const char* title :
       {"Tokens per second, model 16/1/4/8", "Speedup, model 64/2/4/32",
        "Efficiency, model 128/4/4/64", "Phases of a step, model 16/1/4/8",
        "Time of a step against model size"}) {
    EXPECT_TRUE(Contains(html, fmt::format("<title>{}</title>", title)))
        << title;
  }
  // A run that is compared is named in the legend.
  EXPECT_TRUE(Contains(ToHtml(SampleReport()), "</svg>laptop</li>"));
}

TEST(BenchReportPages, CannotHideDifferentDigests) {
  for (const bool flag : {true, false}) {
    BenchReport report = OneRun();
    ModelReport& model = report.runs[0].models[1];
    model.digests_equal = flag;
    model.strong[2].digest = "00000000000000000000000000000bad";
    const std::string html = ToHtml(report);
    const std::string markdown = ToMarkdown(report);
    EXPECT_TRUE(Contains(html,
                         "<p class=\"alert\" role=\"alert\"><strong>"
                         "DIGESTS DIFFER: model 64/2/4/32"));
    EXPECT_TRUE(Contains(html, "<dd class=\"bad\">DIFFERENT</dd>"));
    EXPECT_TRUE(Contains(markdown, "> **DIGESTS DIFFER: model 64/2/4/32"));
    EXPECT_TRUE(
        Contains(ToTerminalTable(report.runs[0]), "digests: DIFFERENT"));
    for (const std::string& page :
         {html, markdown, ToTerminalTable(report.runs[0])}) {
      EXPECT_TRUE(Contains(page, "00000000000000000000000000000bad"));
    }
    CheckPages(report);
  }
  // The report says so although the digests that it shows are equal.
  BenchReport report = OneRun();
  report.runs[0].models[1].digests_equal = false;
  EXPECT_TRUE(Contains(ToHtml(report), "DIGESTS DIFFER"));
}

TEST(BenchReportPages, RaiseNoFalseAlarm) {
  for (const std::string& page :
       {ToHtml(SampleReport()), ToMarkdown(SampleReport()),
        ToTerminalTable(SampleRun())}) {
    EXPECT_FALSE(Contains(page, "DIFFER"));
    EXPECT_TRUE(Contains(page, "identical"));
  }
}

TEST(BenchReportPages, EscapeHostileText) {
  BenchReport report = SampleReport();
  RunReport& run = report.runs[0];
  for (std::string* text :
       {&run.label, &run.date, &run.machine.cpu, &run.machine.system,
        &run.machine.caches[0].type, &run.build.commit, &run.build.flags,
        &run.protocol.order, &run.kernels[0].name, &run.models[0].activation,
        &run.models[0].data, &run.models[0].strong[0].digest,
        &run.models[0].torch[0].setting, &report.suites[0].label,
        &report.suites[0].rows[0].name, &report.comparisons[0].test,
        &report.comparisons[0].rows[0].what}) {
    *text = kHostile;
  }
  CheckPages(report);
  EXPECT_FALSE(Contains(ToHtml(report), "<script"));
  const std::string markdown = ToMarkdown(report);
  EXPECT_FALSE(std::regex_search(markdown, std::regex("[^\\\\]<script")));
  for (const std::string& page :
       {markdown, ToHtml(report), ToTerminalTable(run)}) {
    EXPECT_FALSE(Contains(page, "\x1B"));
    EXPECT_FALSE(Contains(page, "\xFF"));
    EXPECT_FALSE(Contains(page, "line\nend"));
  }
}

TEST(BenchReportPages, WorkWithAlmostNothing) {
  CheckPages({});
  BenchReport report;
  report.runs.resize(1);
  CheckPages(report);
  report.runs[0].models.resize(2);
  CheckPages(report);
  report.runs[0].models[0].strong.resize(1);  // all zero
  CheckPages(report);
  report.runs[0].models[0].strong[0].phases.resize(3);
  report.runs[0].models[0].amdahl.emplace();
  report.runs[0].models[0].torch.resize(1);
  report.runs[0].models[1].weak.resize(1);
  CheckPages(report);
  report = SampleReport();
  report.runs.clear();
  CheckPages(report);
}

TEST(BenchReportPages, WorkWithoutOptionalParts) {
  BenchReport report = OneRun();
  report.runs[0].machine = {};
  report.runs[0].kernels.clear();
  report.runs[0].calibration.clear();
  report.runs[0].models.resize(1);
  ModelReport& model = report.runs[0].models[0];
  model.strong.resize(1);
  model.strong[0].of_peak = 0;
  model.strong[0].phases.clear();
  model.weak.clear();
  model.amdahl.reset();
  model.torch.clear();
  CheckPages(report);
  const std::string markdown = ToMarkdown(report);
  for (const char* absent : {"Weak scaling", "Phases", "Amdahl", "PyTorch",
                             "Kernels", "Calibration", "Model sizes"}) {
    EXPECT_FALSE(Contains(markdown, absent)) << absent;
  }
}

TEST(BenchReportPages, WorkWithAbsurdNumbers) {
  for (const double value :
       {0.0, -1.0, 1e-300, 1e300, std::numeric_limits<double>::max(),
        std::numeric_limits<double>::denorm_min(),
        -std::numeric_limits<double>::max()}) {
    BenchReport report = OneRun();
    for (ModelReport& model : report.runs[0].models) {
      for (PointReport& point : model.strong) {
        point.tokens_per_second = {value, value, value, value, -value};
        point.step_seconds = {value, value, value, -value, value};
        point.speedup = point.efficiency = value;
        for (PhaseReport& phases : point.phases) phases.idle = value;
      }
      model.strong.back().threads = std::numeric_limits<int>::max();
      model.num_params = std::numeric_limits<std::uint64_t>::max();
      model.amdahl = {value, value, value};
    }
    report.runs[0].models[1].strong[0].threads = -5;
    SCOPED_TRACE(value);
    CheckPages(report);
  }
}

// By a program in another language, which meson.build names.
TEST(BenchReportPages, AgreeWithAnIndependentCheck) {
  const char* check = std::getenv("CHECK_REPORT_PAGE");
  ASSERT_NE(check, nullptr) << "CHECK_REPORT_PAGE is not set";
  BenchReport different = OneRun();
  different.runs[0].models[0].strong[1].digest = "bad";
  different.runs[0].models[0].digests_equal = false;
  BenchReport no_runs = SampleReport();
  no_runs.runs.clear();
  const std::filesystem::path folder = testing::TempDir() + "bench_report_page";
  for (const BenchReport& report :
       {OneRun(), SampleReport(), different, no_runs, BenchReport()}) {
    std::filesystem::create_directory(folder);
    std::ofstream(folder / "report.json") << ToJson(report);
    std::ofstream(folder / "report.md") << ToMarkdown(report);
    std::ofstream(folder / "report.html") << ToHtml(report);
    const std::string command = fmt::format("{} '{}'", check, folder.string());
    EXPECT_EQ(std::system(command.c_str()), 0);
    std::filesystem::remove_all(folder);
  }
}

TEST(BenchTerminalTable, IsAligned) {
  const std::string text = ToTerminalTable(SampleRun());
  std::istringstream lines(text);
  std::size_t width = 0;
  int rows = 0;
  for (std::string line; std::getline(lines, line) && line[0] == '|'; ++rows) {
    // "±" has two bytes.
    const auto characters = static_cast<std::size_t>(std::count_if(
        line.begin(), line.end(),
        [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
    if (rows == 0) width = characters;
    EXPECT_EQ(characters, width) << line;
  }
  EXPECT_EQ(rows, 2 + 30);
  EXPECT_TRUE(Contains(text, "| strong b64 |"));
  EXPECT_TRUE(Contains(text, "| weak b128  |"));
  EXPECT_TRUE(Contains(text, "digests: identical for threads 1, 2, 4, 8, 16"));
  EXPECT_TRUE(Contains(text, "peak of 16 threads: 1,588 GFLOP/s"));
}

}  // namespace
}  // namespace microgpt::cli
