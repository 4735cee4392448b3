// Adam: alone, straight from a product, and as it would be without care.
#include <benchmark/benchmark.h>

#include <algorithm>

#include "bench/operand.h"
#include "benchmarks/report.h"
#include "kernels/adam.h"

namespace microgpt {
namespace {

constexpr AdamScalars kScalars{0.9f, 0.95f, 0.1f, 0.05f, 0.001f, 1e-8f, 1.0f};

// Weights, moments and gradients of one size.
struct Arrays {
  Arrays(std::size_t size, bool same_slot)
      : p(size, PageSlot::kFirst),
        m(size, same_slot ? PageSlot::kFirst : PageSlot::kThird),
        v(size, same_slot ? PageSlot::kFirst : PageSlot::kFourth),
        g(size, same_slot ? PageSlot::kFirst : PageSlot::kFifth) {}

  static void Fill(AlignedBuffer<float>& buffer, float value) {
    std::fill_n(buffer.data(), buffer.size(), value);
  }

  AlignedBuffer<float> p;
  AlignedBuffer<float> m;
  AlignedBuffer<float> v;
  AlignedBuffer<float> g;
};

void RunAdam(benchmark::State& state, bool same_slot, float moments,
             float gradient) {
  const auto size = static_cast<std::size_t>(state.range(0));
  Arrays arrays(size, same_slot);
  Arrays::Fill(arrays.p, 0.5f);
  Arrays::Fill(arrays.m, moments);
  Arrays::Fill(arrays.v, moments);
  Arrays::Fill(arrays.g, gradient);
  for (auto _ : state) {
    AdamUpdate(kScalars, arrays.p.data(), arrays.m.data(), arrays.v.data(),
               arrays.g.data(), size);
    benchmark::ClobberMemory();
  }
  ReportSecondsPer(state, "s/weight", static_cast<double>(size));
}

void Sizes(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgName("weights")->Arg(4096)->Arg(51200)->Arg(819200);
}

void BM_Adam(benchmark::State& state) { RunAdam(state, false, 0.01f, 0.01f); }
BENCHMARK(BM_Adam)->Apply(Sizes);

// Moments that would be subnormal if they were not set to zero.
void BM_AdamWithoutGradient(benchmark::State& state) {
  RunAdam(state, false, 1e-37f, 0);
}
BENCHMARK(BM_AdamWithoutGradient)->Apply(Sizes);

// All arrays a multiple of 4 KiB apart, which the model's are not.
void BM_AdamSamePageOffset(benchmark::State& state) {
  RunAdam(state, true, 0.01f, 0.01f);
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
