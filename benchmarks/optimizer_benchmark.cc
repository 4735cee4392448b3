// Adam: plain, straight from a product, and with moments that have decayed.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include "base/aligned_buffer.h"
#include "kernels/adam.h"
#include "kernels/matmul.h"
#include "microgpt/system.h"

namespace microgpt {
namespace {

constexpr AdamScalars kScalars{0.9f, 0.95f, 0.1f, 0.05f, 0.001f, 1e-8f};

struct State {
  explicit State(std::size_t size, float moment)
      : p(size, PageSlot::kFirst),
        t(size, PageSlot::kSecond),
        m(size, PageSlot::kThird),
        v(size, PageSlot::kFourth),
        g(size, PageSlot::kFifth) {
    for (std::size_t i = 0; i < size; ++i) {
      p.data()[i] = 0.5f;
      g.data()[i] = moment == 0 ? 0 : 0.01f + 1e-4f * static_cast<float>(i % 97);
      m.data()[i] = moment == 0 ? 1e-40f : moment;
      v.data()[i] = moment == 0 ? 1e-40f : moment;
    }
  }
  AlignedBuffer<float> p, t, m, v, g;
};

void BM_Adam(benchmark::State& state) {
  const auto size = static_cast<std::size_t>(state.range(0));
  State s(size, state.range(1) != 0 ? 0.0f : 0.01f);
  for (auto _ : state) {
    AdamUpdate(kScalars, s.p.data(), s.m.data(), s.v.data(), s.g.data(), size);
    benchmark::ClobberMemory();
  }
  state.counters["s/param"] = benchmark::Counter(
      static_cast<double>(size), benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}
BENCHMARK(BM_Adam)->ArgNames({"size", "subnormal"})->ArgsProduct({{4096, 51200, 204800, 819200}, {0, 1}});

void BM_AdamFromProduct(benchmark::State& state) {
  const auto rows = static_cast<std::size_t>(state.range(0));
  const auto out = static_cast<std::size_t>(state.range(1));
  const auto in = static_cast<std::size_t>(state.range(2));
  State s(out * in, 0.01f);
  AlignedBuffer<float> dy(rows * out), x(rows * in);
  for (std::size_t i = 0; i < dy.size(); ++i) dy.data()[i] = 0.01f;
  for (std::size_t i = 0; i < x.size(); ++i) x.data()[i] = 0.5f;
  for (auto _ : state) {
    AdamUpdateFromProduct(kScalars, {dy.data(), rows, out, out}, {x.data(), rows, in, in},
      {s.p.data(), out, in, in}, s.m.data(), s.v.data(), {s.t.data(), in, out, out});
    benchmark::ClobberMemory();
  }
  state.counters["s/param"] = benchmark::Counter(
      static_cast<double>(out * in), benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}
BENCHMARK(BM_AdamFromProduct)->ArgNames({"T", "out", "in"})->ArgsProduct({{7, 14}, {16, 64, 256}, {16, 64, 256}});

}  // namespace
}  // namespace microgpt

int main(int argc, char** argv) { if (const char* t = std::getenv("MGPT_SIMD")) microgpt::SetSimdTarget(t); benchmark::Initialize(&argc, argv); benchmark::RunSpecifiedBenchmarks(); }
