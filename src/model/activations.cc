#include "model/activations.h"

#include <algorithm>

#include "kernels/attention.h"
#include "kernels/packed_attention.h"

namespace microgpt {
namespace {

// Logits in memory at once, 64 MiB of them. Fewer would mean to go through
// lm_head and its gradient more often.
constexpr std::size_t kMaxLogits = std::size_t{16} << 20;

// What the kernels of short and of long documents keep for the backward pass.
struct AttentionSizes {
  AttentionSizes(const ModelConfig& config, std::size_t max_documents)
      : block(static_cast<std::size_t>(config.block_size)),
        width(static_cast<std::size_t>(config.n_embd)),
        n_head(static_cast<std::size_t>(config.n_head)),
        packed_positions(std::min(block, kMaxPackedPositions)),
        packed(PackedAttentionSavedFloats(max_documents, packed_positions,
                                          width, n_head)) {}

  // Of the long documents among so many rows.
  CheckedSize SoftmaxTerms(std::size_t rows) const {
    return block > kMaxPackedPositions ? AttentionSavedFloats(rows, n_head)
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

void PlanForward(const AttentionSizes& attention, const PackShape& shape,
                 ArenaPlan& plan, LayerActivations& layer) {
  const std::size_t width = attention.width;
  layer.attn_norm = plan.TakeMatrix(shape.rows, width);
  layer.attn_scales = plan.Take(shape.rows);
  layer.qkv = plan.TakeMatrix(shape.rows, 3 * width);
  layer.packed_attention = plan.Take(attention.packed);
  layer.softmax_terms = plan.Take(attention.SoftmaxTerms(shape.rows));
  layer.heads = plan.TakeMatrix(shape.rows, width);
  layer.mlp_norm = plan.TakeMatrix(shape.rows, width);
  layer.mlp_scales = plan.Take(shape.rows);
  layer.hidden = plan.TakeMatrix(shape.rows, 4 * width);
  layer.activated = plan.TakeMatrix(shape.rows, 4 * width);
}

void PlanGradients(std::size_t rows, std::size_t width, ArenaPlan& plan,
                   LayerActivations& layer) {
  layer.dqkv = plan.TakeMatrix(rows, 3 * width);
  layer.dmiddle = plan.TakeMatrix(rows, width);
  layer.dhidden = plan.TakeMatrix(rows, 4 * width);
  layer.doutput = plan.TakeMatrix(rows, width);
}

}  // namespace

PackShape PackShape::For(const ModelConfig& config, std::size_t documents,
                         Keep keep, std::size_t workers) {
  const CheckedSize rows =
      CheckedSize(documents) * static_cast<std::size_t>(config.block_size);
  const std::size_t most =
      kMaxLogits / RowStride(static_cast<std::size_t>(config.vocab_size));
  return {documents, rows.value(), std::min(rows.value(), most), keep, workers};
}

void Activations::Plan(const ModelConfig& config, const PackShape& shape,
                       ArenaPlan& plan) {
  const auto width = static_cast<std::size_t>(config.n_embd);
  embedded = plan.TakeMatrix(shape.rows, width);
  embed_scales = plan.Take(shape.rows);
  residual = plan.TakeMatrix(shape.rows, width);
  logits = plan.TakeMatrix(shape.logit_rows,
                           static_cast<std::size_t>(config.vocab_size));
  if (shape.keep != Keep::kForLosses) {
    dembedded = plan.TakeMatrix(shape.rows, width);
    dnorm = plan.TakeMatrix(shape.rows, width);
  }
  attention_scratch_ = plan.Take(CheckedSize(scratch_stride_) * shape.workers);
  PlanLayers(config, shape, plan);
}

void Activations::PlanLayers(const ModelConfig& config, const PackShape& shape,
                             ArenaPlan& plan) {
  if (layers.empty()) return;
  const AttentionSizes attention(config, shape.documents);
  LayerActivations shared;
  if (shape.keep == Keep::kForLosses) {
    PlanForward(attention, shape, plan, shared);
  } else if (shape.keep == Keep::kForBackward) {
    PlanGradients(shape.rows, attention.width, plan, shared);
  }
  for (LayerActivations& layer : layers) {
    layer = shared;
    if (shape.keep != Keep::kForLosses) {
      PlanForward(attention, shape, plan, layer);
    }
    if (shape.keep == Keep::kForGradients) {
      PlanGradients(shape.rows, attention.width, plan, layer);
    }
  }
}

std::uint64_t Activations::Bytes(const ModelConfig& config,
                                 const PackShape& shape) {
  // All layers but the first take the same.
  const auto floats = [&](std::size_t n_layer) {
    ArenaPlan plan;
    Activations(config, shape, n_layer).Plan(config, shape, plan);
    return plan.used();
  };
  const auto n_layer = static_cast<std::size_t>(config.n_layer);
  if (n_layer == 0) return (CheckedSize(floats(0)) * sizeof(float)).value();
  const std::size_t one = floats(1);
  return ((CheckedSize(floats(2) - one) * (n_layer - 1) + one) * sizeof(float))
      .value();
}

Activations::Activations(const ModelConfig& config, const PackShape& shape,
                         std::size_t n_layer)
    : layers(n_layer), keep_(shape.keep) {
  const AttentionSizes attention(config, shape.documents);
  scratch_stride_ = RoundUp(attention.Scratch().value(), kVirtualLanes);
}

Activations::Activations(const ModelConfig& config, const PackShape& shape)
    : Activations(config, shape, static_cast<std::size_t>(config.n_layer)) {
  short_.reserve(shape.documents);
  long_.reserve(shape.documents);
  ArenaPlan sizes;
  Plan(config, shape, sizes);
  memory_ = AlignedBuffer<float>(sizes.used());
  ArenaPlan plan(memory_.data());
  Plan(config, shape, plan);
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
