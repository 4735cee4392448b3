#include "microgpt/model.h"

#include <utility>

#include "base/random.h"
#include "model/parameters.h"

namespace microgpt {
namespace {

bool StartsAtZero(std::string_view name) {
  return name.ends_with(".attn_wo") || name.ends_with(".mlp_fc2");
}

}  // namespace

Model::Model(const ModelConfig& config)
    : parameters_(std::make_unique<Parameters>(config)) {}
Model::~Model() = default;
Model::Model(Model&&) noexcept = default;
Model& Model::operator=(Model&&) noexcept = default;

const ModelConfig& Model::config() const {
  return parameters_->layout().config();
}

std::vector<TensorInfo> Model::tensors() const {
  std::vector<TensorInfo> infos;
  for (const TensorSpec& tensor : parameters_->layout().tensors()) {
    infos.push_back({tensor.name, tensor.rows, tensor.cols});
  }
  return infos;
}

void Model::Initialize(Random& random, double std) {
  for (const TensorSpec& tensor : parameters_->layout().tensors()) {
    const bool keep = !StartsAtZero(tensor.name);
    float* data = parameters_->data() + tensor.offset;
    for (std::size_t row = 0; row < tensor.rows; ++row) {
      for (std::size_t col = 0; col < tensor.cols; ++col) {
        const auto value = static_cast<float>(random.Gauss(std));
        data[row * tensor.stride() + col] = keep ? value : 0.0f;
      }
    }
    parameters_->RefreshTranspose(tensor, 0, tensor.rows);
  }
}

void Model::GetTensor(std::string_view name, std::span<float> values) const {
  parameters_->Find(name).CopyOut(std::as_const(*parameters_).data(), values);
}

void Model::SetTensor(std::string_view name, std::span<const float> values) {
  const TensorSpec& tensor = parameters_->Find(name);
  tensor.CopyIn(values, parameters_->data());
  parameters_->RefreshTranspose(tensor, 0, tensor.rows);
}

}  // namespace microgpt
