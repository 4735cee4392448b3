// Logits in chunks, gradients that layers share, several packs and several
// workers: all leave the bits of the plain way.
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "model/activations.h"
#include "tests/base/error_of.h"
#include "tests/kernels/each_target.h"
#include "tests/model/engine.h"
#include "tests/model/model_cases.h"
#include "tests/train/train_util.h"
#include "train/executor.h"

namespace microgpt {
namespace {

void ExpectSame(const EngineResult& actual, const EngineResult& expected) {
  EXPECT_TRUE(SameBits(actual.logits, expected.logits));
  EXPECT_TRUE(SameBits(actual.losses, expected.losses));
  ASSERT_EQ(actual.gradients.size(), expected.gradients.size());
  for (const auto& [name, gradient] : expected.gradients) {
    EXPECT_TRUE(SameBits(actual.gradients.at(name), gradient)) << name;
  }
}

class PackShapeTest : public testing::TestWithParam<ModelCase> {
 protected:
  const ModelConfig& config() const { return GetParam().config; }
  PackShape Shape(Keep keep) const {
    return PackShape::For(config(), documents_.size(), keep, 1);
  }

  TestRandom random_{11};
  Model model_ = MakeModel(config(), RandomWeights(GetParam(), random_));
  std::vector<Document> documents_ = RandomDocuments(config(), random_);
  std::unique_ptr<Executor> serial_ = MakeExecutor(ExecutorKind::kDefault, 1);
};

TEST_P(PackShapeTest, ChunksOfLogitsChangeNothing) {
  const EngineResult expected =
      Engine(model_, Shape(Keep::kForGradients), *serial_).Run(documents_);
  for (const std::size_t rows : {1u, 3u, 16u, 50u}) {
    SCOPED_TRACE(rows);
    PackShape shape = Shape(Keep::kForBackward);
    shape.logit_rows = std::min(shape.rows, rows);
    ExpectSame(Engine(model_, shape, *serial_).Run(documents_), expected);
  }
}

TEST_P(PackShapeTest, ChunksHaveTheSameBitsOnEveryTarget) {
  ExpectSameBitsOnEveryTarget([&] {
    PackShape shape = Shape(Keep::kForBackward);
    shape.logit_rows = std::min<std::size_t>(shape.rows, 7);
    EngineResult result = Engine(model_, shape, *serial_).Run(documents_);
    std::vector<float> all = result.gradients["lm_head"];
    const std::vector<float>& wte = result.gradients["wte"];
    all.insert(all.end(), wte.begin(), wte.end());
    return all;
  });
}

TEST_P(PackShapeTest, SharedGradientsChangeNothing) {
  ExpectSame(
      Engine(model_, Shape(Keep::kForBackward), *serial_).Run(documents_),
      Engine(model_, Shape(Keep::kForGradients), *serial_).Run(documents_));
}

TEST_P(PackShapeTest, SeveralPacksLeaveTheGradientsOfOne) {
  const EngineResult expected = Engine(model_, 5).Run(documents_);
  const std::vector<Document>& all = documents_;
  ExpectSame(
      Engine(model_, 3).RunPacks({{all[0], all[1]}, {all[2], all[3], all[4]}}),
      expected);
  ExpectSame(Engine(model_, 1).RunPacks(
                 {{all[0]}, {all[1]}, {all[2]}, {all[3]}, {all[4]}}),
             expected);
}

INSTANTIATE_TEST_SUITE_P(
    Models, PackShapeTest, testing::ValuesIn(ModelCases()),
    [](const testing::TestParamInfo<ModelCase>& model_case) {
      return CaseName(model_case.param);
    });

// Large enough that every product, every kernel on rows and attention are cut.
TEST(PackWorkersTest, WorkersChangeNothing) {
  const ModelCase model_case{{1100, 256, 256, 1, 8}};
  const ModelConfig& config = model_case.config;
  TestRandom random(12);
  const Model model = MakeModel(config, RandomWeights(model_case, random));
  const std::vector<Document> documents = RandomDocuments(config, random);
  const EngineResult expected = Engine(model, documents.size()).Run(documents);
  for (const ExecutorKind kind : ExecutorKinds()) {
    for (const int workers : {2, 3, 8}) {
      SCOPED_TRACE("workers " + std::to_string(workers));
      const std::unique_ptr<Executor> executor = MakeExecutor(kind, workers);
      const PackShape shape = PackShape::For(
          config, documents.size(),
          workers == 2 ? Keep::kForGradients : Keep::kForBackward,
          static_cast<std::size_t>(workers));
      ExpectSame(Engine(model, shape, *executor).Run(documents), expected);
    }
  }
}

TEST(PackBytesTest, LogitsTakeAtMost64MiB) {
  for (const int vocab : {2, 27, 5000, 50257, kMaxDimension}) {
    ModelConfig config;
    config.vocab_size = vocab;
    config.block_size = 1024;
    const PackShape shape = PackShape::For(config, 4, Keep::kForBackward, 2);
    EXPECT_EQ(shape.rows, 4096u);
    EXPECT_GE(shape.logit_rows, 1u);
    EXPECT_LE(shape.logit_rows, shape.rows);
    const std::size_t stride = RowStride(static_cast<std::size_t>(vocab));
    EXPECT_LE(shape.logit_rows * stride * sizeof(float), 64u << 20);
    if (vocab <= 27) {
      EXPECT_EQ(shape.logit_rows, shape.rows);
    }
  }
}

TEST(PackBytesTest, LayersThatShareTakeLess) {
  const ModelConfig config{50, 128, 64, 8, 4, Activation::kRelu2};
  const auto bytes = [&](Keep keep) {
    return Activations::Bytes(config, PackShape::For(config, 2, keep, 1));
  };
  const std::uint64_t layer = 256 * 64 * sizeof(float);  // one [R, C]
  // Of eight layers seven share nine [R, C] and more.
  EXPECT_LT(bytes(Keep::kForBackward) + 7 * 9 * layer,
            bytes(Keep::kForGradients));
  EXPECT_LT(bytes(Keep::kForLosses) + 7 * 14 * layer,
            bytes(Keep::kForBackward));
}

TEST(PackBytesTest, ReportsOverflow) {
  ModelConfig config{27, kMaxDimension,     kMaxDimension, kMaxLayers,
                     1,  Activation::kRelu2};
  const auto bytes = [&](std::size_t documents) {
    return Activations::Bytes(
        config, PackShape::For(config, documents, Keep::kForBackward, 1));
  };
  EXPECT_GT(bytes(1), 1ull << 50);
  EXPECT_EQ(ErrorOf([&] { bytes(1 << 20); }).kind(), ErrorKind::kResources);
}

}  // namespace
}  // namespace microgpt
