// Forward, Loss and Backward against the double reference model.
#include "model/forward_backward.h"

#include <string>

#include "gtest/gtest.h"
#include "tests/kernels/each_target.h"
#include "tests/model/engine.h"
#include "tests/model/model_cases.h"
#include "tests/model/relative_error.h"

namespace microgpt {
namespace {

class ForwardBackwardTest : public testing::TestWithParam<ModelCase> {
 protected:
  const ModelConfig& config() const { return GetParam().config; }
  std::size_t block_size() const {
    return static_cast<std::size_t>(config().block_size);
  }

  TestRandom random_{3};
  Tensors weights_ = RandomWeights(GetParam(), random_);
  Model model_ = MakeModel(config(), weights_);
  std::vector<Document> documents_ = RandomDocuments(config(), random_);
};

void ExpectNear(const EngineResult& actual, const ReferenceResult& expected,
                double bound) {
  const auto check = [&](const std::string& name, const RelativeError& error) {
    EXPECT_LT(error.norm, bound) << name;
    EXPECT_LT(error.max, bound) << name;
  };
  check("losses", CompareTensors(actual.losses, expected.losses));
  check("logits", CompareTensors(actual.logits, expected.logits));
  ASSERT_EQ(actual.gradients.size(), expected.gradients.size());
  for (const auto& [name, gradient] : expected.gradients) {
    check(name, CompareTensors(actual.gradients.at(name), gradient));
  }
}

// The sum over documents, rows one after the other.
ReferenceResult ReferencePack(const ModelConfig& config, const Tensors& weights,
                              const std::vector<Document>& documents) {
  ReferenceResult sum;
  for (const Document& document : documents) {
    const ReferenceResult one =
        ReferenceForwardBackward(config, weights, document);
    sum.losses.insert(sum.losses.end(), one.losses.begin(), one.losses.end());
    sum.logits.insert(sum.logits.end(), one.logits.begin(), one.logits.end());
    for (const auto& [name, gradient] : one.gradients) {
      std::vector<double>& total = sum.gradients[name];
      total.resize(gradient.size());
      for (std::size_t i = 0; i < gradient.size(); ++i) {
        total[i] += gradient[i];
      }
    }
  }
  return sum;
}

TEST_P(ForwardBackwardTest, OneDocumentIsNearTheReference) {
  for (const std::size_t positions : {block_size(), (block_size() + 1) / 2}) {
    const Document document = RandomDocument(config(), positions, random_);
    const ReferenceResult expected =
        ReferenceForwardBackward(config(), weights_, document);
    ForEachTarget([&] {
      ExpectNear(Engine(model_, 1).Run({document}), expected, GetParam().bound);
    });
  }
}

TEST_P(ForwardBackwardTest, PackIsNearTheSumOfReferences) {
  const ReferenceResult expected =
      ReferencePack(config(), weights_, documents_);
  ForEachTarget([&] {
    ExpectNear(Engine(model_, documents_.size()).Run(documents_), expected,
               GetParam().bound);
  });
}

// A comparison of zeros would prove nothing: every tensor takes part, keys and
// queries of past positions included.
TEST_P(ForwardBackwardTest, EveryTensorHasAGradient) {
  const EngineResult result = Engine(model_, 5).Run(documents_);
  for (const auto& [name, gradient] : result.gradients) {
    const bool attends =
        name.ends_with(".attn_wq") || name.ends_with(".attn_wk");
    if (attends && config().block_size == 1) {
      EXPECT_EQ(gradient, std::vector<float>(gradient.size(), 0.0f)) << name;
      continue;
    }
    double squares = 0;
    for (const float value : gradient) {
      squares += static_cast<double>(value) * value;
    }
    EXPECT_GT(std::sqrt(squares), 1e-3) << name;
  }
}

TEST_P(ForwardBackwardTest, EveryTargetGivesTheSameBits) {
  ExpectSameBitsOnEveryTarget([&] {
    const EngineResult result = Engine(model_, 5).Run(documents_);
    std::vector<float> all = result.logits;
    for (const auto& [name, gradient] : result.gradients) {
      all.insert(all.end(), gradient.begin(), gradient.end());
    }
    return all;
  });
  ExpectSameBitsOnEveryTarget(
      [&] { return Engine(model_, 5).Run(documents_).losses; });
}

// Rows do not depend on their neighbours in the pack.
TEST_P(ForwardBackwardTest, PackGivesTheBitsOfSingleDocuments) {
  const EngineResult pack = Engine(model_, 5).Run(documents_);
  std::vector<float> logits;
  std::vector<double> losses;
  for (const Document& document : documents_) {
    const EngineResult one = Engine(model_, 1).Run({document});
    logits.insert(logits.end(), one.logits.begin(), one.logits.end());
    losses.insert(losses.end(), one.losses.begin(), one.losses.end());
  }
  EXPECT_TRUE(SameBits(pack.logits, logits));
  EXPECT_TRUE(SameBits(pack.losses, losses));
}

// What a larger pack left in the buffers does not matter.
TEST_P(ForwardBackwardTest, UsedBuffersGiveTheBitsOfFreshOnes) {
  const std::vector<Document> small{documents_[2], documents_[0]};
  Engine used(model_, 5);
  used.Run(documents_);
  const EngineResult actual = used.Run(small);
  const EngineResult expected = Engine(model_, 5).Run(small);
  EXPECT_TRUE(SameBits(actual.logits, expected.logits));
  EXPECT_TRUE(SameBits(actual.losses, expected.losses));
  for (const auto& [name, gradient] : expected.gradients) {
    EXPECT_TRUE(SameBits(actual.gradients.at(name), gradient)) << name;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Models, ForwardBackwardTest, testing::ValuesIn(ModelCases()),
    [](const testing::TestParamInfo<ModelCase>& model_case) {
      return CaseName(model_case.param);
    });

}  // namespace
}  // namespace microgpt
