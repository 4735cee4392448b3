#include <cassert>
#include <cmath>

#include "kernels/activation.h"
#include "kernels/attention.h"
#include "kernels/embedding.h"
#include "kernels/gradient.h"
#include "kernels/matmul.h"
#include "kernels/packed_attention.h"
#include "kernels/rms_norm.h"
#include "model/forward_backward.h"

namespace microgpt {
namespace {

void AttendDocumentsBackward(const ModelConfig& config,
                             Activations& activations,
                             const LayerActivations& layer) {
  const auto width = static_cast<std::size_t>(config.n_embd);
  const auto n_head = static_cast<std::size_t>(config.n_head);
  PackedAttentionBackward(activations.dnorm, width, n_head,
                          activations.short_documents(), layer.packed_attention,
                          activations.attention_scratch, layer.dqkv);
  for (const auto& [begin, count] : activations.long_documents()) {
    AttentionBackward(
        activations.dnorm.Rows(begin, count), layer.qkv.Rows(begin, count),
        width, n_head, {0, n_head},
        layer.softmax_terms + AttentionSavedFloats(begin, n_head).value(),
        activations.attention_scratch, layer.dqkv.Rows(begin, count));
  }
}

// From layer.doutput to dinput, the gradient of what went into the layer.
void LayerBackward(const ModelConfig& config, const LayerTensors& weights,
                   const DocumentPack& pack, Activations& activations,
                   const LayerActivations& layer, MatrixView dinput) {
  const auto width = static_cast<std::size_t>(config.n_embd);
  const auto rows = [&](MatrixView view) { return view.Rows(0, pack.rows); };
  const MatrixView dnorm = rows(activations.dnorm);
  const MatrixView dhidden = rows(layer.dhidden);

  MatMul(rows(layer.doutput), weights.mlp_fc2, dhidden, Write::kOverwrite);
  ActivationBackward(config.activation, rows(layer.hidden), dhidden);
  MatMul(dhidden, weights.mlp_fc1, dnorm, Write::kOverwrite);
  RmsNormBackward(dnorm, rows(layer.mlp_norm), layer.mlp_scales, width,
                  rows(layer.doutput), rows(layer.dmiddle));

  MatMul(rows(layer.dmiddle), weights.attn_wo, dnorm, Write::kOverwrite);
  AttendDocumentsBackward(config, activations, layer);
  MatMul(rows(layer.dqkv), weights.attn_qkv, dnorm, Write::kOverwrite);
  RmsNormBackward(dnorm, rows(layer.attn_norm), layer.attn_scales, width,
                  rows(layer.dmiddle), dinput);
}

}  // namespace

void BackwardToEmbeddings(const Parameters& parameters,
                          const DocumentPack& pack, Activations& activations,
                          const ModelTensors& gradients) noexcept {
  const ModelConfig& config = parameters.layout().config();
  const ModelTensors& weights = parameters.weights();
  const auto rows = [&](MatrixView view) { return view.Rows(0, pack.rows); };
  const MatrixView dembedded = rows(activations.dembedded);
  // Where the gradient of the residual stream before layer i goes.
  const auto before = [&](std::size_t i) {
    return i == 0 ? dembedded : rows(activations.layers[i - 1].doutput);
  };
  const std::size_t n_layer = activations.layers.size();
  MatMul(rows(activations.logits), weights.lm_head, before(n_layer),
         Write::kOverwrite);
  for (std::size_t i = n_layer; i-- > 0;) {
    LayerBackward(config, weights.layers[i], pack, activations,
                  activations.layers[i], before(i));
  }
  RmsNormBackward(dembedded, rows(activations.embedded),
                  activations.embed_scales,
                  static_cast<std::size_t>(config.n_embd), {}, dembedded);
  for (const RowRange& document : pack.documents) {
    EmbeddingBackward(pack.inputs + document.begin,
                      dembedded.Rows(document.begin, document.count),
                      gradients.wte, gradients.wpe);
  }
}

ProductGradient GradientOf(const TensorSpec& tensor,
                           const Activations& activations, std::size_t rows) {
  const auto product = [&](MatrixView dy, MatrixView x) -> ProductGradient {
    return {dy.Rows(0, rows), x.Rows(0, rows)};
  };
  if (tensor.role == TensorRole::kLmHead) {
    return product(activations.logits, activations.residual);
  }
  const LayerActivations& layer = activations.layers[tensor.layer];
  const auto dqkv = [&](std::size_t part) {
    return layer.dqkv.Cols(part * tensor.rows, tensor.rows);
  };
  switch (tensor.role) {
    case TensorRole::kAttnWq:
      return product(dqkv(0), layer.attn_norm);
    case TensorRole::kAttnWk:
      return product(dqkv(1), layer.attn_norm);
    case TensorRole::kAttnWv:
      return product(dqkv(2), layer.attn_norm);
    case TensorRole::kAttnWo:
      return product(layer.dmiddle, layer.heads);
    case TensorRole::kMlpFc1:
      return product(layer.dhidden, layer.mlp_norm);
    case TensorRole::kMlpFc2:
      return product(layer.doutput, layer.activated);
    default:
      assert(false && "not a product");
      return {};
  }
}

double GradientBound(const Activations& activations,
                     std::size_t rows) noexcept {
  float dy = 0;
  // At least 1, what the gradients of embeddings are multiplied by, and the
  // outputs of rmsnorm, which are not larger than the root of their number.
  const auto width = static_cast<double>(activations.dembedded.cols);
  auto x = static_cast<float>(1 + std::sqrt(width));
  const auto raise = [&](float& bound, MatrixView view) {
    bound = MaxAbs(view.Rows(0, rows), bound);
  };
  raise(dy, activations.logits);
  raise(x, activations.residual);
  raise(dy, activations.dembedded);
  for (const LayerActivations& layer : activations.layers) {
    raise(dy, layer.dqkv);
    raise(dy, layer.dmiddle);
    raise(dy, layer.dhidden);
    raise(dy, layer.doutput);
    raise(x, layer.heads);
    raise(x, layer.activated);
  }
  return static_cast<double>(rows) * static_cast<double>(dy) *
         static_cast<double>(x);
}

void WeightGradients(const Activations& activations, std::size_t rows,
                     const ModelTensors& gradients) noexcept {
  const auto product = [&](MatrixView dy, MatrixView x, MatrixView dw) {
    MatMulWeightGradient(dy.Rows(0, rows), x.Rows(0, rows), dw,
                         Write::kOverwrite);
  };
  product(activations.logits, activations.residual, gradients.lm_head);
  for (std::size_t i = activations.layers.size(); i-- > 0;) {
    const LayerActivations& layer = activations.layers[i];
    const LayerTensors& to = gradients.layers[i];
    product(layer.doutput, layer.activated, to.mlp_fc2);
    product(layer.dhidden, layer.mlp_norm, to.mlp_fc1);
    product(layer.dmiddle, layer.heads, to.attn_wo);
    product(layer.dqkv, layer.attn_norm, to.attn_qkv);
  }
}

void Backward(const Parameters& parameters, const DocumentPack& pack,
              Activations& activations,
              const ModelTensors& gradients) noexcept {
  BackwardToEmbeddings(parameters, pack, activations, gradients);
  WeightGradients(activations, pack.rows, gradients);
}

}  // namespace microgpt
