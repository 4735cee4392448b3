#include "cli/bench/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "cli/page/format_number.h"

namespace microgpt::cli {
namespace {

template <typename IsBetter>
BestPoint Best(std::span<const RunReport> runs, IsBetter is_better) {
  BestPoint best;
  for (const RunReport& run : runs) {
    for (const ModelReport& model : run.models) {
      for (const PointReport& point : model.strong) {
        if (best.point == nullptr || is_better(point, *best.point)) {
          best = {&run, &model, &point};
        }
      }
    }
  }
  return best;
}

std::string Where(const BenchReport& report, const BestPoint& best) {
  std::string text = ModelName(*best.model);
  if (report.runs.size() > 1) {
    const auto index = static_cast<std::size_t>(best.run - &report.runs[0]);
    text += ", " + RunName(report, index);
  }
  return text;
}

}  // namespace

std::string ModelName(const ModelReport& model) {
  return fmt::format("{}/{}/{}/{}", model.n_embd, model.n_layer, model.n_head,
                     model.block_size);
}

std::string RunName(const BenchReport& report, std::size_t index) {
  const std::string& label = report.runs[index].label;
  return label.empty() ? fmt::format("run {}", index + 1) : label;
}

std::string CountOf(int count, const std::string& noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

DigestState DigestsOf(const ModelReport& model) {
  if (model.strong.empty()) return DigestState::kNone;
  const bool same = std::all_of(
      model.strong.begin(), model.strong.end(), [&](const PointReport& point) {
        return point.digest == model.strong.front().digest;
      });
  return same && model.digests_equal ? DigestState::kIdentical
                                     : DigestState::kDifferent;
}

std::string DigestSentence(const ModelReport& model) {
  // In order of appearance.
  std::vector<std::pair<std::string, std::string>> threads_of_digest;
  for (const PointReport& point : model.strong) {
    const auto known =
        std::find_if(threads_of_digest.begin(), threads_of_digest.end(),
                     [&](const auto& x) { return x.first == point.digest; });
    const std::string threads = fmt::format("{}", point.threads);
    if (known == threads_of_digest.end()) {
      threads_of_digest.push_back({point.digest, threads});
    } else {
      known->second += ", " + threads;
    }
  }
  switch (DigestsOf(model)) {
    case DigestState::kNone:
      return "not compared";
    case DigestState::kIdentical:
      return "identical for threads " + threads_of_digest.front().second;
    case DigestState::kDifferent:
      break;
  }
  std::string text = "DIFFERENT";
  for (std::size_t i = 0; i < threads_of_digest.size(); ++i) {
    text += (i == 0 ? ": " : "; ") + threads_of_digest[i].first +
            " for threads " + threads_of_digest[i].second;
  }
  return text;
}

BestPoint FastestPoint(std::span<const RunReport> runs) {
  return Best(runs, [](const PointReport& a, const PointReport& b) {
    return a.tokens_per_second.median > b.tokens_per_second.median;
  });
}

BestPoint BestSpeedup(std::span<const RunReport> runs) {
  return Best(runs, [](const PointReport& a, const PointReport& b) {
    return std::pair(a.threads, a.speedup) > std::pair(b.threads, b.speedup);
  });
}

DigestState DigestsOf(const BenchReport& report) {
  DigestState all = DigestState::kNone;
  for (const RunReport& run : report.runs) {
    for (const ModelReport& model : run.models) {
      all = std::max(all, DigestsOf(model));
    }
  }
  return all;
}

std::string SummaryText(const BenchReport& report) {
  const BestPoint fastest = FastestPoint(report.runs);
  if (fastest.point == nullptr) return "No scaling has been measured.";
  const BestPoint speedup = BestSpeedup(report.runs);
  const bool identical = DigestsOf(report) == DigestState::kIdentical;
  return fmt::format(
      "At best {} tokens/s ({}, {}), and {} times the speed of {} on {} ({}). "
      "{}",
      FormatNumber(fastest.point->tokens_per_second.median),
      Where(report, fastest), CountOf(fastest.point->threads, "thread"),
      FormatRatio(speedup.point->speedup),
      CountOf(speedup.model->strong.front().threads, "thread"),
      CountOf(speedup.point->threads, "thread"), Where(report, speedup),
      identical ? "For each model, the digests are identical on all thread "
                  "counts."
                : "THE DIGESTS DIFFER between thread counts.");
}

}  // namespace microgpt::cli
