// Attention of one layer with 4 heads, forward and backward.
#include <benchmark/benchmark.h>

#include <vector>

#include "bench/operand.h"
#include "benchmarks/report.h"
#include "kernels/attention.h"
#include "kernels/packed_attention.h"

namespace microgpt {
namespace {

constexpr std::size_t kHeads = 4;

// Documents of the same length, one after the other.
void BM_PackedAttention(benchmark::State& state) {
  const auto width = static_cast<std::size_t>(state.range(0));
  const auto count = static_cast<std::size_t>(state.range(1));
  const auto positions = static_cast<std::size_t>(state.range(2));
  std::vector<RowRange> documents;
  for (std::size_t i = 0; i < count; ++i) {
    documents.push_back({i * positions, positions});
  }
  Operand qkv(count * positions, 3 * width);
  Operand out(count * positions, width);
  Operand dqkv(count * positions, 3 * width);
  AlignedBuffer<float> saved(
      PackedAttentionSavedFloats(count, positions, width, kHeads).value());
  AlignedBuffer<float> scratch(
      PackedAttentionScratchFloats(positions, width, kHeads).value());
  for (auto _ : state) {
    PackedAttentionForward(qkv.view(), width, kHeads, documents, saved.data(),
                           scratch.data(), out.view());
    PackedAttentionBackward(out.view(), width, kHeads, documents, saved.data(),
                            scratch.data(), dqkv.view());
    benchmark::ClobberMemory();
  }
  ReportSecondsPer(state, "s/doc", static_cast<double>(count));
}
BENCHMARK(BM_PackedAttention)
    ->ArgNames({"n_embd", "documents", "T"})
    ->ArgsProduct({{16, 32, 64, 128}, {1, 8}, {7, 16}});

// One document and what its attention needs.
struct LongDocument {
  LongDocument(std::size_t positions, std::size_t head_size)
      : width(kHeads * head_size),
        qkv(positions, 3 * width),
        out(positions, width),
        dqkv(positions, 3 * width),
        saved(AttentionSavedFloats(positions, kHeads).value()),
        scratch(AttentionScratchFloats(positions, head_size).value()) {}

  void Forward() {
    AttentionForward(qkv.view(), width, kHeads, {0, kHeads}, saved.data(),
                     scratch.data(), out.view());
  }
  void Backward() {
    AttentionBackward(out.view(), qkv.view(), width, kHeads, {0, kHeads},
                      saved.data(), scratch.data(), dqkv.view());
  }

  std::size_t width;
  Operand qkv;
  Operand out;
  Operand dqkv;
  AlignedBuffer<float> saved;
  AlignedBuffer<float> scratch;
};

// `products` of a [T, T] matrix on and below the diagonal with [T, HS] each.
void ReportProducts(benchmark::State& state, double products) {
  const auto positions = static_cast<double>(state.range(1));
  const auto width =
      static_cast<double>(kHeads) * static_cast<double>(state.range(0));
  ReportFlops(state, products * positions * (positions + 1) * width);
  ReportSecondsPer(state, "s/doc", 1);
}

LongDocument DocumentOf(const benchmark::State& state) {
  return LongDocument(static_cast<std::size_t>(state.range(1)),
                      static_cast<std::size_t>(state.range(0)));
}

void BM_AttentionForward(benchmark::State& state) {
  LongDocument document = DocumentOf(state);
  for (auto _ : state) {
    document.Forward();
    benchmark::ClobberMemory();
  }
  ReportProducts(state, 2);
}

// With the scores, which it computes again.
void BM_AttentionBackward(benchmark::State& state) {
  LongDocument document = DocumentOf(state);
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
