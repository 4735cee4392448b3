#include "cli/yielding.h"

#include <optional>
#include <set>
#include <string>

namespace microgpt::cli {
namespace {

using Names = std::set<std::string>;

// The losers that are from farther away than the nearest of the winners.
void Yield(Settings& settings, const Names& winners, const Names& losers) {
  const std::optional<Source> nearest = settings.NearestOf(winners);
  if (nearest) settings.DropBeyond(*nearest, losers);
}

void YieldEitherWay(Settings& settings, const Names& one, const Names& other) {
  Yield(settings, one, other);
  Yield(settings, other, one);
}

void YieldToValue(Settings& settings, const std::string& winner,
                  const std::string& value, const Names& losers) {
  const Setting* const setting = settings.Find(winner);
  if (setting != nullptr && setting->text == value) {
    Yield(settings, {winner}, losers);
  }
}

void DropWithout(Settings& settings, const Names& needed,
                 const std::string& flag) {
  if (!settings.NearestOf(needed)) {
    settings.DropBeyond(Source::kCommandLine, {flag});
  }
}

}  // namespace

void DropYielding(Command command, Settings& settings) {
  if (command == Command::kInfo && settings.Find("--checkpoint") != nullptr) {
    settings.KeepTypedAnd({"--checkpoint", "--threads", "--simd"});
  }
  if (settings.Find("--from") != nullptr) {
    settings.KeepTypedAnd({"--from", "--report", "--quiet", "--no-color"});
  }
  YieldEitherWay(settings, {"--tokens", "--vocab-size"},
                 {"--input", "--doc-mode", "--long-docs"});
  YieldEitherWay(settings, {"--val-split"}, {"--val-input"});
  YieldEitherWay(settings, {"--resume"}, {"--init-from", "--preset"});
  YieldToValue(settings, "--doc-mode", "text", {"--long-docs"});
  YieldToValue(settings, "--lr-schedule", "constant", {"--min-lr"});
  YieldToValue(
      settings, "--preset", kSweepPreset,
      {"--n-embd", "--n-layer", "--n-head", "--block-size", "--doc-mode",
       "--batch-size", "--tokens", "--vocab-size", "--long-docs"});
  DropWithout(settings, {"--out-dir", "--resume"}, "--save-every");
  DropWithout(settings, {"--out-dir", "--resume"}, "--sample-every");
  DropWithout(settings, {"--resume"}, "--allow-changed-data");
  DropWithout(settings, {"--report"}, "--label");
}

}  // namespace microgpt::cli
