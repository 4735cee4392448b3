// Initial weights and gradients of the first step against float64 fixtures of
// the Python reference.
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "gtest/gtest.h"
#include "microgpt/corpus.h"
#include "nlohmann/json.hpp"
#include "tests/kernels/each_target.h"
#include "tests/model/engine.h"
#include "tests/model/model_cases.h"
#include "tests/model/relative_error.h"

namespace microgpt {
namespace {

// Both references are double; sums run in different orders.
constexpr double kReferenceBound = 1e-12;
constexpr double kBound = 5e-6;  // measured: 7.5e-7

std::string FixturePath(const std::string& file) {
  const char* folder = std::getenv("MICROGPT_FIXTURES");
  return (folder == nullptr ? std::string("tests/fixtures") : folder) + "/" +
         file;
}

nlohmann::json ReadFixture(const std::string& file) {
  std::ifstream stream(FixturePath(file));
  EXPECT_TRUE(stream) << FixturePath(file);
  return nlohmann::json::parse(stream);
}

// The corpus, the weights and the batch of step 1, made as a trainer does.
class FirstStepTest : public testing::TestWithParam<std::string> {
 protected:
  FirstStepTest() {
    const nlohmann::json& args = fixture_.at("args");
    Random random(args.at("seed").get<std::uint64_t>());
    corpus_.Shuffle(random);
    config_.vocab_size = corpus_.tokenizer().vocab_size();
    config_.block_size = args.at("block_size");
    config_.n_embd = args.at("n_embd");
    config_.n_layer = args.at("n_layer");
    config_.n_head = args.at("n_head");
    drawn_ = std::make_unique<Model>(config_);
    drawn_->Initialize(random, args.at("init_std").get<double>());
    for (const auto& [name, values] : fixture_.at("init").items()) {
      weights_[name] = values.get<std::vector<double>>();
      for (double& value : weights_[name]) value = static_cast<float>(value);
    }
    const auto batch = args.at("batch_size").get<std::size_t>();
    for (std::size_t i = 0; i < batch; ++i) documents_.push_back(Encode(i));
  }

  Document Encode(std::size_t index) const {
    std::vector<std::int32_t> tokens(
        static_cast<std::size_t>(config_.block_size) + 1);
    tokens.resize(corpus_.EncodeDocument(index, tokens));
    return {{tokens.begin(), tokens.end() - 1},
            {tokens.begin() + 1, tokens.end()}};
  }

  std::size_t TokenCount() const {
    std::size_t count = 0;
    for (const Document& document : documents_) count += document.inputs.size();
    return count;
  }

  // Of the sum of losses.
  std::vector<double> ExpectedGradient(const std::string& name) const {
    std::vector<double> gradient = fixture_.at("grad").at(name);
    for (double& value : gradient) value *= static_cast<double>(TokenCount());
    return gradient;
  }
  double ExpectedLossSum() const {
    return fixture_.at("loss").at(0).get<double>() *
           static_cast<double>(TokenCount());
  }

  nlohmann::json fixture_ = ReadFixture(GetParam());
  Corpus corpus_ = Corpus::FromFile(FixturePath("words.txt"));
  ModelConfig config_;
  std::unique_ptr<Model> drawn_;
  Tensors weights_;
  std::vector<Document> documents_;
};

TEST_P(FirstStepTest, VocabularyIsThatOfTheFixture) {
  const std::vector<std::string> vocab = fixture_.at("vocab");
  ASSERT_EQ(static_cast<std::size_t>(config_.vocab_size), vocab.size());
  for (std::size_t id = 1; id < vocab.size(); ++id) {
    const std::int32_t ids[] = {static_cast<std::int32_t>(id)};
    EXPECT_EQ(corpus_.tokenizer().Decode(ids), vocab[id]);
  }
}

TEST_P(FirstStepTest, DrawsTheWeightsOfTheFixture) {
  const bool nonzero = fixture_.at("args").at("nonzero_init");
  ASSERT_EQ(weights_.size(), drawn_->tensors().size());
  for (const TensorInfo& tensor : drawn_->tensors()) {
    const bool zero =
        tensor.name.ends_with("attn_wo") || tensor.name.ends_with("mlp_fc2");
    std::vector<float> actual(tensor.rows * tensor.cols);
    drawn_->GetTensor(tensor.name, actual);
    const std::vector<double>& expected = weights_.at(tensor.name);
    ASSERT_EQ(expected.size(), actual.size()) << tensor.name;
    for (std::size_t i = 0; i < actual.size(); ++i) {
      ASSERT_EQ(actual[i], zero && nonzero ? 0.0 : expected[i])
          << tensor.name << ", entry " << i;
    }
  }
}

TEST_P(FirstStepTest, ReferenceModelGivesTheGradientsOfTheFixture) {
  Tensors sum;
  double loss = 0;
  for (const Document& document : documents_) {
    const ReferenceResult one =
        ReferenceForwardBackward(config_, weights_, document);
    loss += one.LossSum();
    for (const auto& [name, gradient] : one.gradients) {
      sum[name].resize(gradient.size());
      for (std::size_t i = 0; i < gradient.size(); ++i) {
        sum[name][i] += gradient[i];
      }
    }
  }
  EXPECT_NEAR(loss / ExpectedLossSum(), 1, kReferenceBound);
  for (const auto& [name, gradient] : sum) {
    const RelativeError error =
        CompareTensors(gradient, ExpectedGradient(name));
    EXPECT_LT(error.norm, kReferenceBound) << name;
    EXPECT_LT(error.max, kReferenceBound) << name;
  }
}

TEST_P(FirstStepTest, EngineGivesTheGradientsOfTheFixture) {
  const Model model = MakeModel(config_, weights_);
  ForEachTarget([&] {
    const EngineResult result =
        Engine(model, documents_.size()).Run(documents_);
    EXPECT_NEAR(result.LossSum() / ExpectedLossSum(), 1, kBound);
    for (const auto& [name, gradient] : result.gradients) {
      const RelativeError error =
          CompareTensors(gradient, ExpectedGradient(name));
      EXPECT_LT(error.norm, kBound) << name;
      EXPECT_LT(error.max, kBound) << name;
    }
  });
}

INSTANTIATE_TEST_SUITE_P(Fixtures, FirstStepTest,
                         testing::Values("firststep.json",
                                         "firststep_full.json"),
                         [](const testing::TestParamInfo<std::string>& file) {
                           return file.param.substr(0, file.param.find('.'));
                         });

}  // namespace
}  // namespace microgpt
