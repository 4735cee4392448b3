// The reference model's own gradients against finite differences.
#include "tests/model/reference_model.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>

#include "gtest/gtest.h"
#include "tests/model/model_cases.h"

namespace microgpt {
namespace {

// Of the largest weight of the tensor.
constexpr double kStep = 1e-3;
// Of the largest entry of the tensor's gradient. Measured: 2e-9.
constexpr double kBound = 1e-7;

// A model, a document and the gradient to check.
struct Problem {
  Problem(const ModelCase& model_case, std::size_t positions,
          TestRandom& random)
      : config(model_case.config),
        weights(RandomWeights(model_case, random)),
        document(RandomDocument(config, positions, random)),
        exact(ReferenceForwardBackward(config, weights, document)) {}

  // Five-point central difference for one weight; nothing where the step
  // crosses a kink of the activation.
  std::optional<double> Difference(double& weight, double step) const {
    const double before = weight;
    double sum = 0;
    bool smooth = true;
    for (const auto& [offset, factor] :
         {std::pair{-2, 1.0}, {-1, -8.0}, {1, 8.0}, {2, -1.0}}) {
      weight = before + offset * step;
      const ReferenceResult moved = ReferenceForward(config, weights, document);
      sum += factor * moved.LossSum();
      smooth = smooth && moved.active == exact.active;
    }
    weight = before;
    if (!smooth) return std::nullopt;
    return sum / (12 * step);
  }

  ModelConfig config;
  Tensors weights;
  Document document;
  ReferenceResult exact;
};

double Largest(const std::vector<double>& values) {
  double largest = 0;
  for (const double value : values) {
    largest = std::max(largest, std::abs(value));
  }
  return largest;
}

// Checks `count` random entries of every tensor, or all of them.
void CheckGradients(Problem& problem, std::optional<std::size_t> count,
                    TestRandom& random) {
  for (auto& [name, values] : problem.weights) {
    const std::vector<double>& exact = problem.exact.gradients.at(name);
    // Queries and keys of a single position have no gradient at all.
    const double scale = std::max(Largest(exact), 1e-3);
    const double step = kStep * Largest(values);
    std::size_t checked = 0;
    for (std::size_t i = 0; i < count.value_or(values.size()); ++i) {
      const std::size_t at = count ? random.Index(values.size()) : i;
      const std::optional<double> numeric =
          problem.Difference(values[at], step);
      if (!numeric) continue;
      ++checked;
      EXPECT_NEAR(*numeric, exact[at], kBound * scale)
          << name << ", entry " << at;
    }
    EXPECT_GT(2 * checked, count.value_or(values.size()))
        << name << ": most entries lie at a kink";
  }
}

class ReferenceModelTest : public testing::TestWithParam<ModelCase> {};

TEST_P(ReferenceModelTest, GradientsMatchFiniteDifferences) {
  TestRandom random(1);
  const auto block = static_cast<std::size_t>(GetParam().config.block_size);
  Problem problem(GetParam(), std::min<std::size_t>(block, 18), random);
  CheckGradients(problem, 6, random);
}

INSTANTIATE_TEST_SUITE_P(
    Models, ReferenceModelTest, testing::ValuesIn(ModelCases()),
    [](const testing::TestParamInfo<ModelCase>& model_case) {
      return CaseName(model_case.param);
    });

TEST(ReferenceModelTiny, EveryGradientMatchesFiniteDifferences) {
  for (const Activation kind : {Activation::kRelu2, Activation::kRelu}) {
    SCOPED_TRACE(ToString(kind));
    TestRandom random(2);
    // vocab_size, block_size, n_embd, n_layer, n_head
    Problem problem({{5, 3, 4, 2, 2, kind}}, 3, random);
    CheckGradients(problem, std::nullopt, random);
  }
}

// Weights of zero give equal logits: the loss is that of guessing.
TEST(ReferenceModelTiny, LossOfAnEmptyModel) {
  const ModelConfig config{5, 3, 4, 1, 2};
  Tensors weights;
  for (const TensorShape& shape : TensorShapes(config)) {
    weights[shape.name].resize(shape.rows * shape.cols);
  }
  const ReferenceResult result =
      ReferenceForward(config, weights, {{0, 1, 4}, {1, 4, 0}});
  EXPECT_DOUBLE_EQ(result.LossSum(), 3 * std::log(5.0));
}

}  // namespace
}  // namespace microgpt
