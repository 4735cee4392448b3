#include <algorithm>

#include "kernels/activation.h"
#include "kernels/attention.h"
#include "kernels/cross_entropy.h"
#include "kernels/embedding.h"
#include "kernels/matmul.h"
#include "kernels/packed_attention.h"
#include "kernels/rms_norm.h"
#include "model/forward_backward.h"

namespace microgpt {
namespace {

void EmbedDocuments(const Parameters& parameters, const DocumentPack& pack,
                    MatrixView out) {
  const ModelTensors& weights = parameters.weights();
  for (const RowRange& document : pack.documents) {
    EmbeddingForward(pack.inputs + document.begin, weights.wte, weights.wpe,
                     out.Rows(document.begin, document.count));
  }
}

void AttendDocuments(const ModelConfig& config, Activations& activations,
                     const LayerActivations& layer) {
  const auto width = static_cast<std::size_t>(config.n_embd);
  const auto n_head = static_cast<std::size_t>(config.n_head);
  PackedAttentionForward(layer.qkv, width, n_head,
                         activations.short_documents(), layer.packed_attention,
                         activations.attention_scratch, layer.heads);
  for (const auto& [begin, count] : activations.long_documents()) {
    AttentionForward(
        layer.qkv.Rows(begin, count), width, n_head, {0, n_head},
        layer.softmax_terms + AttentionSavedFloats(begin, n_head).value(),
        activations.attention_scratch, layer.heads.Rows(begin, count));
  }
}

void LayerForward(const ModelConfig& config, const LayerTensors& transposed,
                  const DocumentPack& pack, Activations& activations,
                  const LayerActivations& layer) {
  const auto width = static_cast<std::size_t>(config.n_embd);
  const auto rows = [&](MatrixView view) { return view.Rows(0, pack.rows); };
  const MatrixView x = rows(activations.residual);
  RmsNormForward(x, width, rows(layer.attn_norm), layer.attn_scales);
  MatMul(rows(layer.attn_norm), transposed.attn_qkv, rows(layer.qkv),
         Write::kOverwrite);
  AttendDocuments(config, activations, layer);
  MatMul(rows(layer.heads), transposed.attn_wo, x, Write::kAccumulate);

  RmsNormForward(x, width, rows(layer.mlp_norm), layer.mlp_scales);
  MatMul(rows(layer.mlp_norm), transposed.mlp_fc1, rows(layer.hidden),
         Write::kOverwrite);
  ActivationForward(config.activation, rows(layer.hidden),
                    rows(layer.activated));
  MatMul(rows(layer.activated), transposed.mlp_fc2, x, Write::kAccumulate);
}

}  // namespace

void Forward(const Parameters& parameters, const DocumentPack& pack,
             Activations& activations) noexcept {
  const ModelConfig& config = parameters.layout().config();
  const auto width = static_cast<std::size_t>(config.n_embd);
  const auto rows = [&](MatrixView view) { return view.Rows(0, pack.rows); };
  const MatrixView embedded = rows(activations.embedded);
  activations.ChooseAttention(pack.documents);
  EmbedDocuments(parameters, pack, embedded);
  RmsNormForward(embedded, width, embedded, activations.embed_scales);
  std::copy_n(embedded.data, pack.rows * embedded.stride,
              activations.residual.data);
  for (std::size_t i = 0; i < activations.layers.size(); ++i) {
    LayerForward(config, parameters.transposed().layers[i], pack, activations,
                 activations.layers[i]);
  }
  MatMul(rows(activations.residual), parameters.transposed().lm_head,
         rows(activations.logits), Write::kOverwrite);
}

void Loss(const ModelConfig& config, const DocumentPack& pack,
          Activations& activations, double* losses) noexcept {
  SoftmaxCrossEntropy(activations.logits.Rows(0, pack.rows),
                      static_cast<std::size_t>(config.vocab_size), pack.targets,
                      losses);
}

}  // namespace microgpt
