#include <algorithm>
#include <string>

#include "bench/attention_operands.h"
#include "bench/operand.h"
#include "bench/stopwatch.h"
#include "kernels/matmul.h"
#include "microgpt/benchmark.h"

namespace microgpt {
namespace {

constexpr std::size_t kRows = 64;
constexpr int kRuns = 5;
constexpr double kRunSeconds = 0.005;

std::string ShapeText(std::size_t in, std::size_t out) {
  return "T " + std::to_string(kRows) + ", in " + std::to_string(in) +
         ", out " + std::to_string(out);
}

void AddProducts(std::size_t in, std::size_t out,
                 std::vector<KernelRate>& rates) {
  const double gflop = 2e-9 * static_cast<double>(kRows * in * out);
  Operand x(kRows, in);
  Operand w(in, out);
  Operand y(kRows, out);
  Operand dw(out, in);
  rates.push_back({"MatMul", ShapeText(in, out),
                   gflop / BestSeconds(kRuns, kRunSeconds, [&] {
                     MatMul(x.view(), w.view(), y.view(), Write::kOverwrite);
                   })});
  rates.push_back({"MatMulWeightGradient", ShapeText(in, out),
                   gflop / BestSeconds(kRuns, kRunSeconds, [&] {
                     MatMulWeightGradient(y.view(), x.view(), dw.view(),
                                          Write::kOverwrite);
                   })});
}

std::string AttentionShape(const ModelConfig& model, std::size_t documents) {
  return "documents " + std::to_string(documents) + ", T " +
         std::to_string(model.block_size) + ", heads " +
         std::to_string(model.n_head) + ", head size " +
         std::to_string(model.n_embd / model.n_head);
}

// Of the products on and below the diagonal of one document.
double AttentionGflop(const ModelConfig& model) {
  const double positions = model.block_size;
  return 1e-9 * positions * (positions + 1) * model.n_embd;
}

// Forward and backward; so many products of the size of AttentionGflop each.
template <class Attention>
void AddAttention(const char* name, const std::string& shape, double gflop,
                  double backward_products, Attention attention,
                  std::vector<KernelRate>& rates) {
  rates.push_back({std::string(name) + "Forward", shape,
                   2 * gflop / BestSeconds(kRuns, kRunSeconds, [&] {
                     attention.Forward();
                   })});
  rates.push_back(
      {std::string(name) + "Backward", shape,
       backward_products * gflop /
           BestSeconds(kRuns, kRunSeconds, [&] { attention.Backward(); })});
}

// Documents that fill the block: rows of short ones, whose scores are kept, or
// one long one, whose scores are computed again backward.
void AddAttention(const ModelConfig& model, std::vector<KernelRate>& rates) {
  const auto positions = static_cast<std::size_t>(model.block_size);
  const auto width = static_cast<std::size_t>(model.n_embd);
  const auto heads = static_cast<std::size_t>(model.n_head);
  if (positions <= kMaxPackedPositions) {
    const std::size_t count = std::max<std::size_t>(1, kRows / positions);
    AddAttention("PackedAttention", AttentionShape(model, count),
                 AttentionGflop(model) * static_cast<double>(count), 4,
                 ShortAttention(count, positions, width, heads), rates);
  } else {
    AddAttention("Attention", AttentionShape(model, 1), AttentionGflop(model),
                 5, LongAttention(positions, width, heads), rates);
  }
}

}  // namespace

std::vector<KernelRate> MeasureKernels(const ModelConfig& model) {
  const auto width = static_cast<std::size_t>(model.n_embd);
  std::vector<KernelRate> rates;
  if (model.n_layer > 0) {
    AddProducts(width, 3 * width, rates);
    AddProducts(width, 4 * width, rates);
    AddProducts(4 * width, width, rates);
  }
  AddProducts(width, static_cast<std::size_t>(model.vocab_size), rates);
  if (model.n_layer > 0) AddAttention(model, rates);
  return rates;
}

}  // namespace microgpt
