// Decoder against Forward, position by position.
#include "model/decoder.h"

#include <span>
#include <vector>

#include "gtest/gtest.h"
#include "tests/kernels/each_target.h"
#include "tests/model/engine.h"
#include "tests/model/model_cases.h"

namespace microgpt {
namespace {

class DecoderTest : public testing::TestWithParam<ModelCase> {
 protected:
  // [T, V]
  static std::vector<float> DecodeAll(Decoder& decoder,
                                      const Document& document) {
    std::vector<float> logits;
    for (const std::int32_t token : document.inputs) {
      const std::span<const float> row = decoder.Decode(token);
      logits.insert(logits.end(), row.begin(), row.end());
    }
    return logits;
  }

  const ModelConfig& config() const { return GetParam().config; }

  TestRandom random_{4};
  Model model_ = MakeModel(config(), RandomWeights(GetParam(), random_));
  Document document_ = RandomDocument(
      config(), static_cast<std::size_t>(config().block_size), random_);
};

TEST_P(DecoderTest, GivesTheSameNumbersAsForward) {
  ForEachTarget([&] {
    const std::vector<float> expected =
        Engine(model_, 1).Run({document_}).logits;
    Decoder decoder(model_.parameters());
    const std::vector<float> actual = DecodeAll(decoder, document_);
    ASSERT_EQ(actual.size(), expected.size());
    for (std::size_t i = 0; i < actual.size(); ++i) {
      ASSERT_EQ(actual[i], expected[i]) << "logit " << i;
    }
  });
}

TEST_P(DecoderTest, EveryTargetGivesTheSameBits) {
  ExpectSameBitsOnEveryTarget([&] {
    Decoder decoder(model_.parameters());
    return DecodeAll(decoder, document_);
  });
}

TEST_P(DecoderTest, ResetForgetsEverything) {
  Decoder decoder(model_.parameters());
  EXPECT_EQ(decoder.position(), 0u);
  DecodeAll(decoder, document_);
  EXPECT_EQ(decoder.position(), document_.inputs.size());
  decoder.Reset();
  EXPECT_EQ(decoder.position(), 0u);
  const Document other =
      RandomDocument(config(), document_.inputs.size(), random_);
  Decoder fresh(model_.parameters());
  EXPECT_TRUE(SameBits(DecodeAll(decoder, other), DecodeAll(fresh, other)));
}

INSTANTIATE_TEST_SUITE_P(
    Models, DecoderTest, testing::ValuesIn(ModelCases()),
    [](const testing::TestParamInfo<ModelCase>& model_case) {
      return CaseName(model_case.param);
    });

}  // namespace
}  // namespace microgpt
