#include "tests/model/engine.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "gtest/gtest.h"
#include "model/forward_backward.h"

namespace microgpt {
namespace {

std::size_t BlockSize(const Model& model) {
  return static_cast<std::size_t>(model.config().block_size);
}

}  // namespace

double EngineResult::LossSum() const {
  return std::accumulate(losses.begin(), losses.end(), 0.0);
}

Engine::Engine(const Model& model, std::size_t max_documents)
    : parameters_(model.parameters()),
      activations_(model.config(), max_documents,
                   max_documents * BlockSize(model)),
      arena_(parameters_.layout().size()),
      gradients_(parameters_.layout().Bind(arena_.data())) {
  // Backward overwrites all but embeddings: what was there must not matter.
  for (const TensorSpec& tensor : parameters_.layout().tensors()) {
    for (std::size_t row = 0; row < tensor.rows; ++row) {
      std::fill_n(arena_.data() + tensor.offset + row * tensor.stride(),
                  tensor.cols, std::numeric_limits<float>::quiet_NaN());
    }
  }
}

EngineResult Engine::Run(const std::vector<Document>& documents) {
  std::vector<std::int32_t> inputs;
  std::vector<std::int32_t> targets;
  std::vector<RowRange> rows;
  for (const Document& document : documents) {
    rows.push_back({inputs.size(), document.inputs.size()});
    inputs.insert(inputs.end(), document.inputs.begin(), document.inputs.end());
    targets.insert(targets.end(), document.targets.begin(),
                   document.targets.end());
  }
  const DocumentPack pack{inputs.data(), targets.data(), rows, inputs.size()};
  EngineResult result;
  result.losses.resize(pack.rows);
  Forward(parameters_, pack, activations_);
  result.logits = Logits(pack.rows);
  Loss(parameters_.layout().config(), pack, activations_, result.losses.data());
  for (const MatrixView& view : {gradients_.wte, gradients_.wpe}) {
    std::fill_n(view.data, view.rows * view.stride, 0.0f);
  }
  Backward(parameters_, pack, activations_, gradients_);
  ReadGradients(result);
  return result;
}

std::vector<float> Engine::Logits(std::size_t rows) const {
  const auto vocab =
      static_cast<std::size_t>(parameters_.layout().config().vocab_size);
  std::vector<float> logits;
  for (std::size_t t = 0; t < rows; ++t) {
    const float* row = activations_.logits.Row(t);
    logits.insert(logits.end(), row, row + vocab);
    for (std::size_t i = vocab; i < activations_.logits.stride; ++i) {
      EXPECT_EQ(row[i], 0.0f) << "padding of the logits";
    }
  }
  return logits;
}

void Engine::ReadGradients(EngineResult& result) const {
  for (const TensorSpec& tensor : parameters_.layout().tensors()) {
    std::vector<float>& values = result.gradients[tensor.name];
    for (std::size_t row = 0; row < tensor.rows; ++row) {
      const float* data = arena_.data() + tensor.offset + row * tensor.stride();
      values.insert(values.end(), data, data + tensor.cols);
      for (std::size_t i = tensor.cols; i < tensor.stride(); ++i) {
        EXPECT_EQ(data[i], 0.0f) << "padding of the gradient " << tensor.name;
      }
    }
  }
}

}  // namespace microgpt
