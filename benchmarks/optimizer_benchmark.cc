// Adam: alone, straight from a product, and as it would be without care.
#include <benchmark/benchmark.h>

#include <algorithm>

#include "benchmarks/operands.h"
#include "benchmarks/report.h"
#include "kernels/adam.h"

namespace microgpt {
namespace {

constexpr AdamScalars kScalars{0.9f, 0.95f, 0.1f, 0.05f, 0.001f, 1e-8f};

void Fill(AlignedBuffer<float>& buffer, float value) {
  std::fill_n(buffer.data(), buffer.size(), value);
}

void RunAdam(benchmark::State& state, AlignedBuffer<float>& p,
             AlignedBuffer<float>& m, AlignedBuffer<float>& v,
             AlignedBuffer<float>& g, float gradient) {
  const auto size = static_cast<std::size_t>(state.range(0));
  Fill(p, 0.5f);
  Fill(g, gradient);
  for (auto _ : state) {
    AdamUpdate(kScalars, p.data(), m.data(), v.data(), g.data(), size);
    benchmark::ClobberMemory();
  }
  ReportSecondsPer(state, "s/weight", static_cast<double>(size));
}

void Sizes(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgName("weights")->Arg(4096)->Arg(51200)->Arg(819200);
}

void BM_Adam(benchmark::State& state) {
  const auto size = static_cast<std::size_t>(state.range(0));
  AlignedBuffer<float> p(size, PageSlot::kFirst);
  AlignedBuffer<float> m(size, PageSlot::kThird);
  AlignedBuffer<float> v(size, PageSlot::kFourth);
  AlignedBuffer<float> g(size, PageSlot::kFifth);
  RunAdam(state, p, m, v, g, 0.01f);
}
BENCHMARK(BM_Adam)->Apply(Sizes);

// Moments that would be subnormal if they were not set to zero.
void BM_AdamWithoutGradient(benchmark::State& state) {
  const auto size = static_cast<std::size_t>(state.range(0));
  AlignedBuffer<float> p(size, PageSlot::kFirst);
  AlignedBuffer<float> m(size, PageSlot::kThird);
  AlignedBuffer<float> v(size, PageSlot::kFourth);
  AlignedBuffer<float> g(size, PageSlot::kFifth);
  Fill(m, 1e-37f);
  Fill(v, 1e-37f);
  RunAdam(state, p, m, v, g, 0);
}
BENCHMARK(BM_AdamWithoutGradient)->Apply(Sizes);

// All arrays a multiple of 4 KiB apart, which the model's are not.
void BM_AdamSamePageOffset(benchmark::State& state) {
  const auto size = static_cast<std::size_t>(state.range(0));
  AlignedBuffer<float> p(size, PageSlot::kFirst);
  AlignedBuffer<float> m(size, PageSlot::kFirst);
  AlignedBuffer<float> v(size, PageSlot::kFirst);
  AlignedBuffer<float> g(size, PageSlot::kFirst);
  RunAdam(state, p, m, v, g, 0.01f);
}
BENCHMARK(BM_AdamSamePageOffset)->Apply(Sizes);

// Seven positions: products, update and transposed copy.
void BM_AdamFromProduct(benchmark::State& state) {
  const auto out = static_cast<std::size_t>(state.range(0));
  const auto in = static_cast<std::size_t>(state.range(1));
  Operand dy(7, out);
  Operand x(7, in);
  Operand p(out, in, PageSlot::kFirst);
  Operand transposed(in, out, PageSlot::kSecond);
  AlignedBuffer<float> m(p.size(), PageSlot::kThird);
  AlignedBuffer<float> v(p.size(), PageSlot::kFourth);
  for (auto _ : state) {
    AdamUpdateFromProduct(kScalars, dy.view(), x.view(), p.view(), m.data(),
                          v.data(), transposed.view());
    benchmark::ClobberMemory();
  }
  ReportSecondsPer(state, "s/weight", static_cast<double>(out * in));
}
BENCHMARK(BM_AdamFromProduct)
    ->ArgNames({"out", "in"})
    ->Args({16, 16})
    ->Args({64, 16})
    ->Args({16, 64})
    ->Args({64, 64})
    ->Args({256, 64})
    ->Args({64, 256})
    ->Args({256, 256})
    ->Args({1024, 256});

}  // namespace
}  // namespace microgpt
