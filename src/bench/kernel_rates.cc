#include <algorithm>
#include <string>

#include "base/aligned_buffer.h"
#include "bench/operand.h"
#include "bench/stopwatch.h"
#include "kernels/attention.h"
#include "kernels/matmul.h"
#include "kernels/packed_attention.h"
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

// Rows of documents that fill the block. The scores, which are kept, are not
// computed again backward: four products.
void AddPackedAttention(const ModelConfig& model,
                        std::vector<KernelRate>& rates) {
  const auto positions = static_cast<std::size_t>(model.block_size);
  const auto width = static_cast<std::size_t>(model.n_embd);
  const auto heads = static_cast<std::size_t>(model.n_head);
  const std::size_t count = std::max<std::size_t>(1, kRows / positions);
  std::vector<RowRange> documents;
  for (std::size_t i = 0; i < count; ++i) {
    documents.push_back({i * positions, positions});
  }
  Operand qkv(count * positions, 3 * width);
  Operand out(count * positions, width);
  Operand dqkv(count * positions, 3 * width);
  AlignedBuffer<float> saved(
      PackedAttentionSavedFloats(count, positions, width, heads).value());
  AlignedBuffer<float> scratch(
      PackedAttentionScratchFloats(positions, width, heads).value());
  const std::string shape = AttentionShape(model, count);
  const double gflop = AttentionGflop(model) * static_cast<double>(count);
  rates.push_back({"PackedAttentionForward", shape,
                   2 * gflop / BestSeconds(kRuns, kRunSeconds, [&] {
                     PackedAttentionForward(qkv.view(), width, heads, documents,
                                            saved.data(), scratch.data(),
                                            out.view());
                   })});
  rates.push_back({"PackedAttentionBackward", shape,
                   4 * gflop / BestSeconds(kRuns, kRunSeconds, [&] {
                     PackedAttentionBackward(out.view(), width, heads,
                                             documents, saved.data(),
                                             scratch.data(), dqkv.view());
                   })});
}

// One document. Its scores are computed again backward: five products.
void AddAttention(const ModelConfig& model, std::vector<KernelRate>& rates) {
  const auto positions = static_cast<std::size_t>(model.block_size);
  const auto width = static_cast<std::size_t>(model.n_embd);
  const auto heads = static_cast<std::size_t>(model.n_head);
  Operand qkv(positions, 3 * width);
  Operand out(positions, width);
  Operand dqkv(positions, 3 * width);
  AlignedBuffer<float> saved(AttentionSavedFloats(positions, heads).value());
  AlignedBuffer<float> scratch(
      AttentionScratchFloats(positions, width / heads).value());
  const std::string shape = AttentionShape(model, 1);
  const double gflop = AttentionGflop(model);
  rates.push_back({"AttentionForward", shape,
                   2 * gflop / BestSeconds(kRuns, kRunSeconds, [&] {
                     AttentionForward(qkv.view(), width, heads, {0, heads},
                                      saved.data(), scratch.data(), out.view());
                   })});
  rates.push_back({"AttentionBackward", shape,
                   5 * gflop / BestSeconds(kRuns, kRunSeconds, [&] {
                     AttentionBackward(out.view(), qkv.view(), width, heads,
                                       {0, heads}, saved.data(), scratch.data(),
                                       dqkv.view());
                   })});
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
  if (model.n_layer > 0) {
    const bool packed =
        static_cast<std::size_t>(model.block_size) <= kMaxPackedPositions;
    packed ? AddPackedAttention(model, rates) : AddAttention(model, rates);
  }
  return rates;
}

}  // namespace microgpt
