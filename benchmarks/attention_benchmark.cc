// Attention of one layer with 4 heads, forward and backward.
#include <benchmark/benchmark.h>

#include <vector>

#include "benchmarks/operands.h"
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

void BM_Attention(benchmark::State& state) {
  const auto width = static_cast<std::size_t>(state.range(0));
  const auto positions = static_cast<std::size_t>(state.range(1));
  Operand qkv(positions, 3 * width);
  Operand out(positions, width);
  Operand dqkv(positions, 3 * width);
  AlignedBuffer<float> probabilities(kHeads * positions *
                                     PaddedCols(positions));
  AlignedBuffer<float> scratch(AttentionScratchFloats(positions, width));
  for (auto _ : state) {
    AttentionForward(qkv.view(), width, kHeads, probabilities.data(),
                     scratch.data(), out.view());
    AttentionBackward(out.view(), qkv.view(), width, kHeads,
                      probabilities.data(), scratch.data(), dqkv.view());
    benchmark::ClobberMemory();
  }
  ReportSecondsPer(state, "s/doc", 1);
}
BENCHMARK(BM_Attention)
    ->ArgNames({"n_embd", "T"})
    ->ArgsProduct({{64, 128, 256}, {16, 64, 256}});

}  // namespace
}  // namespace microgpt
