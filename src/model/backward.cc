#include <algorithm>

#include "kernels/activation.h"
#include "kernels/attention.h"
#include "kernels/embedding.h"
#include "kernels/matmul.h"
#include "kernels/packed_attention.h"
#include "kernels/rms_norm.h"
#include "model/forward_backward.h"

namespace microgpt {
namespace {

void Zero(MatrixView view) {
  std::fill_n(view.data, view.rows * view.stride, 0.0f);
}

void AttendDocumentsBackward(const ModelConfig& config,
                             Activations& activations,
                             const LayerActivations& layer) {
  const auto width = static_cast<std::size_t>(config.n_embd);
  const auto n_head = static_cast<std::size_t>(config.n_head);
  PackedAttentionBackward(activations.dnorm, width, n_head,
                          activations.short_documents(), layer.packed_attention,
                          activations.attention_scratch, activations.dqkv);
  const std::span<const RowRange> long_documents = activations.long_documents();
  for (std::size_t i = 0; i < long_documents.size(); ++i) {
    const auto [begin, count] = long_documents[i];
    AttentionBackward(
        activations.dnorm.Rows(begin, count), layer.qkv.Rows(begin, count),
        width, n_head, layer.probabilities + activations.ProbabilityOffset(i),
        activations.attention_scratch, activations.dqkv.Rows(begin, count));
  }
}

// Gradient of y = x W^T: dweights = dy^T x, dx = dy W.
void LinearBackward(ConstMatrixView dy, ConstMatrixView x,
                    ConstMatrixView weights, MatrixView dweights,
                    MatrixView dx) {
  MatMulWeightGradient(dy, x, dweights, Write::kOverwrite);
  MatMul(dy, weights, dx, Write::kOverwrite);
}

void LayerBackward(const ModelConfig& config, const LayerTensors& weights,
                   const LayerTensors& gradients, const DocumentPack& pack,
                   Activations& activations, const LayerActivations& layer) {
  const auto width = static_cast<std::size_t>(config.n_embd);
  const auto rows = [&](MatrixView view) { return view.Rows(0, pack.rows); };
  const MatrixView dx = rows(activations.dresidual);
  const MatrixView dnorm = rows(activations.dnorm);
  const MatrixView dhidden = rows(activations.dhidden);
  const MatrixView dqkv = rows(activations.dqkv);

  LinearBackward(dx, rows(layer.activated), weights.mlp_fc2, gradients.mlp_fc2,
                 dhidden);
  ActivationBackward(config.activation, rows(layer.hidden), dhidden);
  LinearBackward(dhidden, rows(layer.mlp_norm), weights.mlp_fc1,
                 gradients.mlp_fc1, dnorm);
  RmsNormBackward(dnorm, rows(layer.mlp_norm), layer.mlp_scales, width, dx,
                  Write::kAccumulate);

  LinearBackward(dx, rows(layer.heads), weights.attn_wo, gradients.attn_wo,
                 dnorm);
  AttendDocumentsBackward(config, activations, layer);
  LinearBackward(dqkv, rows(layer.attn_norm), weights.attn_qkv,
                 gradients.attn_qkv, dnorm);
  RmsNormBackward(dnorm, rows(layer.attn_norm), layer.attn_scales, width, dx,
                  Write::kAccumulate);
}

}  // namespace

void Backward(const Parameters& parameters, const DocumentPack& pack,
              Activations& activations,
              const ModelTensors& gradients) noexcept {
  const ModelConfig& config = parameters.layout().config();
  const ModelTensors& weights = parameters.weights();
  const auto rows = [&](MatrixView view) { return view.Rows(0, pack.rows); };
  const MatrixView dx = rows(activations.dresidual);
  LinearBackward(rows(activations.logits), rows(activations.residual),
                 weights.lm_head, gradients.lm_head, dx);
  for (std::size_t i = activations.layers.size(); i-- > 0;) {
    LayerBackward(config, weights.layers[i], gradients.layers[i], pack,
                  activations, activations.layers[i]);
  }
  RmsNormBackward(dx, rows(activations.embedded), activations.embed_scales,
                  static_cast<std::size_t>(config.n_embd), dx,
                  Write::kOverwrite);
  Zero(gradients.wte);
  Zero(gradients.wpe);
  for (const RowRange& document : pack.documents) {
    EmbeddingBackward(pack.inputs + document.begin,
                      dx.Rows(document.begin, document.count), gradients.wte,
                      gradients.wpe);
  }
}

}  // namespace microgpt
