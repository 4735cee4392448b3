// What a benchmark report says.
#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "cli/bench/render.h"
#include "cli/bench/sections.h"
#include "cli/bench/summary.h"
#include "cli/page/document.h"
#include "cli/page/format_number.h"
#include "cli/page/html.h"

namespace microgpt::cli {
namespace {

// Models of different runs are comparable when they do the same work.
auto WorkOf(const ModelReport& model) {
  const int batch = model.strong.empty() ? 0 : model.strong.front().batch_size;
  return std::tuple(model.n_embd, model.n_layer, model.n_head, model.block_size,
                    model.vocab_size, model.activation, model.data, batch);
}

// In order of appearance.
std::vector<ModelGroup> GroupModels(const BenchReport& report) {
  std::vector<ModelGroup> groups;
  for (std::size_t run = 0; run < report.runs.size(); ++run) {
    for (const ModelReport& model : report.runs[run].models) {
      const auto same = std::find_if(
          groups.begin(), groups.end(), [&](const ModelGroup& group) {
            return WorkOf(*group.front().model) == WorkOf(model);
          });
      ModelGroup& group = same == groups.end() ? groups.emplace_back() : *same;
      group.push_back({run, &model});
    }
  }
  return groups;
}

std::string Subtitle(const BenchReport& report) {
  if (report.runs.size() != 1) {
    return report.runs.empty()
               ? ""
               : CountOf(static_cast<int>(report.runs.size()), "run");
  }
  const RunReport& run = report.runs.front();
  std::string text;
  for (const std::string& part :
       {run.label, run.machine.cpu, run.date, run.build.version}) {
    if (part.empty()) continue;
    text += (text.empty() ? "" : " · ") + part;
  }
  return text;
}

void AddDigestAlerts(const BenchReport& report, Document& document) {
  for (std::size_t i = 0; i < report.runs.size(); ++i) {
    for (const ModelReport& model : report.runs[i].models) {
      if (DigestsOf(model) != DigestState::kDifferent) continue;
      document.blocks.push_back(Alert{fmt::format(
          "DIGESTS DIFFER: model {} of {} does not compute the "
          "same on all thread counts. {}",
          ModelName(model), RunName(report, i), DigestSentence(model))});
    }
  }
}

void AddTiles(const BenchReport& report, Document& document) {
  const BestPoint fastest = FastestPoint(report.runs);
  if (fastest.point == nullptr) return;
  const BestPoint speedup = BestSpeedup(report.runs);
  const bool identical = DigestsOf(report) == DigestState::kIdentical;
  document.blocks.push_back(Tiles{
      {{FormatNumber(fastest.point->tokens_per_second.median),
        "tokens/s at best, " + ModelName(*fastest.model) + " on " +
            CountOf(fastest.point->threads, "thread")},
       {FormatRatio(speedup.point->speedup) + "×",
        "speedup on " + CountOf(speedup.point->threads, "thread") + ", " +
            ModelName(*speedup.model)},
       {identical ? "identical" : "DIFFERENT", "digests across thread counts",
        identical ? Tone::kGood : Tone::kBad}}});
}

void AddOverview(const BenchReport& report, Document& document) {
  if (report.runs.size() < 2) return;
  Table table{"Runs",
              {{"run", false},
               {"date", false},
               {"CPU", false},
               {"commit", false},
               {"best tokens/s"},
               {"model", false},
               {"threads"},
               {"speedup"}},
              {}};
  for (std::size_t i = 0; i < report.runs.size(); ++i) {
    const RunReport& run = report.runs[i];
    const BestPoint best = FastestPoint(std::span(&run, 1));
    std::vector<Cell> row = {{RunName(report, i)},
                             {run.date},
                             {run.machine.cpu},
                             {run.build.commit, Tone::kCode}};
    if (best.point == nullptr) {
      row.resize(table.columns.size(), {kNoNumber});
    } else {
      row.insert(row.end(),
                 {{FormatNumber(best.point->tokens_per_second.median)},
                  {ModelName(*best.model)},
                  {fmt::format("{}", best.point->threads)},
                  {FormatRatio(best.point->speedup)}});
    }
    table.rows.push_back(std::move(row));
  }
  document.blocks.push_back(std::move(table));
}

}  // namespace

Document ToDocument(const BenchReport& report) {
  Document document{
      "microgpt bench", "microgpt benchmark", Subtitle(report), {}};
  AddDigestAlerts(report, document);
  AddTiles(report, document);
  document.blocks.push_back(Paragraph{SummaryText(report)});
  AddOverview(report, document);
  AddSetup(report, document);
  for (const ModelGroup& group : GroupModels(report)) {
    AddModel(report, group, document);
  }
  AddSizes(report, document);
  AddKernels(report, document);
  AddSuites(report, document);
  AddComparisons(report, document);
  return document;
}

std::string ToHtml(const BenchReport& report) {
  return ToHtml(ToDocument(report));
}

}  // namespace microgpt::cli
