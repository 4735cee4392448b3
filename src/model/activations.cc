#include "model/activations.h"

#include "kernels/attention.h"

namespace microgpt {
namespace {

struct LayerShape {
  std::size_t rows;
  std::size_t width;
  CheckedSize probabilities;
};

LayerActivations PlanLayer(const LayerShape& shape, ArenaPlan& plan) {
  LayerActivations layer;
  layer.attn_norm = plan.TakeMatrix(shape.rows, shape.width);
  layer.attn_scales = plan.Take(shape.rows);
  layer.qkv = plan.TakeMatrix(shape.rows, 3 * shape.width);
  layer.probabilities = plan.Take(shape.probabilities);
  layer.heads = plan.TakeMatrix(shape.rows, shape.width);
  layer.mlp_norm = plan.TakeMatrix(shape.rows, shape.width);
  layer.mlp_scales = plan.Take(shape.rows);
  layer.hidden = plan.TakeMatrix(shape.rows, 4 * shape.width);
  layer.activated = plan.TakeMatrix(shape.rows, 4 * shape.width);
  return layer;
}

// Floats of everything but the layers, whose number may be hostile.
struct ActivationSizes {
  CheckedSize probability_stride = 0;  // of one document
  CheckedSize layer = 0;
};

ActivationSizes SizesOf(const ModelConfig& config, std::size_t max_documents,
                        std::size_t max_rows) {
  const auto block = static_cast<std::size_t>(config.block_size);
  ActivationSizes sizes;
  sizes.probability_stride =
      CheckedSize(static_cast<std::size_t>(config.n_head)) * block *
      PaddedCols(block);
  ArenaPlan plan;
  PlanLayer({max_rows, static_cast<std::size_t>(config.n_embd),
             sizes.probability_stride * max_documents},
            plan);
  sizes.layer = plan.used();
  return sizes;
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
  dresidual = plan.TakeMatrix(max_rows, width);
  dnorm = plan.TakeMatrix(max_rows, width);
  dqkv = plan.TakeMatrix(max_rows, 3 * width);
  dhidden = plan.TakeMatrix(max_rows, 4 * width);
  const auto block = static_cast<std::size_t>(config.block_size);
  attention_scratch = plan.Take(CheckedSize(width + block) * PaddedCols(block));
  for (LayerActivations& layer : layers) {
    layer = PlanLayer(
        {max_rows, width, CheckedSize(probability_stride_) * max_documents},
        plan);
  }
}

std::uint64_t Activations::Bytes(const ModelConfig& config,
                                 std::size_t max_documents,
                                 std::size_t max_rows) {
  const ActivationSizes sizes = SizesOf(config, max_documents, max_rows);
  ModelConfig without_layers = config;
  without_layers.n_layer = 0;
  Activations shape_only;
  ArenaPlan plan;
  shape_only.Plan(without_layers, max_documents, max_rows, plan);
  const CheckedSize floats =
      sizes.layer * static_cast<std::size_t>(config.n_layer) + plan.used();
  return (floats * sizeof(float)).value();
}

Activations::Activations(const ModelConfig& config, std::size_t max_documents,
                         std::size_t max_rows)
    : layers(static_cast<std::size_t>(config.n_layer)),
      probability_stride_(
          SizesOf(config, max_documents, max_rows).probability_stride.value()) {
  ArenaPlan sizes;
  Plan(config, max_documents, max_rows, sizes);
  memory_ = AlignedBuffer<float>(sizes.used());
  ArenaPlan plan(memory_.data());
  Plan(config, max_documents, max_rows, plan);
}

}  // namespace microgpt
