#include "model/decoder.h"

#include <cassert>

#include "kernels/activation.h"
#include "kernels/attention.h"
#include "kernels/embedding.h"
#include "kernels/matmul.h"
#include "kernels/rms_norm.h"

namespace microgpt {

Decoder::Decoder(const Parameters& parameters)
    : parameters_(parameters),
      caches_(static_cast<std::size_t>(parameters.layout().config().n_layer)) {
  ArenaPlan sizes;
  Plan(sizes);
  memory_ = AlignedBuffer<float>(sizes.used());
  ArenaPlan plan(memory_.data());
  Plan(plan);
}

void Decoder::Plan(ArenaPlan& plan) {
  const ModelConfig& config = parameters_.layout().config();
  const auto width = static_cast<std::size_t>(config.n_embd);
  const auto block = static_cast<std::size_t>(config.block_size);
  for (LayerCache& cache : caches_) {
    cache.keys = plan.TakeMatrix(width, block);
    cache.values = plan.TakeMatrix(block, width);
  }
  residual_ = plan.TakeMatrix(1, width);
  norm_ = plan.TakeMatrix(1, width);
  qkv_ = plan.TakeMatrix(1, 3 * width);
  heads_ = plan.TakeMatrix(1, width);
  hidden_ = plan.TakeMatrix(1, 4 * width);
  logits_ = plan.TakeMatrix(1, static_cast<std::size_t>(config.vocab_size));
  scores_ = plan.Take(block);
}

void Decoder::DecodeLayer(std::size_t layer) noexcept {
  const ModelConfig& config = parameters_.layout().config();
  const auto width = static_cast<std::size_t>(config.n_embd);
  const LayerTensors& weights = parameters_.transposed().layers[layer];
  const LayerCache& cache = caches_[layer];
  float unused_scale = 0;
  RmsNormForward(residual_, width, norm_, &unused_scale);
  MatMul(norm_, weights.attn_qkv, qkv_, Write::kOverwrite);
  AttentionDecode(qkv_.data, width, static_cast<std::size_t>(config.n_head),
                  position_, cache.keys, cache.values, scores_, heads_.data);
  MatMul(heads_, weights.attn_wo, residual_, Write::kAccumulate);
  RmsNormForward(residual_, width, norm_, &unused_scale);
  MatMul(norm_, weights.mlp_fc1, hidden_, Write::kOverwrite);
  ActivationForward(config.activation, hidden_, hidden_);
  MatMul(hidden_, weights.mlp_fc2, residual_, Write::kAccumulate);
}

std::span<const float> Decoder::Decode(std::int32_t token) noexcept {
  const ModelConfig& config = parameters_.layout().config();
  assert(position_ < static_cast<std::size_t>(config.block_size));
  const ModelTensors& weights = parameters_.weights();
  EmbeddingForward(&token, weights.wte, weights.wpe.Rows(position_, 1),
                   residual_);
  float unused_scale = 0;
  RmsNormForward(residual_, static_cast<std::size_t>(config.n_embd), residual_,
                 &unused_scale);
  for (std::size_t i = 0; i < caches_.size(); ++i) DecodeLayer(i);
  MatMul(residual_, parameters_.transposed().lm_head, logits_,
         Write::kOverwrite);
  ++position_;
  return {logits_.data, static_cast<std::size_t>(config.vocab_size)};
}

}  // namespace microgpt
