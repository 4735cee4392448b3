#include "cli/bench/plan.h"

#include <algorithm>

#include "cli/parse_number.h"
#include "microgpt/error.h"
#include "microgpt/system.h"

namespace microgpt::cli {
namespace {

// Speed does not depend on it; small enough for any model to stay finite.
constexpr double kLearningRate = 1e-4;

struct SweepModel {
  int n_embd;
  int n_layer;
  int n_head;
  int block_size;
  int batch_size;
};

// From the default's size to GPT-2 small; batches of fewer tokens for larger
// models, so that all of them take minutes on two cores.
constexpr SweepModel kSweep[] = {
    {16, 1, 4, 16, 64},    {32, 1, 4, 16, 64},  {64, 2, 4, 32, 32},
    {128, 4, 4, 64, 16},   {256, 6, 8, 128, 8}, {384, 6, 6, 256, 4},
    {768, 12, 12, 256, 1},
};

}  // namespace

std::vector<int> ParseThreadCounts(const std::string& flag,
                                   const std::string& text) {
  std::vector<int> counts;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    counts.push_back(static_cast<int>(
        ParseInteger(flag, text.substr(begin, end - begin), 1, kMaxThreads)));
    begin = end + 1;
  }
  std::sort(counts.begin(), counts.end());
  if (std::adjacent_find(counts.begin(), counts.end()) != counts.end()) {
    throw Error(ErrorKind::kUsage,
                flag + ": '" + text + "' has a number twice");
  }
  return counts;
}

std::vector<int> DefaultThreadCounts(int most) {
  std::vector<int> counts;
  for (int count = 1; count < most; count *= 2) counts.push_back(count);
  counts.push_back(most);
  return counts;
}

std::vector<BenchmarkOptions> PlanBenchmark(const Options& options) {
  BenchmarkOptions common;
  common.config = options.train;
  common.config.adam.learning_rate = kLearningRate;
  common.threads = options.bench.threads.empty()
                       ? DefaultThreadCounts(DefaultThreads())
                       : options.bench.threads;
  common.repetitions = options.bench.repetitions;
  common.repetition_seconds = options.bench.repetition_seconds;
  if (!options.bench.sweep) return {common};
  std::vector<BenchmarkOptions> plan;
  for (const SweepModel& model : kSweep) {
    BenchmarkOptions each = common;
    each.config.model.n_embd = model.n_embd;
    each.config.model.n_layer = model.n_layer;
    each.config.model.n_head = model.n_head;
    each.config.model.block_size = model.block_size;
    each.config.batch_size = model.batch_size;
    // Windows of a stream fill the block, whatever the length of lines.
    each.config.data.doc_mode = DocMode::kText;
    each.weak_scaling = false;
    plan.push_back(each);
  }
  return plan;
}

}  // namespace microgpt::cli
