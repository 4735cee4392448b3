#include "model/parameters.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "base/checked_math.h"
#include "kernels/matmul.h"

namespace microgpt {
namespace {

constexpr std::size_t kEmbeddings = 2;
constexpr std::size_t kTensorsBeforeLayers = 3;
constexpr std::size_t kTensorsPerLayer = 6;

CheckedSize ArenaFloats(CheckedSize rows, std::size_t cols) {
  return rows * RowStride(cols);
}

// `count` tensors that lie one after the other, as one matrix.
MatrixView BindTensor(const TensorSpec& first, std::size_t count,
                      float* arena) {
  return {arena + first.offset, count * first.rows, PaddedCols(first.cols),
          first.stride()};
}

MatrixView BindTranspose(const TensorSpec& first, std::size_t count,
                         float* arena) {
  if (!first.transposed_offset) return {};
  return {arena + *first.transposed_offset, first.cols,
          PaddedCols(count * first.rows), first.transposed_stride};
}

template <typename BindOne>
ModelTensors BindAll(const std::vector<TensorSpec>& specs, std::size_t n_layer,
                     BindOne bind) {
  ModelTensors tensors;
  tensors.wte = bind(specs[0], 1);
  tensors.wpe = bind(specs[1], 1);
  tensors.lm_head = bind(specs[2], 1);
  for (std::size_t i = 0; i < n_layer; ++i) {
    const TensorSpec* layer =
        &specs[kTensorsBeforeLayers + i * kTensorsPerLayer];
    tensors.layers.push_back({bind(layer[0], 3), bind(layer[3], 1),
                              bind(layer[4], 1), bind(layer[5], 1)});
  }
  return tensors;
}

}  // namespace

void TensorSpec::CopyIn(std::span<const float> values, float* arena) const {
  assert(values.size() == rows * cols);
  for (std::size_t row = 0; row < rows; ++row) {
    std::copy_n(values.data() + row * cols, cols,
                arena + offset + row * stride());
  }
}

void TensorSpec::CopyOut(const float* arena, std::span<float> values) const {
  assert(values.size() == rows * cols);
  for (std::size_t row = 0; row < rows; ++row) {
    std::copy_n(arena + offset + row * stride(), cols,
                values.data() + row * cols);
  }
}

ParameterLayout::ParameterLayout(const ModelConfig& config) : config_(config) {
  // Both arenas, before any tensor is listed: hostile sizes must end here.
  const auto c = static_cast<std::size_t>(config.n_embd);
  const auto v = static_cast<std::size_t>(config.vocab_size);
  const auto block = static_cast<std::size_t>(config.block_size);
  const auto n_layer = static_cast<std::size_t>(config.n_layer);
  const CheckedSize layer = ArenaFloats(8 * c, c) + ArenaFloats(c, 4 * c) +
                            ArenaFloats(c, 3 * c) + ArenaFloats(c, c) +
                            ArenaFloats(c, 4 * c) + ArenaFloats(4 * c, c);
  (void)((ArenaFloats(2 * v + block, c) + ArenaFloats(c, v) + layer * n_layer) *
         sizeof(float))
      .value();

  tensors_.reserve(kTensorsBeforeLayers + kTensorsPerLayer * n_layer);
  Add("wte", TensorRole::kWte, 0, v, c);
  Add("wpe", TensorRole::kWpe, 0, block, c);
  Add("lm_head", TensorRole::kLmHead, 0, v, c);
  AddTranspose(1);
  for (std::size_t i = 0; i < n_layer; ++i) {
    const std::string prefix = "layer" + std::to_string(i) + ".";
    Add(prefix + "attn_wq", TensorRole::kAttnWq, i, c, c);
    Add(prefix + "attn_wk", TensorRole::kAttnWk, i, c, c);
    Add(prefix + "attn_wv", TensorRole::kAttnWv, i, c, c);
    AddTranspose(3);
    Add(prefix + "attn_wo", TensorRole::kAttnWo, i, c, c);
    AddTranspose(1);
    Add(prefix + "mlp_fc1", TensorRole::kMlpFc1, i, 4 * c, c);
    AddTranspose(1);
    Add(prefix + "mlp_fc2", TensorRole::kMlpFc2, i, c, 4 * c);
    AddTranspose(1);
  }
}

void ParameterLayout::Add(std::string name, TensorRole role, std::size_t layer,
                          std::size_t rows, std::size_t cols) {
  TensorSpec spec;
  spec.name = std::move(name);
  spec.role = role;
  spec.layer = layer;
  spec.rows = rows;
  spec.cols = cols;
  spec.offset = size_;
  size_ += spec.size();
  tensors_.push_back(std::move(spec));
}

void ParameterLayout::AddTranspose(std::size_t count) {
  TensorSpec* first = &tensors_[tensors_.size() - count];
  const std::size_t stride = RowStride(count * first->rows);
  for (std::size_t i = 0; i < count; ++i) {
    first[i].transposed_offset = transposed_size_ + i * first->rows;
    first[i].transposed_stride = stride;
  }
  transposed_size_ += first->cols * stride;
}

std::size_t ParameterLayout::size(ArenaPart part) const {
  return part == ArenaPart::kAll ? size_ : tensors_[kEmbeddings].offset;
}

ModelTensors ParameterLayout::Bind(float* arena, ArenaPart part) const {
  return BindAll(tensors_, static_cast<std::size_t>(config_.n_layer),
                 [&](const TensorSpec& first, std::size_t count) {
                   return first.offset < size(part)
                              ? BindTensor(first, count, arena)
                              : MatrixView();
                 });
}

ModelTensors ParameterLayout::BindTransposed(float* arena) const {
  return BindAll(tensors_, static_cast<std::size_t>(config_.n_layer),
                 [&](const TensorSpec& first, std::size_t count) {
                   return BindTranspose(first, count, arena);
                 });
}

Parameters::Parameters(const ModelConfig& config)
    : layout_(config),
      arena_(layout_.size(), PageSlot::kFirst),
      transposed_arena_(layout_.transposed_size(), PageSlot::kSecond),
      weights_(layout_.Bind(arena_.data())),
      transposed_(layout_.BindTransposed(transposed_arena_.data())) {}

const TensorSpec& Parameters::Find(std::string_view name) const {
  for (const TensorSpec& tensor : layout_.tensors()) {
    if (tensor.name == name) return tensor;
  }
  assert(false && "no tensor of that name");
  return layout_.tensors().front();
}

MatrixView Parameters::Rows(const TensorSpec& tensor, std::size_t begin,
                            std::size_t end) {
  return {arena_.data() + tensor.offset + begin * tensor.stride(), end - begin,
          tensor.cols, tensor.stride()};
}

MatrixView Parameters::TransposedRows(const TensorSpec& tensor,
                                      std::size_t begin, std::size_t end) {
  return {transposed_arena_.data() + *tensor.transposed_offset + begin,
          tensor.cols, end - begin, tensor.transposed_stride};
}

void Parameters::RefreshTranspose(const TensorSpec& tensor, std::size_t begin,
                                  std::size_t end) {
  if (!tensor.transposed_offset) return;
  Transpose(Rows(tensor, begin, end), TransposedRows(tensor, begin, end));
}

}  // namespace microgpt
