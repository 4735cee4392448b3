#include "tests/model/reference_model.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "tests/model/reference_ops.h"

namespace microgpt {
namespace {

using Vector = std::vector<double>;

std::size_t Size(int value) { return static_cast<std::size_t>(value); }

struct Layer {
  Vector input;      // [T, C] residual stream before attention
  Vector attn_norm;  // [T, C]
  reference::Attention attention;
  Vector middle;     // [T, C] residual stream before the feed-forward block
  Vector mlp_norm;   // [T, C]
  Vector hidden;     // [T, 4C]
  Vector activated;  // [T, 4C]
};

// One document through the model and back.
class Pass {
 public:
  Pass(const ModelConfig& config, const Tensors& weights,
       const Document& document)
      : config_(config),
        weights_(weights),
        document_(document),
        width_(Size(config.n_embd)),
        heads_{width_, Size(config.n_head)},
        layers_(Size(config.n_layer)) {}

  void Forward();
  void Backward();
  ReferenceResult& result() { return result_; }

 private:
  const Vector& Weight(const std::string& name) const {
    return weights_.at(name);
  }
  static std::string Name(std::size_t layer, const std::string& tensor) {
    return "layer" + std::to_string(layer) + "." + tensor;
  }
  // y [T, out] of a linear layer of `layer`; x [T, in].
  Vector Project(std::size_t layer, const std::string& tensor, const Vector& x,
                 std::size_t in) const;
  void LayerForward(std::size_t index);
  void LayerBackward(std::size_t index, Vector& dx);
  void LossForward();
  double Slope(double u) const;

  const ModelConfig& config_;
  const Tensors& weights_;
  const Document& document_;
  std::size_t width_;
  reference::HeadShape heads_;
  Vector embedded_;  // [T, C] before its rmsnorm
  Vector x_;         // [T, C] residual stream
  std::vector<Layer> layers_;
  Vector dlogits_;  // [T, V]
  ReferenceResult result_;
};

void Pass::Forward() {
  const std::size_t rows = document_.inputs.size();
  embedded_.resize(rows * width_);
  for (std::size_t t = 0; t < rows; ++t) {
    const std::size_t token = Size(document_.inputs[t]);
    for (std::size_t i = 0; i < width_; ++i) {
      embedded_[t * width_ + i] =
          Weight("wte")[token * width_ + i] + Weight("wpe")[t * width_ + i];
    }
  }
  x_ = reference::RmsNorm(embedded_, width_);
  for (std::size_t i = 0; i < layers_.size(); ++i) LayerForward(i);
  result_.logits = reference::Linear(x_, Weight("lm_head"), width_);
  LossForward();
}

Vector Pass::Project(std::size_t layer, const std::string& tensor,
                     const Vector& x, std::size_t in) const {
  return reference::Linear(x, Weight(Name(layer, tensor)), in);
}

void Pass::LayerForward(std::size_t index) {
  Layer& layer = layers_[index];
  layer.input = x_;
  layer.attn_norm = reference::RmsNorm(x_, width_);
  layer.attention.q = Project(index, "attn_wq", layer.attn_norm, width_);
  layer.attention.k = Project(index, "attn_wk", layer.attn_norm, width_);
  layer.attention.v = Project(index, "attn_wv", layer.attn_norm, width_);
  reference::Attend(layer.attention, heads_);
  reference::AddTo(x_, Project(index, "attn_wo", layer.attention.out, width_));

  layer.middle = x_;
  layer.mlp_norm = reference::RmsNorm(x_, width_);
  layer.hidden = Project(index, "mlp_fc1", layer.mlp_norm, width_);
  layer.activated = layer.hidden;
  for (double& u : layer.activated) {
    result_.active.push_back(u > 0);
    const double positive = std::max(u, 0.0);
    u = config_.activation == Activation::kRelu2 ? positive * positive
                                                 : positive;
  }
  reference::AddTo(x_, Project(index, "mlp_fc2", layer.activated, 4 * width_));
}

void Pass::LossForward() {
  const std::size_t vocab = Size(config_.vocab_size);
  dlogits_ = result_.logits;
  for (std::size_t t = 0; t < document_.targets.size(); ++t) {
    double* row = &dlogits_[t * vocab];
    const std::size_t target = Size(document_.targets[t]);
    reference::SoftmaxInPlace(row, vocab);
    result_.losses.push_back(-std::log(row[target]));
    row[target] -= 1;
  }
}

double Pass::Slope(double u) const {
  if (u <= 0) return 0;
  return config_.activation == Activation::kRelu2 ? 2 * u : 1;
}

void Pass::Backward() {
  Tensors& gradients = result_.gradients;
  Vector dx = reference::LinearBackward(dlogits_, x_, Weight("lm_head"), width_,
                                        gradients["lm_head"]);
  for (std::size_t i = layers_.size(); i-- > 0;) LayerBackward(i, dx);
  dx = reference::RmsNormBackward(dx, embedded_, width_);
  Vector& dwte = gradients["wte"];
  Vector& dwpe = gradients["wpe"];
  dwte.assign(Weight("wte").size(), 0.0);
  dwpe.assign(Weight("wpe").size(), 0.0);
  for (std::size_t t = 0; t < document_.inputs.size(); ++t) {
    const std::size_t token = Size(document_.inputs[t]);
    for (std::size_t i = 0; i < width_; ++i) {
      dwte[token * width_ + i] += dx[t * width_ + i];
      dwpe[t * width_ + i] += dx[t * width_ + i];
    }
  }
}

void Pass::LayerBackward(std::size_t index, Vector& dx) {
  const Layer& layer = layers_[index];
  // Gradient with respect to x of the linear layer `tensor`.
  const auto linear = [&](const std::string& tensor, const Vector& dy,
                          const Vector& x, std::size_t in) {
    const std::string name = Name(index, tensor);
    return reference::LinearBackward(dy, x, Weight(name), in,
                                     result_.gradients[name]);
  };
  Vector dhidden = linear("mlp_fc2", dx, layer.activated, 4 * width_);
  for (std::size_t i = 0; i < dhidden.size(); ++i) {
    dhidden[i] *= Slope(layer.hidden[i]);
  }
  Vector dnorm = linear("mlp_fc1", dhidden, layer.mlp_norm, width_);
  reference::AddTo(dx, reference::RmsNormBackward(dnorm, layer.middle, width_));

  const reference::AttentionGradients attention = reference::AttendBackward(
      linear("attn_wo", dx, layer.attention.out, width_), layer.attention,
      heads_);
  dnorm = linear("attn_wq", attention.dq, layer.attn_norm, width_);
  reference::AddTo(dnorm,
                   linear("attn_wk", attention.dk, layer.attn_norm, width_));
  reference::AddTo(dnorm,
                   linear("attn_wv", attention.dv, layer.attn_norm, width_));
  reference::AddTo(dx, reference::RmsNormBackward(dnorm, layer.input, width_));
}

}  // namespace

std::vector<TensorShape> TensorShapes(const ModelConfig& config) {
  const std::size_t c = Size(config.n_embd);
  std::vector<TensorShape> shapes{{"wte", Size(config.vocab_size), c},
                                  {"wpe", Size(config.block_size), c},
                                  {"lm_head", Size(config.vocab_size), c}};
  for (int i = 0; i < config.n_layer; ++i) {
    const std::string layer = "layer" + std::to_string(i) + ".";
    shapes.push_back({layer + "attn_wq", c, c});
    shapes.push_back({layer + "attn_wk", c, c});
    shapes.push_back({layer + "attn_wv", c, c});
    shapes.push_back({layer + "attn_wo", c, c});
    shapes.push_back({layer + "mlp_fc1", 4 * c, c});
    shapes.push_back({layer + "mlp_fc2", c, 4 * c});
  }
  return shapes;
}

double ReferenceResult::LossSum() const {
  return std::accumulate(losses.begin(), losses.end(), 0.0);
}

ReferenceResult ReferenceForward(const ModelConfig& config,
                                 const Tensors& weights,
                                 const Document& document) {
  Pass pass(config, weights, document);
  pass.Forward();
  return pass.result();
}

ReferenceResult ReferenceForwardBackward(const ModelConfig& config,
                                         const Tensors& weights,
                                         const Document& document) {
  Pass pass(config, weights, document);
  pass.Forward();
  pass.Backward();
  return pass.result();
}

}  // namespace microgpt
