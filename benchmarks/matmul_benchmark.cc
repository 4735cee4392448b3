// Matrix products of one thread at the shapes that models use.
#include <benchmark/benchmark.h>

#include <vector>

#include "bench/operand.h"
#include "benchmarks/report.h"
#include "kernels/gradient.h"
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

// The gradients of a weight matrix that kMaxTerms shards of T rows each have.
struct Shards {
  explicit Shards(const benchmark::State& state) {
    const auto rows = static_cast<std::size_t>(state.range(0));
    const auto in = static_cast<std::size_t>(state.range(1));
    const auto out = static_cast<std::size_t>(state.range(2));
    for (std::size_t i = 0; i < kMaxTerms; ++i) {
      x.emplace_back(rows, in);
      dy.emplace_back(rows, out);
      dw.emplace_back(out, in);
      terms.push_back({dy.back().view(), x.back().view()});
      sums.push_back(dw.back().data());
    }
  }

  std::vector<Operand> x;
  std::vector<Operand> dy;
  std::vector<Operand> dw;
  std::vector<ProductGradient> terms;
  std::vector<float*> sums;
};

void ShardShapes(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgNames({"T", "in", "out"});
  for (const std::int64_t width : {64, 128, 256}) {
    for (const std::int64_t rows : {7, 14, 28, 57}) {
      benchmark->Args({rows, width, 4 * width});
      benchmark->Args({rows, 4 * width, width});
    }
  }
}

void BM_SumWeightGradients(benchmark::State& state) {
  Shards shards(state);
  for (auto _ : state) {
    SumWeightGradients(shards.terms, shards.dw[0].view());
    benchmark::ClobberMemory();
  }
  ReportFlops(state, kMaxTerms * Flops(state));
}
BENCHMARK(BM_SumWeightGradients)->Apply(ShardShapes);

// The same sum of stored gradients.
void BM_StoreWeightGradients(benchmark::State& state) {
  Shards shards(state);
  for (auto _ : state) {
    for (std::size_t i = 0; i < kMaxTerms; ++i) {
      MatMulWeightGradient(shards.terms[i].dy, shards.terms[i].x,
                           shards.dw[i].view(), Write::kOverwrite);
    }
    SumPairwise(shards.sums, shards.dw[0].size());
    benchmark::ClobberMemory();
  }
  ReportFlops(state, kMaxTerms * Flops(state));
}
BENCHMARK(BM_StoreWeightGradients)->Apply(ShardShapes);

}  // namespace
}  // namespace microgpt
