// Tables of one model, and of models against each other.
#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "cli/bench/phases.h"
#include "cli/bench/sections.h"
#include "cli/bench/summary.h"
#include "cli/page/format_number.h"

namespace microgpt::cli {
namespace {

// " (label)" where there are several runs to tell apart.
std::string Suffix(const BenchReport& report, std::size_t run) {
  return report.runs.size() > 1 ? ", " + RunName(report, run) : "";
}

std::string ShortDigest(const std::string& digest) {
  constexpr std::size_t kDigits = 12;
  return digest.substr(0, kDigits);
}

std::string WithHalfRange(const SpreadReport& spread) {
  return FormatWithSpread(spread.median,
                          (spread.third_quartile - spread.first_quartile) / 2);
}

void AddPoints(const std::string& caption, const ModelReport& model,
               const std::vector<PointReport>& points, Document& document) {
  if (points.empty()) return;
  const bool differ =
      &points == &model.strong && DigestsOf(model) == DigestState::kDifferent;
  Table table{caption,
              {{"threads"},
               {"batch"},
               {"shards"},
               {"µs/step"},
               {"min"},
               {"quartiles"},
               {"tokens/s"},
               {"speedup"},
               {"efficiency"},
               {"GFLOP/s"},
               {"of peak"},
               {"digest", false}},
              {}};
  for (const PointReport& point : points) {
    const SpreadReport& step = point.step_seconds;
    table.rows.push_back(
        {{fmt::format("{}", point.threads)},
         {fmt::format("{}", point.batch_size)},
         {fmt::format("{}", point.num_shards)},
         {FormatMicroseconds(step.median)},
         {FormatMicroseconds(step.min)},
         {FormatMicroseconds(step.first_quartile) + kNoNumber +
          FormatMicroseconds(step.third_quartile)},
         {WithHalfRange(point.tokens_per_second)},
         {FormatRatio(point.speedup)},
         {FormatPercent(point.efficiency)},
         {FormatNumber(point.gflops)},
         {point.of_peak == 0 ? kNoNumber : FormatPercent(point.of_peak)},
         {ShortDigest(point.digest), differ ? Tone::kBad : Tone::kCode}});
  }
  document.blocks.push_back(std::move(table));
}

void AddPhases(const std::string& suffix, const ModelReport& model,
               Document& document) {
  Table means{"Phases" + suffix + ": µs per step, mean of the threads",
              {{"threads"}},
              {}};
  for (const PhaseColumn& phase : kPhaseColumns) {
    means.columns.push_back({phase.name});
  }
  means.columns.push_back({"sum"});
  Table idle{"Idle time" + suffix + ": part of a step, for each thread",
             {{"threads"}, {"idle", false}},
             {}};
  for (const PointReport& point : model.strong) {
    if (point.phases.empty()) continue;
    const PhaseReport mean = MeanPhases(point.phases);
    const double sum = SumOf(mean);
    std::vector<Cell> row = {{fmt::format("{}", point.threads)}};
    for (const PhaseColumn& phase : kPhaseColumns) {
      const double seconds = mean.*phase.field;
      row.push_back({fmt::format("{} ({})", FormatMicroseconds(seconds),
                                 FormatPercent(ShareOf(seconds, sum)))});
    }
    row.push_back({FormatMicroseconds(sum)});
    means.rows.push_back(std::move(row));
    std::string shares;
    for (const PhaseReport& thread : point.phases) {
      if (!shares.empty()) shares += ", ";
      shares += FormatPercent(ShareOf(thread.idle, SumOf(thread)));
    }
    idle.rows.push_back({{fmt::format("{}", point.threads)}, {shares}});
  }
  if (means.rows.empty()) return;
  document.blocks.push_back(std::move(means));
  document.blocks.push_back(std::move(idle));
}

void AddAmdahl(const std::string& suffix, const ModelReport& model,
               Document& document) {
  if (!model.amdahl) return;
  const AmdahlReport& fit = *model.amdahl;
  std::string text = fmt::format(
      "Amdahl's law{}: a step takes {} µs + {} µs / threads; {} of a step on "
      "one thread is serial",
      suffix, FormatMicroseconds(fit.serial_seconds),
      FormatMicroseconds(fit.parallel_seconds),
      FormatPercent(fit.serial_fraction));
  if (fit.serial_fraction > 0) {
    text += fmt::format(", which limits the speedup to {}",
                        FormatRatio(1 / fit.serial_fraction));
  }
  document.blocks.push_back(Paragraph{text + "."});
}

void AddTorch(const std::string& suffix, const ModelReport& model,
              Document& document) {
  if (model.torch.empty()) return;
  Table table{"Against PyTorch" + suffix,
              {{"threads"},
               {"tokens/s"},
               {"PyTorch tokens/s"},
               {"ratio"},
               {"PyTorch", false},
               {"setting", false}},
              {}};
  for (const TorchReport& torch : model.torch) {
    const auto ours = std::find_if(
        model.strong.begin(), model.strong.end(),
        [&](const PointReport& x) { return x.threads == torch.threads; });
    table.rows.push_back({{fmt::format("{}", torch.threads)},
                          {ours == model.strong.end()
                               ? kNoNumber
                               : FormatNumber(ours->tokens_per_second.median)},
                          {FormatNumber(torch.tokens_per_second)},
                          {FormatRatio(torch.ratio)},
                          {torch.version},
                          {torch.setting}});
  }
  document.blocks.push_back(std::move(table));
}

std::string Description(const ModelReport& model) {
  return fmt::format(
      "n_embd {}, {}, {}, block {}, vocabulary {}, {}: {} parameters{}.",
      model.n_embd, CountOf(model.n_layer, "layer"),
      CountOf(model.n_head, "head"), model.block_size, model.vocab_size,
      model.activation, FormatCount(model.num_params),
      model.data.empty() ? "" : "; data: " + model.data);
}

void AddMember(const BenchReport& report, const Member& member,
               Document& document) {
  const ModelReport& model = *member.model;
  const std::string suffix = Suffix(report, member.run);
  std::string digests = "Digests" + suffix + ": " + DigestSentence(model);
  const DigestState state = DigestsOf(model);
  if (state == DigestState::kDifferent) {
    document.blocks.push_back(Alert{digests});
  } else {
    if (state == DigestState::kIdentical) {
      digests += " (" + model.strong.front().digest + ")";
    }
    document.blocks.push_back(
        Paragraph{fmt::format("{}. A repetition has {} steps.", digests,
                              model.steps_per_repetition)});
  }
  AddPoints("Strong scaling" + suffix, model, model.strong, document);
  AddPoints("Weak scaling" + suffix, model, model.weak, document);
  AddPhases(suffix, model, document);
  AddAmdahl(suffix, model, document);
  AddTorch(suffix, model, document);
}

}  // namespace

void AddModel(const BenchReport& report, const ModelGroup& group,
              Document& document) {
  const ModelReport& first = *group.front().model;
  std::string title = "Model " + ModelName(first);
  if (!first.strong.empty()) {
    title += fmt::format(", batch {}", first.strong.front().batch_size);
  }
  document.blocks.push_back(Heading{2, title});
  document.blocks.push_back(Paragraph{Description(first)});
  AddModelFigures(report, group, document);
  for (std::size_t i = 0; i < group.size(); ++i) {
    if (report.runs.size() > 1) {
      document.blocks.push_back(Heading{3, RunName(report, group[i].run)});
    }
    AddMember(report, group[i], document);
  }
}

}  // namespace microgpt::cli
