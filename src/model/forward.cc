#include <algorithm>

#include "kernels/activation.h"
#include "kernels/embedding.h"
#include "kernels/rms_norm.h"
#include "model/attend.h"
#include "model/forward_backward.h"
#include "model/parallel.h"

namespace microgpt {
namespace {

// Of the rows of a pack that are in `rows`.
void EmbedRows(const ModelTensors& weights, const DocumentPack& pack,
               RowRange rows, MatrixView out) {
  for (const RowRange& document : pack.documents) {
    const std::size_t begin = std::max(document.begin, rows.begin);
    const std::size_t end =
        std::min(document.begin + document.count, rows.begin + rows.count);
    if (begin >= end) continue;
    const std::size_t count = end - begin;
    EmbeddingForward(pack.inputs + begin, weights.wte,
                     weights.wpe.Rows(begin - document.begin, count),
                     out.Rows(begin, count));
  }
}

// The embeddings and their norm, into the residual stream too.
void Embed(const Parameters& parameters, const DocumentPack& pack,
           Activations& activations, Executor& executor) {
  const auto width =
      static_cast<std::size_t>(parameters.layout().config().n_embd);
  ForEachRows(executor, pack.rows, width, [&](RowRange rows) {
    const MatrixView embedded =
        activations.embedded.Rows(rows.begin, rows.count);
    EmbedRows(parameters.weights(), pack, rows, activations.embedded);
    RmsNormForward(embedded, width, embedded,
                   activations.embed_scales + rows.begin);
    std::copy_n(embedded.data, rows.count * embedded.stride,
                activations.residual.Row(rows.begin));
  });
}

void Norm(ConstMatrixView x, std::size_t width, MatrixView y, float* scales,
          Executor& executor) {
  ForEachRows(executor, x.rows, width, [&](RowRange rows) {
    RmsNormForward(x.Rows(rows.begin, rows.count), width,
                   y.Rows(rows.begin, rows.count), scales + rows.begin);
  });
}

void LayerForward(const ModelConfig& config, const LayerTensors& transposed,
                  const DocumentPack& pack, Activations& activations,
                  const LayerActivations& layer, Executor& executor) {
  const auto width = static_cast<std::size_t>(config.n_embd);
  const auto rows = [&](MatrixView view) { return view.Rows(0, pack.rows); };
  const MatrixView x = rows(activations.residual);
  Norm(x, width, rows(layer.attn_norm), layer.attn_scales, executor);
  SplitMatMul(executor, rows(layer.attn_norm), transposed.attn_qkv,
              rows(layer.qkv), Write::kOverwrite);
  AttendForward(config, activations, layer, executor);
  SplitMatMul(executor, rows(layer.heads), transposed.attn_wo, x,
              Write::kAccumulate);

  Norm(x, width, rows(layer.mlp_norm), layer.mlp_scales, executor);
  SplitMatMul(executor, rows(layer.mlp_norm), transposed.mlp_fc1,
              rows(layer.hidden), Write::kOverwrite);
  ForEachRows(executor, pack.rows, 4 * width, [&](RowRange part) {
    ActivationForward(config.activation,
                      layer.hidden.Rows(part.begin, part.count),
                      layer.activated.Rows(part.begin, part.count));
  });
  SplitMatMul(executor, rows(layer.activated), transposed.mlp_fc2, x,
              Write::kAccumulate);
}

}  // namespace

void Forward(const Parameters& parameters, const DocumentPack& pack,
             Activations& activations, Executor& executor) {
  const ModelConfig& config = parameters.layout().config();
  activations.ChooseAttention(pack.documents);
  Embed(parameters, pack, activations, executor);
  for (std::size_t i = 0; i < activations.layers.size(); ++i) {
    LayerForward(config, parameters.transposed().layers[i], pack, activations,
                 activations.layers[i], executor);
  }
}

}  // namespace microgpt
