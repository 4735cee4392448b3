// Steps of several trainers in turns.
#include <algorithm>
#include <functional>
#include <string>
#include <utility>

#include "base/checked_math.h"
#include "bench/stopwatch.h"
#include "microgpt/benchmark.h"
#include "microgpt/error.h"
#include "model/parameters.h"

namespace microgpt {
namespace {

constexpr double kTuningSeconds = 0.02;
constexpr std::int64_t kFirstSteps = 2;  // allocate what is made on demand
constexpr std::int64_t kMaxBlock = 10'000'000;
// Profiled steps of a block, as part of the timed ones.
constexpr std::int64_t kProfiledPart = 4;

std::int64_t ProfiledSteps(std::int64_t block) {
  return std::max<std::int64_t>(1, block / kProfiledPart);
}

// The next of 1, 2, 3, 5, 10, 20, ...: machines of about the same speed then do
// the same number of steps.
std::int64_t RoundUp(double steps) {
  for (std::int64_t power = 1; power < kMaxBlock; power *= 10) {
    for (const std::int64_t digit : {1, 2, 3, 5}) {
      const std::int64_t candidate = power * digit;
      if (static_cast<double>(candidate) >= steps) return candidate;
    }
  }
  return kMaxBlock;
}

void CheckOptions(const BenchmarkOptions& options) {
  const std::vector<int>& threads = options.threads;
  const bool increasing =
      std::adjacent_find(threads.begin(), threads.end(),
                         std::greater_equal<int>()) == threads.end();
  if (threads.empty() || !increasing || threads.front() < 1 ||
      threads.back() > kMaxThreads) {
    throw Error(ErrorKind::kUsage,
                "threads must be distinct numbers from 1 to " +
                    std::to_string(kMaxThreads) + ", in increasing order");
  }
  if (options.repetitions < 1 || options.repetitions > kMaxRepetitions) {
    throw Error(ErrorKind::kUsage, "repetitions must be from 1 to " +
                                       std::to_string(kMaxRepetitions));
  }
  if (!(options.repetition_seconds > 0) ||
      options.repetition_seconds > kMaxRepetitionSeconds) {
    throw Error(ErrorKind::kUsage,
                "the length of a repetition must be above 0 and at most " +
                    std::to_string(kMaxRepetitionSeconds) + " seconds");
  }
}

TrainConfig ConfigFor(const BenchmarkOptions& options, int threads,
                      int batch_size) {
  TrainConfig config = options.config;
  config.threads = threads;
  config.batch_size = batch_size;
  config.num_steps = kMaxSteps;  // the learning rate hardly falls
  return config;
}

int WeakBatch(const BenchmarkOptions& options, int threads) {
  const std::int64_t batch = std::int64_t{options.config.batch_size} * threads /
                             options.threads.front();
  if (batch > kMaxDimension) {
    throw Error(ErrorKind::kUsage,
                "batches of " + std::to_string(batch) +
                    " documents are too large; use a smaller --batch-size");
  }
  return static_cast<int>(batch);
}

// Threads and batch size of all that is measured; the first number of threads
// is the same in both series.
std::vector<std::pair<int, int>> Plan(const BenchmarkOptions& options) {
  std::vector<std::pair<int, int>> plan;
  for (const int threads : options.threads) {
    plan.emplace_back(threads, options.config.batch_size);
  }
  if (options.weak_scaling) {
    for (std::size_t i = 1; i < options.threads.size(); ++i) {
      plan.emplace_back(options.threads[i],
                        WeakBatch(options, options.threads[i]));
    }
  }
  return plan;
}

// A trainer and what is known of its speed.
class Contender {
 public:
  Contender(const TrainConfig& config, const Corpus& corpus)
      : trainer_(config, corpus) {
    point_.threads = config.threads;
    point_.batch_size = config.batch_size;
    point_.num_shards = trainer_.num_shards();
    phases_.resize(static_cast<std::size_t>(config.threads));
  }

  const ModelConfig& model() const { return trainer_.config().model; }
  std::int64_t steps_done() const { return trainer_.steps_done(); }

  // Returns the tokens trained on.
  std::int64_t Run(std::int64_t steps) {
    std::int64_t tokens = 0;
    for (std::int64_t i = 0; i < steps; ++i) tokens += trainer_.Step().tokens;
    return tokens;
  }

  // One step to get warm, then `steps` timed ones and some profiled ones.
  void RunBlock(std::int64_t steps) {
    Run(1);
    const Stopwatch watch;
    const std::int64_t tokens = Run(steps);
    const double seconds = watch.Seconds();
    point_.step_seconds.push_back(seconds / static_cast<double>(steps));
    point_.tokens_per_second.push_back(static_cast<double>(tokens) / seconds);
    timed_steps_ += steps;
    timed_tokens_ += tokens;
    RunProfiled(ProfiledSteps(steps));
  }

  BenchmarkPoint Result() {
    BenchmarkPoint point = point_;
    point.tokens_per_step =
        static_cast<double>(timed_tokens_) / static_cast<double>(timed_steps_);
    const double part = 1 / static_cast<double>(profiled_steps_);
    point.profiled_step_seconds = profiled_seconds_ * part;
    for (const PhaseSeconds& sum : phases_) {
      point.phases.push_back({sum.forward * part, sum.loss * part,
                              sum.backward * part, sum.reduce * part,
                              sum.optimizer * part});
    }
    point.digest = trainer_.Digest();
    return point;
  }

 private:
  void RunProfiled(std::int64_t steps) {
    trainer_.StartProfile();
    const Stopwatch watch;
    Run(steps);
    profiled_seconds_ += watch.Seconds();
    const std::vector<PhaseSeconds> profile = trainer_.StopProfile();
    for (std::size_t i = 0; i < profile.size(); ++i) {
      phases_[i].forward += profile[i].forward;
      phases_[i].loss += profile[i].loss;
      phases_[i].backward += profile[i].backward;
      phases_[i].reduce += profile[i].reduce;
      phases_[i].optimizer += profile[i].optimizer;
    }
    profiled_steps_ += steps;
  }

  Trainer trainer_;
  BenchmarkPoint point_;  // as far as it is known
  std::vector<PhaseSeconds> phases_;
  std::int64_t timed_steps_ = 0;
  std::int64_t timed_tokens_ = 0;
  std::int64_t profiled_steps_ = 0;
  double profiled_seconds_ = 0;
};

// How many steps take `seconds`, and at least as many as it takes to tell.
std::int64_t BlockOf(Contender& contender, double seconds) {
  contender.Run(kFirstSteps);
  const Stopwatch watch;
  std::int64_t steps = 0;
  do {
    contender.Run(1);
    ++steps;
  } while (watch.Seconds() < kTuningSeconds);
  return RoundUp(static_cast<double>(steps) *
                 std::max(1.0, seconds / watch.Seconds()));
}

}  // namespace

bool TrainingBenchmark::DigestsEqual() const {
  return std::all_of(strong.begin(), strong.end(), [&](const auto& point) {
    return point.digest == strong.front().digest;
  });
}

double MatrixFlopsPerToken(const ModelConfig& model) {
  const double embeddings =
      static_cast<double>(model.vocab_size + model.block_size) * model.n_embd;
  return 6 * (static_cast<double>(ParameterCount(model)) - embeddings);
}

std::uint64_t BenchmarkMemory(const BenchmarkOptions& options) {
  CheckOptions(options);
  CheckedSize bytes = 0;
  for (const auto& [threads, batch_size] : Plan(options)) {
    bytes = bytes +
            EstimateTrainingMemory(ConfigFor(options, threads, batch_size), 0)
                .total_bytes();
  }
  return bytes.value();
}

TrainingBenchmark MeasureTraining(const BenchmarkOptions& options,
                                  const Corpus& corpus,
                                  const BenchmarkProgress& progress) {
  CheckOptions(options);
  std::vector<Contender> contenders;
  for (const auto& [threads, batch_size] : Plan(options)) {
    contenders.emplace_back(ConfigFor(options, threads, batch_size), corpus);
    progress(0);
  }
  TrainingBenchmark result;
  result.model = contenders.front().model();
  const std::int64_t block =
      BlockOf(contenders.front(), options.repetition_seconds);
  // All begin after the same number of steps, which follows from the block.
  for (Contender& contender : contenders) {
    contender.Run(kFirstSteps + block - contender.steps_done());
    progress(0);
  }
  const std::size_t count = contenders.size();
  const std::size_t turns =
      count * static_cast<std::size_t>(options.repetitions);
  for (std::size_t turn = 0; turn < turns; ++turn) {
    contenders[(turn + turn / count) % count].RunBlock(block);
    progress(static_cast<double>(turn + 1) / static_cast<double>(turns));
  }
  result.steps_per_repetition = block;
  result.total_steps = contenders.front().steps_done();
  for (std::size_t i = 0; i < count; ++i) {
    const bool weak = i >= options.threads.size();
    BenchmarkPoint point = contenders[i].Result();
    if (weak || (i == 0 && count > options.threads.size())) {
      result.weak.push_back(point);
    }
    if (!weak) result.strong.push_back(std::move(point));
  }
  return result;
}

}  // namespace microgpt
