#include "tests/model/model_cases.h"

#include <algorithm>
#include <cmath>
#include <sstream>

namespace microgpt {
namespace {

float WeightScale(const TensorShape& shape, float embedding_scale) {
  if (shape.name == "wte" || shape.name == "wpe") return embedding_scale;
  return 2 / std::sqrt(static_cast<float>(shape.cols));
}

}  // namespace

std::vector<ModelCase> ModelCases() {
  // vocab_size, block_size, n_embd, n_layer, n_head. With one channel rmsnorm
  // gives nearly +-1 and its gradient is what is left of terms 1e5 times as
  // large (measured error: 5.5e-5), unless the embeddings are about as small as
  // the root of its 1e-5.
  const ModelCase shapes[] = {
      {{27, 8, 16, 1, 4}},   // the default
      {{30, 12, 20, 3, 5}},  // heads that are not a power of two wide
      {{11, 6, 8, 2, 2}},    // narrower than a vector
      {{27, 8, 16, 0, 4}},   // no layers
      {{19, 1, 16, 2, 4}},   // one position: nothing to attend to
      {{5, 7, 1, 1, 1}, 0.003f, 2e-4},  // one channel
      {{2, 9, 7, 2, 7}},     // heads of one channel, smallest vocabulary
      {{40, 40, 48, 2, 3}},  // attention over three blocks of rows
  };
  std::vector<ModelCase> cases;
  for (ModelCase model_case : shapes) {
    for (const Activation kind : {Activation::kRelu2, Activation::kRelu}) {
      model_case.config.activation = kind;
      cases.push_back(model_case);
    }
  }
  return cases;
}

std::string CaseName(const ModelCase& model_case) {
  const ModelConfig& config = model_case.config;
  std::ostringstream name;
  name << "C" << config.n_embd << "_L" << config.n_layer << "_T"
       << config.block_size << "_H" << config.n_head << "_V"
       << config.vocab_size << "_" << ToString(config.activation);
  return name.str();
}

Tensors RandomWeights(const ModelCase& model_case, TestRandom& random) {
  Tensors weights;
  for (const TensorShape& shape : TensorShapes(model_case.config)) {
    const float scale = WeightScale(shape, model_case.embedding_scale);
    const std::vector<float> values =
        random.Floats(shape.rows * shape.cols, scale);
    weights[shape.name].assign(values.begin(), values.end());
  }
  return weights;
}

Document RandomDocument(const ModelConfig& config, std::size_t positions,
                        TestRandom& random) {
  const auto vocab = static_cast<std::size_t>(config.vocab_size);
  Document document;
  for (std::size_t t = 0; t < positions; ++t) {
    document.inputs.push_back(static_cast<std::int32_t>(random.Index(vocab)));
    document.targets.push_back(static_cast<std::int32_t>(random.Index(vocab)));
  }
  return document;
}

std::vector<Document> RandomDocuments(const ModelConfig& config,
                                      TestRandom& random) {
  const auto block = static_cast<std::size_t>(config.block_size);
  std::vector<Document> documents;
  for (const std::size_t wanted :
       {block / 2, block, std::size_t{1}, block - 1, std::size_t{3}}) {
    const std::size_t positions = std::clamp<std::size_t>(wanted, 1, block);
    documents.push_back(RandomDocument(config, positions, random));
  }
  return documents;
}

Model MakeModel(const ModelConfig& config, const Tensors& weights) {
  Model model(config);
  for (const auto& [name, values] : weights) {
    std::vector<float> floats;
    for (const double value : values) {
      floats.push_back(static_cast<float>(value));
    }
    model.SetTensor(name, floats);
  }
  return model;
}

}  // namespace microgpt
