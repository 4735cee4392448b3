// Whole optimizer steps on the built-in names.
#include <benchmark/benchmark.h>

#include "microgpt/system.h"
#include "microgpt/trainer.h"

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
  std::int64_t tokens = 0;
  for (auto _ : state) tokens += trainer.Step().tokens;
  const auto documents =
      static_cast<double>(state.iterations() * config.batch_size);
  state.counters["tokens/s"] = benchmark::Counter(static_cast<double>(tokens),
                                                  benchmark::Counter::kIsRate);
  state.counters["s/doc"] = benchmark::Counter(
      documents, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  state.SetLabel(SimdTarget());
}

// One thread, one document per step: the table of small models.
void OneDocument(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgNames({"n_embd", "n_layer", "block", "batch", "threads"});
  benchmark->Args({16, 1, 8, 1, 1});
  benchmark->Args({16, 1, 16, 1, 1});
  benchmark->Args({32, 2, 16, 1, 1});
  benchmark->Args({64, 1, 16, 1, 1});
  benchmark->Args({64, 4, 32, 1, 1});
  benchmark->Args({128, 4, 64, 1, 1});
}

// 1, 2 and 4 threads must be compared within one run.
void Batches(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgNames({"n_embd", "n_layer", "block", "batch", "threads"});
  for (const std::int64_t width : {16, 32, 64, 128, 256}) {
    for (const std::int64_t threads : {1, 2}) {
      benchmark->Args({width, 1, 16, 64, threads});
    }
  }
  for (const std::int64_t threads : {1, 2}) {
    benchmark->Args({16, 1, 16, 256, threads});
    benchmark->Args({64, 1, 16, 16, threads});
  }
}

BENCHMARK(BM_TrainStep)->Apply(OneDocument)->UseRealTime();
BENCHMARK(BM_TrainStep)
    ->Apply(Batches)
    ->UseRealTime()
    ->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace microgpt

int main(int argc, char** argv) { if (const char* t = std::getenv("MGPT_SIMD")) microgpt::SetSimdTarget(t); benchmark::Initialize(&argc, argv); benchmark::RunSpecifiedBenchmarks(); }
