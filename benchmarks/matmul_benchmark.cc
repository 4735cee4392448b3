// Matrix products of one thread at the shapes that models use.
#include <benchmark/benchmark.h>

#include "bench/operand.h"
#include "benchmarks/report.h"
#include "kernels/matmul.h"

namespace microgpt {
namespace {

double Flops(const benchmark::State& state) {
  return 2.0 * static_cast<double>(state.range(0)) *
         static_cast<double>(state.range(1)) *
         static_cast<double>(state.range(2));
}

// 7 positions are a name, 28 and 64 packs of them.
void Shapes(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgNames({"T", "in", "out"});
  for (const std::int64_t width : {16, 32, 64, 128, 256}) {
    for (const std::int64_t rows : {7, 28, 64}) {
      benchmark->Args({rows, width, width});
      benchmark->Args({rows, width, 3 * width});
      benchmark->Args({rows, width, 4 * width});
      benchmark->Args({rows, 4 * width, width});
    }
  }
}

// y [T, out] = x [T, in] w [in, out]
void BM_MatMul(benchmark::State& state) {
  const auto rows = static_cast<std::size_t>(state.range(0));
  const auto in = static_cast<std::size_t>(state.range(1));
  const auto out = static_cast<std::size_t>(state.range(2));
  Operand x(rows, in);
  Operand w(in, out);
  Operand y(rows, out);
  for (auto _ : state) {
    MatMul(x.view(), w.view(), y.view(), Write::kOverwrite);
    benchmark::ClobberMemory();
  }
  ReportFlops(state, Flops(state));
}
BENCHMARK(BM_MatMul)->Apply(Shapes);

// dw [out, in] = dy^T [out, T] x [T, in]
void BM_MatMulWeightGradient(benchmark::State& state) {
  const auto rows = static_cast<std::size_t>(state.range(0));
  const auto in = static_cast<std::size_t>(state.range(1));
  const auto out = static_cast<std::size_t>(state.range(2));
  Operand x(rows, in);
  Operand dy(rows, out);
  Operand dw(out, in);
  for (auto _ : state) {
    MatMulWeightGradient(dy.view(), x.view(), dw.view(), Write::kOverwrite);
    benchmark::ClobberMemory();
  }
  ReportFlops(state, Flops(state));
}
BENCHMARK(BM_MatMulWeightGradient)->Apply(Shapes);

}  // namespace
}  // namespace microgpt
