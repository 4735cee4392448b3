#include "model/activations.h"

#include <algorithm>

#include "kernels/attention.h"
#include "kernels/packed_attention.h"

namespace microgpt {
namespace {

struct LayerShape {
  std::size_t rows;
  std::size_t width;
  CheckedSize packed_attention;
  CheckedSize softmax_terms;
};

LayerActivations PlanLayer(const LayerShape& shape, ArenaPlan& plan) {
  LayerActivations layer;
  layer.attn_norm = plan.TakeMatrix(shape.rows, shape.width);
  layer.attn_scales = plan.Take(shape.rows);
  layer.qkv = plan.TakeMatrix(shape.rows, 3 * shape.width);
  layer.packed_attention = plan.Take(shape.packed_attention);
  layer.softmax_terms = plan.Take(shape.softmax_terms);
  layer.heads = plan.TakeMatrix(shape.rows, shape.width);
  layer.mlp_norm = plan.TakeMatrix(shape.rows, shape.width);
  layer.mlp_scales = plan.Take(shape.rows);
  layer.hidden = plan.TakeMatrix(shape.rows, 4 * shape.width);
  layer.activated = plan.TakeMatrix(shape.rows, 4 * shape.width);
  layer.dqkv = plan.TakeMatrix(shape.rows, 3 * shape.width);
  layer.dmiddle = plan.TakeMatrix(shape.rows, shape.width);
  layer.dhidden = plan.TakeMatrix(shape.rows, 4 * shape.width);
  layer.doutput = plan.TakeMatrix(shape.rows, shape.width);
  return layer;
}

// What the kernels of short and of long documents keep for the backward pass.
struct AttentionSizes {
  AttentionSizes(const ModelConfig& config, std::size_t max_documents)
      : block(static_cast<std::size_t>(config.block_size)),
        width(static_cast<std::size_t>(config.n_embd)),
        n_head(static_cast<std::size_t>(config.n_head)),
        packed_positions(std::min(block, kMaxPackedPositions)),
        packed(PackedAttentionSavedFloats(max_documents, packed_positions,
                                          width, n_head)) {}

  // Of the long documents among max_rows rows.
  CheckedSize SoftmaxTerms(std::size_t max_rows) const {
    return block > kMaxPackedPositions ? AttentionSavedFloats(max_rows, n_head)
                                       : CheckedSize(0);
  }

  // Scratch of either kernel.
  CheckedSize Scratch() const {
    const CheckedSize packed_scratch =
        PackedAttentionScratchFloats(packed_positions, width, n_head);
    const CheckedSize other = AttentionScratchFloats(block, width / n_head);
    return std::max(packed_scratch.value(), other.value());
  }

  std::size_t block;
  std::size_t width;
  std::size_t n_head;
  std::size_t packed_positions;
  CheckedSize packed;
};

LayerShape ShapeOf(const ModelConfig& config, std::size_t max_documents,
                   std::size_t max_rows) {
  const AttentionSizes sizes(config, max_documents);
  return {max_rows, sizes.width, sizes.packed, sizes.SoftmaxTerms(max_rows)};
}

}  // namespace

void Activations::Plan(const ModelConfig& config, std::size_t max_documents,
                       std::size_t max_rows, ArenaPlan& plan) {
  const auto width = static_cast<std::size_t>(config.n_embd);
  embedded = plan.TakeMatrix(max_rows, width);
  embed_scales = plan.Take(max_rows);
  residual = plan.TakeMatrix(max_rows, width);
  logits =
      plan.TakeMatrix(max_rows, static_cast<std::size_t>(config.vocab_size));
  dembedded = plan.TakeMatrix(max_rows, width);
  dnorm = plan.TakeMatrix(max_rows, width);
  attention_scratch =
      plan.Take(AttentionSizes(config, max_documents).Scratch());
  const LayerShape shape = ShapeOf(config, max_documents, max_rows);
  for (LayerActivations& layer : layers) layer = PlanLayer(shape, plan);
}

std::uint64_t Activations::Bytes(const ModelConfig& config,
                                 std::size_t max_documents,
                                 std::size_t max_rows) {
  ArenaPlan layer;
  PlanLayer(ShapeOf(config, max_documents, max_rows), layer);
  ModelConfig without_layers = config;
  without_layers.n_layer = 0;
  Activations shape_only;
  ArenaPlan plan;
  shape_only.Plan(without_layers, max_documents, max_rows, plan);
  const CheckedSize floats =
      CheckedSize(layer.used()) * static_cast<std::size_t>(config.n_layer) +
      plan.used();
  return (floats * sizeof(float)).value();
}

Activations::Activations(const ModelConfig& config, std::size_t max_documents,
                         std::size_t max_rows)
    : layers(static_cast<std::size_t>(config.n_layer)) {
  short_.reserve(max_documents);
  long_.reserve(max_documents);
  ArenaPlan sizes;
  Plan(config, max_documents, max_rows, sizes);
  memory_ = AlignedBuffer<float>(sizes.used());
  ArenaPlan plan(memory_.data());
  Plan(config, max_documents, max_rows, plan);
}

void Activations::ChooseAttention(
    std::span<const RowRange> documents) noexcept {
  short_.clear();
  long_.clear();
  for (const RowRange& document : documents) {
    (document.count > kMaxPackedPositions ? long_ : short_).push_back(document);
  }
  std::sort(short_.begin(), short_.end(),
            [](const RowRange& a, const RowRange& b) {
              return a.count != b.count ? a.count > b.count : a.begin < b.begin;
            });
}

}  // namespace microgpt
