// Matrix products of one thread at the shapes that models use, in GFLOP/s.
#include <benchmark/benchmark.h>

#include "base/aligned_buffer.h"
#include "kernels/matmul.h"
#include "microgpt/system.h"

namespace microgpt {
namespace {

struct Operands {
  Operands(std::size_t rows, std::size_t inner, std::size_t cols)
      : x_memory(rows * PaddedCols(inner)),
        w_memory(inner * PaddedCols(cols)),
        y_memory(rows * PaddedCols(cols)),
        x{x_memory.data(), rows, PaddedCols(inner), PaddedCols(inner)},
        w{w_memory.data(), inner, PaddedCols(cols), PaddedCols(cols)},
        y{y_memory.data(), rows, PaddedCols(cols), PaddedCols(cols)} {
    for (std::size_t i = 0; i < x_memory.size(); ++i) {
      x_memory.data()[i] = 1.0f + static_cast<float>(i % 7);
    }
    for (std::size_t i = 0; i < w_memory.size(); ++i) {
      w_memory.data()[i] = 0.5f - static_cast<float>(i % 5);
    }
  }

  AlignedBuffer<float> x_memory;
  AlignedBuffer<float> w_memory;
  AlignedBuffer<float> y_memory;
  MatrixView x;
  MatrixView w;
  MatrixView y;
};

void SetRate(benchmark::State& state) {
  const double flops = 2.0 * static_cast<double>(state.range(0)) *
                       static_cast<double>(state.range(1)) *
                       static_cast<double>(state.range(2));
  state.counters["GFLOP/s"] = benchmark::Counter(
      flops * 1e-9, benchmark::Counter::kIsIterationInvariantRate);
  state.SetLabel(SimdTarget());
}

void Sizes(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgNames({"T", "in", "out"});
  for (const std::int64_t width : {16, 32, 64, 128, 256}) {
    for (const std::int64_t rows : {7, 64}) {
      benchmark->Args({rows, width, width});
      benchmark->Args({rows, width, 4 * width});
      benchmark->Args({rows, 4 * width, width});
    }
  }
}

// y [T, out] = x [T, in] w [in, out]
void BM_MatMul(benchmark::State& state) {
  Operands operands(static_cast<std::size_t>(state.range(0)),
                    static_cast<std::size_t>(state.range(1)),
                    static_cast<std::size_t>(state.range(2)));
  for (auto _ : state) {
    MatMul(operands.x, operands.w, operands.y, Write::kOverwrite);
    benchmark::ClobberMemory();
  }
  SetRate(state);
}
BENCHMARK(BM_MatMul)->Apply(Sizes);

// dw [out, in] += dy^T [out, T] x [T, in]
void BM_MatMulWeightGradient(benchmark::State& state) {
  const auto rows = static_cast<std::size_t>(state.range(0));
  const auto in = static_cast<std::size_t>(state.range(1));
  const auto out = static_cast<std::size_t>(state.range(2));
  Operands operands(rows, in, out);
  AlignedBuffer<float> gradient(out * PaddedCols(in));
  const MatrixView dw{gradient.data(), out, PaddedCols(in), PaddedCols(in)};
  for (auto _ : state) {
    MatMulWeightGradient(operands.y, operands.x, dw, Write::kOverwrite);
    benchmark::ClobberMemory();
  }
  SetRate(state);
}
BENCHMARK(BM_MatMulWeightGradient)->Apply(Sizes);

}  // namespace
}  // namespace microgpt

int main(int argc, char** argv) { if (const char* t = std::getenv("MGPT_SIMD")) microgpt::SetSimdTarget(t); benchmark::Initialize(&argc, argv); benchmark::RunSpecifiedBenchmarks(); }
