// Whole optimizer steps on the built-in names.
#include <benchmark/benchmark.h>

#include "benchmarks/report.h"
#include "microgpt/trainer.h"
#include "tests/base/counting_new.h"

namespace microgpt {
namespace {

void BM_TrainStep(benchmark::State& state) {
  TrainConfig config;
  config.model.n_embd = static_cast<int>(state.range(0));
  config.model.n_layer = static_cast<int>(state.range(1));
  config.model.block_size = static_cast<int>(state.range(2));
  config.batch_size = static_cast<int>(state.range(3));
  config.threads = static_cast<int>(state.range(4));
  config.num_steps = kMaxSteps;  // the learning rate hardly falls
  Trainer trainer(config, Corpus::BuiltIn());
  for (int i = 0; i < 3; ++i) trainer.Step();  // what is allocated on demand
  std::int64_t tokens = 0;
  const std::size_t allocations = NewCalls();
  for (auto _ : state) tokens += trainer.Step().tokens;
  const auto steps = static_cast<double>(state.iterations());
  state.counters["allocs"] =
      static_cast<double>(NewCalls() - allocations) / steps;
  const double tokens_per_step = static_cast<double>(tokens) / steps;
  state.counters["tokens/s"] = benchmark::Counter(
      tokens_per_step, benchmark::Counter::kIsIterationInvariantRate);
  ReportSecondsPer(state, "s/doc", config.batch_size);
  ReportFlops(state,
              MatrixFlopsPerToken(trainer.config().model) * tokens_per_step,
              config.threads);
}

void Names(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgNames({"n_embd", "n_layer", "block", "batch", "threads"});
}

// One document per step.
void OneDocument(benchmark::internal::Benchmark* benchmark) {
  Names(benchmark);
  benchmark->Args({16, 1, 8, 1, 1});
  benchmark->Args({16, 1, 16, 1, 1});
  benchmark->Args({32, 2, 16, 1, 1});
  benchmark->Args({64, 1, 16, 1, 1});
  benchmark->Args({64, 4, 32, 1, 1});
  benchmark->Args({128, 4, 64, 1, 1});
}

// One and two threads must be compared within one run.
void Batches(benchmark::internal::Benchmark* benchmark) {
  Names(benchmark);
  for (const std::int64_t threads : {1, 2}) {
    for (const std::int64_t width : {16, 32, 64, 128, 256}) {
      benchmark->Args({width, 1, 16, 64, threads});
    }
    benchmark->Args({16, 1, 16, 256, threads});
    for (const std::int64_t batch : {8, 16}) {
      for (const std::int64_t width : {64, 128, 256}) {
        benchmark->Args({width, 1, 16, batch, threads});
      }
    }
  }
}

BENCHMARK(BM_TrainStep)->Apply(OneDocument)->UseRealTime();
BENCHMARK(BM_TrainStep)
    ->Apply(Batches)
    ->UseRealTime()
    ->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace microgpt
