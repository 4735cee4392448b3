// Kernels between the products: time per element of their largest operand.
#include <benchmark/benchmark.h>

#include <array>
#include <vector>

#include "bench/operand.h"
#include "benchmarks/report.h"
#include "kernels/activation.h"
#include "kernels/cross_entropy.h"
#include "kernels/embedding.h"
#include "kernels/gradient.h"
#include "kernels/matmul.h"
#include "kernels/rms_norm.h"

namespace microgpt {
namespace {

constexpr std::size_t kRows = 56;  // eight names

void Widths(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgName("n_embd")->Arg(16)->Arg(64)->Arg(256);
}

std::size_t Width(const benchmark::State& state) {
  return static_cast<std::size_t>(state.range(0));
}

// Runs `body` as often as asked for; `elements` of one call.
template <class Body>
void Measure(benchmark::State& state, std::size_t elements, Body body) {
  for (auto _ : state) {
    body();
    benchmark::ClobberMemory();
  }
  ReportSecondsPer(state, "s/element", static_cast<double>(elements));
}

void BM_RmsNormForward(benchmark::State& state) {
  Operand x(kRows, Width(state));
  Operand y(kRows, Width(state));
  std::array<float, kRows> scales{};
  Measure(state, kRows * Width(state), [&] {
    RmsNormForward(x.view(), Width(state), y.view(), scales.data());
  });
}
BENCHMARK(BM_RmsNormForward)->Apply(Widths);

void BM_RmsNormBackward(benchmark::State& state) {
  Operand dy(kRows, Width(state));
  Operand y(kRows, Width(state));
  Operand dx(kRows, Width(state));
  std::array<float, kRows> scales{};
  scales.fill(0.5f);
  Measure(state, kRows * Width(state), [&] {
    RmsNormBackward(dy.view(), y.view(), scales.data(), Width(state), y.view(),
                    dx.view());
  });
}
BENCHMARK(BM_RmsNormBackward)->Apply(Widths);

void BM_ActivationForward(benchmark::State& state) {
  Operand u(kRows, 4 * Width(state));
  Operand a(kRows, 4 * Width(state));
  Measure(state, kRows * 4 * Width(state),
          [&] { ActivationForward(Activation::kRelu2, u.view(), a.view()); });
}
BENCHMARK(BM_ActivationForward)->Apply(Widths);

void BM_ActivationBackward(benchmark::State& state) {
  Operand u(kRows, 4 * Width(state));
  Operand da(kRows, 4 * Width(state));
  Measure(state, kRows * 4 * Width(state),
          [&] { ActivationBackward(Activation::kRelu2, u.view(), da.view()); });
}
BENCHMARK(BM_ActivationBackward)->Apply(Widths);

void BM_SoftmaxCrossEntropy(benchmark::State& state) {
  const auto vocab_size = static_cast<std::size_t>(state.range(0));
  Operand logits(kRows, vocab_size);
  std::array<std::int32_t, kRows> targets{};
  std::array<double, kRows> losses{};
  Measure(state, kRows * vocab_size, [&] {
    SoftmaxCrossEntropy(logits.view(), vocab_size, targets.data(),
                        losses.data());
  });
}
BENCHMARK(BM_SoftmaxCrossEntropy)->ArgName("V")->Arg(27)->Arg(100)->Arg(4096);

void BM_Embedding(benchmark::State& state) {
  Operand wte(27, Width(state));
  Operand wpe(kRows, Width(state));
  Operand x(kRows, Width(state));
  std::array<std::int32_t, kRows> tokens{};
  for (std::size_t i = 0; i < kRows; ++i) {
    tokens[i] = static_cast<std::int32_t>(i % 27);
  }
  Measure(state, kRows * Width(state), [&] {
    EmbeddingForward(tokens.data(), wte.view(), wpe.view(), x.view());
    EmbeddingBackward(tokens.data(), x.view(), wte.view(), wpe.view());
  });
}
BENCHMARK(BM_Embedding)->Apply(Widths);

void BM_Transpose(benchmark::State& state) {
  Operand in(Width(state), 4 * Width(state));
  Operand out(4 * Width(state), Width(state));
  Measure(state, in.size(), [&] { Transpose(in.view(), out.view()); });
}
BENCHMARK(BM_Transpose)->Apply(Widths);

void BM_MaxAbs(benchmark::State& state) {
  Operand values(kRows, 4 * Width(state));
  Measure(state, kRows * 4 * Width(state),
          [&] { benchmark::DoNotOptimize(MaxAbs(values.view(), 0)); });
}
BENCHMARK(BM_MaxAbs)->Apply(Widths);

// What the arrays of one call hold in all.
void BM_SumPairwise(benchmark::State& state) {
  const auto count = static_cast<std::size_t>(state.range(0));
  constexpr std::size_t kFloats = 4096;
  std::vector<AlignedBuffer<float>> memory;
  std::vector<float*> terms;
  for (std::size_t i = 0; i < count; ++i) {
    memory.emplace_back(kFloats);
    terms.push_back(memory.back().data());
  }
  Measure(state, count * kFloats,
          [&] { benchmark::DoNotOptimize(SumPairwise(terms, kFloats)); });
}
BENCHMARK(BM_SumPairwise)->ArgName("terms")->Arg(1)->Arg(2)->Arg(8);

}  // namespace
}  // namespace microgpt
