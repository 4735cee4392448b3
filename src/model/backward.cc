#include <cassert>
#include <cmath>

#include "kernels/activation.h"
#include "kernels/embedding.h"
#include "kernels/gradient.h"
#include "kernels/rms_norm.h"
#include "model/attend.h"
#include "model/forward_backward.h"
#include "model/parallel.h"

namespace microgpt {
namespace {

void NormBackward(ConstMatrixView dy, ConstMatrixView y, const float* scales,
                  std::size_t width, ConstMatrixView base, MatrixView dx,
                  Executor& executor) {
  ForEachRows(executor, dy.rows, 2 * width, [&](RowRange rows) {
    RmsNormBackward(dy.Rows(rows.begin, rows.count),
                    y.Rows(rows.begin, rows.count), scales + rows.begin, width,
                    base.data == nullptr ? ConstMatrixView()
                                         : base.Rows(rows.begin, rows.count),
                    dx.Rows(rows.begin, rows.count));
  });
}

void LayerWeightGradients(const LayerActivations& layer, std::size_t rows,
                          const LayerTensors& gradients, Write write,
                          Executor& executor) {
  const auto product = [&](MatrixView dy, MatrixView x, MatrixView dw) {
    SplitWeightGradient(executor, dy.Rows(0, rows), x.Rows(0, rows), dw, write);
  };
  product(layer.doutput, layer.activated, gradients.mlp_fc2);
  product(layer.dhidden, layer.mlp_norm, gradients.mlp_fc1);
  product(layer.dmiddle, layer.heads, gradients.attn_wo);
  product(layer.dqkv, layer.attn_norm, gradients.attn_qkv);
}

// From layer.doutput to layer.dqkv, and to dnorm, the gradient of
// layer.attn_norm.
void LayerBackward(const ModelConfig& config, const LayerTensors& weights,
                   const DocumentPack& pack, Activations& activations,
                   const LayerActivations& layer, Executor& executor) {
  const auto width = static_cast<std::size_t>(config.n_embd);
  const auto rows = [&](MatrixView view) { return view.Rows(0, pack.rows); };
  const MatrixView dnorm = rows(activations.dnorm);
  const MatrixView dhidden = rows(layer.dhidden);

  SplitMatMul(executor, rows(layer.doutput), weights.mlp_fc2, dhidden,
              Write::kOverwrite);
  ForEachRows(executor, pack.rows, 4 * width, [&](RowRange part) {
    ActivationBackward(config.activation,
                       layer.hidden.Rows(part.begin, part.count),
                       dhidden.Rows(part.begin, part.count));
  });
  SplitMatMul(executor, dhidden, weights.mlp_fc1, dnorm, Write::kOverwrite);
  NormBackward(dnorm, rows(layer.mlp_norm), layer.mlp_scales, width,
               rows(layer.doutput), rows(layer.dmiddle), executor);

  SplitMatMul(executor, rows(layer.dmiddle), weights.attn_wo, dnorm,
              Write::kOverwrite);
  AttendBackward(config, activations, layer, executor);
  SplitMatMul(executor, rows(layer.dqkv), weights.attn_qkv, dnorm,
              Write::kOverwrite);
}

// Rows of wte meet in many places: columns are what is cut.
void EmbeddingGradients(const DocumentPack& pack, MatrixView dembedded,
                        const ModelTensors& gradients, Executor& executor) {
  ForEachRows(executor, dembedded.cols, pack.rows, [&](RowRange columns) {
    const auto part = [&](MatrixView view) {
      return view.Cols(columns.begin, columns.count);
    };
    for (const RowRange& document : pack.documents) {
      EmbeddingBackward(pack.inputs + document.begin,
                        part(dembedded).Rows(document.begin, document.count),
                        part(gradients.wte), part(gradients.wpe));
    }
  });
}

}  // namespace

void Backward(const Parameters& parameters, const DocumentPack& pack,
              Activations& activations, const ModelTensors& gradients,
              Write write, Executor& executor) {
  const ModelConfig& config = parameters.layout().config();
  const auto width = static_cast<std::size_t>(config.n_embd);
  const auto rows = [&](MatrixView view) { return view.Rows(0, pack.rows); };
  const MatrixView dembedded = rows(activations.dembedded);
  for (std::size_t i = activations.layers.size(); i-- > 0;) {
    const LayerActivations& layer = activations.layers[i];
    LayerBackward(config, parameters.weights().layers[i], pack, activations,
                  layer, executor);
    // Before the layer below takes over what layers share.
    if (activations.keep() != Keep::kForGradients) {
      LayerWeightGradients(layer, pack.rows, gradients.layers[i], write,
                           executor);
    }
    NormBackward(rows(activations.dnorm), rows(layer.attn_norm),
                 layer.attn_scales, width, rows(layer.dmiddle),
                 i == 0 ? dembedded : rows(activations.layers[i - 1].doutput),
                 executor);
  }
  NormBackward(dembedded, rows(activations.embedded), activations.embed_scales,
               width, {}, dembedded, executor);
  EmbeddingGradients(pack, dembedded, gradients, executor);
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
                     const ModelTensors& gradients, Executor& executor) {
  assert(activations.keep() == Keep::kForGradients);
  SplitWeightGradient(executor, activations.logits.Rows(0, rows),
                      activations.residual.Rows(0, rows), gradients.lm_head,
                      Write::kOverwrite);
  for (std::size_t i = activations.layers.size(); i-- > 0;) {
    LayerWeightGradients(activations.layers[i], rows, gradients.layers[i],
                         Write::kOverwrite, executor);
  }
}

}  // namespace microgpt
