// Attention of one layer with 4 heads, forward and backward.
#include <benchmark/benchmark.h>

#include "bench/attention_operands.h"
#include "benchmarks/report.h"

namespace microgpt {
namespace {

constexpr std::size_t kHeads = 4;

void BM_PackedAttention(benchmark::State& state) {
  const auto width = static_cast<std::size_t>(state.range(0));
  const auto count = static_cast<std::size_t>(state.range(1));
  const auto positions = static_cast<std::size_t>(state.range(2));
  ShortAttention documents(count, positions, width, kHeads);
  for (auto _ : state) {
    documents.Forward();
    documents.Backward();
    benchmark::ClobberMemory();
  }
  ReportSecondsPer(state, "s/doc", static_cast<double>(count));
}
BENCHMARK(BM_PackedAttention)
    ->ArgNames({"n_embd", "documents", "T"})
    ->ArgsProduct({{16, 32, 64, 128}, {1, 8}, {7, 16}});

// `products` of a [T, T] matrix on and below the diagonal with [T, HS] each.
void ReportProducts(benchmark::State& state, double products) {
  const auto positions = static_cast<double>(state.range(1));
  const auto width =
      static_cast<double>(kHeads) * static_cast<double>(state.range(0));
  ReportFlops(state, products * positions * (positions + 1) * width);
  ReportSecondsPer(state, "s/doc", 1);
}

LongAttention DocumentOf(const benchmark::State& state) {
  return LongAttention(static_cast<std::size_t>(state.range(1)),
                       static_cast<std::size_t>(state.range(0)) * kHeads,
                       kHeads);
}

void BM_AttentionForward(benchmark::State& state) {
  LongAttention document = DocumentOf(state);
  for (auto _ : state) {
    document.Forward();
    benchmark::ClobberMemory();
  }
  ReportProducts(state, 2);
}

// With the scores, which it computes again.
void BM_AttentionBackward(benchmark::State& state) {
  LongAttention document = DocumentOf(state);
  document.Forward();
  for (auto _ : state) {
    document.Backward();
    benchmark::ClobberMemory();
  }
  ReportProducts(state, 5);
}

void LongDocuments(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgNames({"HS", "T"})
      ->ArgsProduct({{32, 64}, {64, 256, 1024, 2048}});
}
BENCHMARK(BM_AttentionForward)->Apply(LongDocuments);
BENCHMARK(BM_AttentionBackward)->Apply(LongDocuments);

}  // namespace
}  // namespace microgpt
