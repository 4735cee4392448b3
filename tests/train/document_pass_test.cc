// A shard that does not fit into one pack.
#include "train/document_pass.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cfenv>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>
#include <vector>

#include "base/random.h"
#include "tests/kernels/compare.h"
#include "tests/kernels/each_target.h"
#include "tests/train/train_util.h"
#include "train/executor.h"
#include "train/gradient_shards.h"

namespace microgpt {
namespace {

class DocumentPassTest : public testing::Test {
 protected:
  DocumentPassTest() : documents_(11) {
    std::iota(documents_.begin(), documents_.end(), 3u);
    Random random(4);
    model_.Initialize(random, 0.3);
  }

  // What a pass of packs of `max_documents` leaves.
  struct Result {
    ShardLoss loss;
    std::vector<float> gradients;
  };
  Result Run(std::size_t max_documents) {
    DocumentPass pass(
        config_, PackShape::For(config_, max_documents, Keep::kForBackward, 1),
        *executor_);
    GradientBuffer gradients(model_.parameters().layout());
    Result result;
    result.loss = pass.Run(model_.parameters(), corpus_, documents_, gradients);
    const float* data = gradients.data();
    result.gradients.assign(data, data + gradients.size());
    return result;
  }

  Corpus corpus_ = LongAndShortDocuments(40);
  ModelConfig config_{27, 32, 24, 2, 3, Activation::kRelu2};
  Model model_{config_};
  std::unique_ptr<Executor> executor_ = MakeExecutor(ExecutorKind::kDefault, 1);
  std::vector<std::size_t> documents_;
};

TEST_F(DocumentPassTest, PacksOfAnySizeLeaveTheSame) {
  const Result expected = Run(documents_.size());
  EXPECT_EQ(expected.loss.bad_document, -1);
  for (const std::size_t max_documents : {1u, 2u, 5u, 10u, 100u}) {
    const Result result = Run(max_documents);
    EXPECT_EQ(result.loss.sum, expected.loss.sum);
    EXPECT_EQ(result.loss.tokens, expected.loss.tokens);
    EXPECT_EQ(result.loss.ends, expected.loss.ends);
    EXPECT_TRUE(SameBits(result.gradients, expected.gradients));
  }
}

TEST_F(DocumentPassTest, LossesAloneAreTheSame) {
  const Result expected = Run(documents_.size());
  for (const std::size_t max_documents : {1u, 3u, 11u}) {
    DocumentPass pass(
        config_, PackShape::For(config_, max_documents, Keep::kForLosses, 1),
        *executor_);
    const ShardLoss loss =
        pass.RunForward(model_.parameters(), corpus_, documents_);
    EXPECT_EQ(loss.sum, expected.loss.sum);
    EXPECT_EQ(loss.tokens, expected.loss.tokens);
    EXPECT_EQ(loss.ends, expected.loss.ends);
  }
}

// Counted over all packs. Only position 31 is spoiled, which few documents
// have.
TEST_F(DocumentPassTest, TheFirstBadDocumentIsNamed) {
  std::vector<float> wpe(32 * 24, 0.1f);
  wpe.back() = std::numeric_limits<float>::quiet_NaN();
  model_.SetTensor("wpe", wpe);
  std::vector<std::int32_t> tokens(33);
  std::int64_t bad = 0;
  while (corpus_.EncodeDocument(documents_[static_cast<std::size_t>(bad)],
                                tokens) < 33) {
    ++bad;
  }
  ASSERT_GT(bad, 1);
  for (const std::size_t max_documents : {1u, 2u, 3u, 11u}) {
    EXPECT_EQ(Run(max_documents).loss.bad_document, bad);
  }
}

// Trained models attend to one position and not at all to others. What would
// come of such probabilities must not be subnormal numbers, which take some
// processors 100 times as long.
TEST_F(DocumentPassTest, SharpAttentionUnderflowsNowhere) {
  TestRandom random(1);
  for (const TensorInfo& tensor : model_.tensors()) {
    const bool sharp =
        tensor.name.ends_with("_wq") || tensor.name.ends_with("_wk");
    model_.SetTensor(tensor.name, random.Floats(tensor.rows * tensor.cols,
                                                sharp ? 4.0f : 0.1f));
  }
  ForEachTarget([&] {
    std::feclearexcept(FE_ALL_EXCEPT);
    const Result result = Run(documents_.size());
    EXPECT_FALSE(std::fetestexcept(FE_UNDERFLOW));
    const auto subnormal = [](float x) {
      return std::fpclassify(x) == FP_SUBNORMAL;
    };
    EXPECT_TRUE(std::none_of(result.gradients.begin(), result.gradients.end(),
                             subnormal));
  });
}

TEST_F(DocumentPassTest, LargePacksAreLimitedInRows) {
  ModelConfig config = config_;
  for (const int block : {1, 16, 256, 1024, 4096}) {
    config.block_size = block;
    const PackShape pack =
        DocumentPass::ShapeFor(config, 1000, Keep::kForBackward, 1);
    EXPECT_LE(pack.rows,
              std::max<std::size_t>(1024, static_cast<std::size_t>(block)));
    EXPECT_GE(pack.documents, 1u);
    EXPECT_EQ(
        DocumentPass::ShapeFor(config, 1, Keep::kForBackward, 1).documents, 1u);
  }
}

}  // namespace
}  // namespace microgpt
