// The weights, their transposes and their padding.
#include "model/parameters.h"

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "base/random.h"
#include "gtest/gtest.h"
#include "microgpt/error.h"
#include "tests/model/model_cases.h"

namespace microgpt {
namespace {

class ParametersTest : public testing::TestWithParam<ModelCase> {
 protected:
  const ModelConfig& config() const { return GetParam().config; }
  const Parameters& parameters() const { return model_.parameters(); }

  TestRandom random_{5};
  Tensors weights_ = RandomWeights(GetParam(), random_);
  Model model_ = MakeModel(config(), weights_);
};

// view [in, ...] holds `tensor` [out, in] transposed, from column `begin` on.
void ExpectTransposed(const MatrixView& view, std::size_t begin,
                      const std::vector<double>& tensor) {
  const std::size_t in = view.rows;
  const std::size_t out = tensor.size() / in;
  for (std::size_t o = 0; o < out; ++o) {
    for (std::size_t i = 0; i < in; ++i) {
      ASSERT_EQ(view.Row(i)[begin + o], tensor[o * in + i]) << o << ", " << i;
    }
  }
}

void ExpectZeroFrom(const MatrixView& view, std::size_t begin) {
  for (std::size_t row = 0; row < view.rows; ++row) {
    for (std::size_t i = begin; i < view.stride; ++i) {
      ASSERT_EQ(view.Row(row)[i], 0.0f) << row << ", " << i;
    }
  }
}

TEST_P(ParametersTest, TensorsHaveTheNamesShapesAndOrderOfTheDesign) {
  const std::vector<TensorShape> expected = TensorShapes(config());
  const std::vector<TensorInfo> actual = model_.tensors();
  ASSERT_EQ(actual.size(), expected.size());
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < actual.size(); ++i) {
    EXPECT_EQ(actual[i].name, expected[i].name);
    EXPECT_EQ(actual[i].rows, expected[i].rows);
    EXPECT_EQ(actual[i].cols, expected[i].cols);
    count += actual[i].rows * actual[i].cols;
  }
  EXPECT_EQ(ParameterCount(config()), count);
}

TEST_P(ParametersTest, GetTensorReturnsWhatSetTensorWrote) {
  for (const auto& [name, values] : weights_) {
    std::vector<float> actual(values.size());
    model_.GetTensor(name, actual);
    EXPECT_TRUE(
        SameBits(actual, std::vector<float>(values.begin(), values.end())))
        << name;
  }
}

TEST_P(ParametersTest, TransposesFollowTheWeights) {
  const auto width = static_cast<std::size_t>(config().n_embd);
  const auto vocab = static_cast<std::size_t>(config().vocab_size);
  const ModelTensors& transposed = parameters().transposed();
  ASSERT_EQ(transposed.layers.size(),
            static_cast<std::size_t>(config().n_layer));
  ExpectTransposed(transposed.lm_head, 0, weights_.at("lm_head"));
  ExpectZeroFrom(transposed.lm_head, vocab);
  for (std::size_t i = 0; i < transposed.layers.size(); ++i) {
    const std::string prefix = "layer" + std::to_string(i) + ".";
    SCOPED_TRACE(prefix);
    const LayerTensors& layer = transposed.layers[i];
    ExpectTransposed(layer.attn_qkv, 0, weights_.at(prefix + "attn_wq"));
    ExpectTransposed(layer.attn_qkv, width, weights_.at(prefix + "attn_wk"));
    ExpectTransposed(layer.attn_qkv, 2 * width,
                     weights_.at(prefix + "attn_wv"));
    ExpectTransposed(layer.attn_wo, 0, weights_.at(prefix + "attn_wo"));
    ExpectTransposed(layer.mlp_fc1, 0, weights_.at(prefix + "mlp_fc1"));
    ExpectTransposed(layer.mlp_fc2, 0, weights_.at(prefix + "mlp_fc2"));
    ExpectZeroFrom(layer.attn_qkv, 3 * width);
    ExpectZeroFrom(layer.attn_wo, width);
    ExpectZeroFrom(layer.mlp_fc1, 4 * width);
    ExpectZeroFrom(layer.mlp_fc2, width);
  }
}

TEST_P(ParametersTest, PaddingOfTheWeightsStaysZero) {
  Random random(1);
  model_.Initialize(random, 0.02);
  for (const TensorSpec& tensor : parameters().layout().tensors()) {
    const float* data = parameters().data() + tensor.offset;
    for (std::size_t row = 0; row < tensor.rows; ++row) {
      for (std::size_t i = tensor.cols; i < tensor.stride(); ++i) {
        ASSERT_EQ(data[row * tensor.stride() + i], 0.0f) << tensor.name;
      }
    }
  }
}

// Updates refresh some rows at a time; no others may change.
TEST_P(ParametersTest, RefreshTransposeTouchesItsRowsOnly) {
  Parameters& parameters = model_.parameters();
  const TensorSpec& tensor = parameters.Find("lm_head");
  float* data = parameters.data() + tensor.offset;
  std::vector<double> expected = weights_.at("lm_head");
  for (std::size_t row = 0; row < tensor.rows; ++row) {
    data[row * tensor.stride()] = 77;
  }
  parameters.RefreshTranspose(tensor, 1, tensor.rows - 1);
  for (std::size_t row = 1; row + 1 < tensor.rows; ++row) {
    expected[row * tensor.cols] = 77;
  }
  ExpectTransposed(parameters.transposed().lm_head, 0, expected);
}

TEST_P(ParametersTest, TensorsDoNotOverlap) {
  const ParameterLayout& layout = parameters().layout();
  std::size_t next = 0;
  for (const TensorSpec& tensor : layout.tensors()) {
    EXPECT_EQ(tensor.offset, next) << tensor.name;
    EXPECT_EQ(tensor.offset % kVirtualLanes, 0u) << tensor.name;
    next += tensor.size();
  }
  EXPECT_EQ(layout.size(), next);
}

INSTANTIATE_TEST_SUITE_P(
    Models, ParametersTest, testing::ValuesIn(ModelCases()),
    [](const testing::TestParamInfo<ModelCase>& model_case) {
      return CaseName(model_case.param);
    });

TEST(ParameterLayoutTest, HostileSizesAreResourceErrors) {
  // vocab_size, block_size, n_embd, n_layer, n_head
  const ModelConfig hostile{kMaxDimension, kMaxDimension, kMaxDimension * 1024,
                            kMaxLayers, 1};
  try {
    const ParameterLayout layout(hostile);
    FAIL() << "accepted " << layout.size() << " floats";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kResources);
  }
}

TEST(ModelTest, InitializeDrawsForZeroedTensorsToo) {
  const ModelConfig config{5, 3, 4, 2, 2};
  Model model(config);
  Random random(42);
  Random expected(42);
  model.Initialize(random, 0.02);
  for (const TensorInfo& tensor : model.tensors()) {
    const bool zero =
        tensor.name.ends_with("attn_wo") || tensor.name.ends_with("mlp_fc2");
    std::vector<float> values(tensor.rows * tensor.cols);
    model.GetTensor(tensor.name, values);
    for (const float value : values) {
      const auto drawn = static_cast<float>(expected.Gauss(0.02));
      ASSERT_EQ(value, zero ? 0.0f : drawn) << tensor.name;
    }
  }
  EXPECT_EQ(random.Next(), expected.Next());
}

}  // namespace
}  // namespace microgpt
