#include "tests/model/engine.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <numeric>

#include "gtest/gtest.h"
#include "model/forward_backward.h"
#include "train/executor.h"

namespace microgpt {
namespace {

Executor& SerialExecutor() {
  static const std::unique_ptr<Executor> executor =
      MakeExecutor(ExecutorKind::kDefault, 1);
  return *executor;
}

PackShape OnOneThread(const Model& model, std::size_t max_documents) {
  return PackShape::For(model.config(), max_documents, Keep::kForBackward, 1);
}

}  // namespace

double EngineResult::LossSum() const {
  return std::accumulate(losses.begin(), losses.end(), 0.0);
}

Engine::Engine(const Model& model, std::size_t max_documents)
    : Engine(model, OnOneThread(model, max_documents), SerialExecutor()) {}

Engine::Engine(const Model& model, const PackShape& shape, Executor& executor)
    : parameters_(model.parameters()),
      executor_(executor),
      activations_(model.config(), shape),
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
  return RunPacks({documents});
}

EngineResult Engine::RunPacks(const std::vector<std::vector<Document>>& packs) {
  EngineResult result;
  for (std::size_t i = 0; i < packs.size(); ++i) {
    RunPack(packs[i], i == 0 ? Write::kOverwrite : Write::kAccumulate, result);
  }
  ReadGradients(result);
  return result;
}

void Engine::RunPack(const std::vector<Document>& documents, Write write,
                     EngineResult& result) {
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
  Forward(parameters_, pack, activations_, executor_);
  ReadLogits(pack.rows, result);
  std::vector<double> losses(pack.rows);
  LossBackward(parameters_, pack, activations_, losses.data(), gradients_,
               write, executor_);
  if (write == Write::kOverwrite) {
    for (const MatrixView view : {gradients_.wte, gradients_.wpe}) {
      std::fill_n(view.data, view.rows * view.stride, 0.0f);
    }
  }
  Backward(parameters_, pack, activations_, gradients_, write, executor_);
  if (activations_.keep() == Keep::kForGradients) {
    EXPECT_EQ(write, Write::kOverwrite);
    WeightGradients(activations_, pack.rows, gradients_, executor_);
  }
  // Losses alone, as for evaluation: spoils the logits.
  std::vector<double> only_losses(pack.rows);
  Loss(parameters_, pack, activations_, only_losses.data(), executor_);
  EXPECT_EQ(only_losses, losses);
  result.losses.insert(result.losses.end(), losses.begin(), losses.end());
}

void Engine::ReadLogits(std::size_t rows, EngineResult& result) {
  const auto vocab =
      static_cast<std::size_t>(parameters_.layout().config().vocab_size);
  for (std::size_t begin = 0; begin < rows; begin += activations_.logits.rows) {
    const std::size_t count = std::min(activations_.logits.rows, rows - begin);
    Logits(parameters_, {begin, count}, activations_, executor_);
    for (std::size_t t = 0; t < count; ++t) {
      const float* row = activations_.logits.Row(t);
      result.logits.insert(result.logits.end(), row, row + vocab);
      for (std::size_t i = vocab; i < activations_.logits.stride; ++i) {
        EXPECT_EQ(row[i], 0.0f) << "padding of the logits";
      }
    }
  }
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
