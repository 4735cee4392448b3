// Gradients of large embeddings touch only the rows in use. Steps written by
// hand, which add whole arenas that begin at zero, must leave the same state.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "kernels/gradient.h"
#include "optim/adam.h"
#include "optim/schedule.h"
#include "tests/kernels/compare.h"
#include "tests/kernels/each_target.h"
#include "tests/train/train_util.h"
#include "train/digest.h"
#include "train/document_pass.h"
#include "train/executor.h"
#include "train/gradient_shards.h"

namespace microgpt {
namespace {

// 5,000 tokens; each document uses a few of them.
Corpus ManyTokens() {
  std::string text;
  for (int i = 0; i < 5000; ++i) {
    const int code = 0x4E00 + i;  // of CJK, three bytes each in UTF-8
    text += static_cast<char>(0xE0 | code >> 12);
    text += static_cast<char>(0x80 | (code >> 6 & 0x3F));
    text += static_cast<char>(0x80 | (code & 0x3F));
    if (i % 7 == 6) text += '\n';
  }
  return Corpus::FromText(std::move(text), "many tokens");
}

// A vocabulary, or a block, large enough to be treated with care.
TrainConfig LargeVocabulary(int batch_size) {
  TrainConfig config;
  config.model.block_size = 6;
  config.batch_size = batch_size;
  config.init_std = 0.1;
  config.threads = 3;
  return config;
}
TrainConfig LongBlock(int batch_size) {
  TrainConfig config;
  config.model.block_size = 4200;
  config.model.n_layer = 0;
  config.batch_size = batch_size;
  config.init_std = 0.1;
  config.threads = 2;
  return config;
}

// The step of a trainer, with new buffers for every shard and scalar sums.
class WholeArenaSteps {
 public:
  explicit WholeArenaSteps(const Trainer& trainer)
      : config_(trainer.config()),
        corpus_(trainer.corpus()),
        model_(config_.model),
        adam_(config_.adam, layout().size()),
        shards_(static_cast<std::size_t>(config_.batch_size),
                static_cast<std::size_t>(config_.model.block_size),
                layout().size()),
        pass_(config_.model,
              PackShape::For(config_.model, shards_.max_documents(),
                             Keep::kForBackward, 1),
              *serial_) {
    for (const TensorInfo& tensor : trainer.model().tensors()) {
      std::vector<float> values(tensor.rows * tensor.cols);
      trainer.model().GetTensor(tensor.name, values);
      model_.SetTensor(tensor.name, values);
    }
  }

  void Step() {
    std::vector<std::vector<float>> sums;
    std::int64_t tokens = 0;
    for (std::size_t shard = 0; shard < shards_.count(); ++shard) {
      std::vector<std::size_t> documents;
      for (std::size_t i = shards_.Begin(shard); i < shards_.Begin(shard + 1);
           ++i) {
        documents.push_back((cursor_ + i) % corpus_.num_documents());
      }
      GradientBuffer gradients(layout());
      tokens +=
          pass_.Run(model_.parameters(), corpus_, documents, gradients).tokens;
      sums.emplace_back(gradients.data(), gradients.data() + gradients.size());
    }
    cursor_ += static_cast<std::size_t>(config_.batch_size);
    Update(PairwiseSum(std::move(sums)), tokens);
  }

  std::string Digest() const { return StateDigest(model_.parameters(), adam_); }

 private:
  const ParameterLayout& layout() { return model_.parameters().layout(); }

  static std::vector<float> PairwiseSum(std::vector<std::vector<float>> level) {
    for (std::size_t step = 1; step < level.size(); step *= 2) {
      for (std::size_t i = 0; i + step < level.size(); i += 2 * step) {
        for (std::size_t k = 0; k < level[i].size(); ++k) {
          level[i][k] += level[i + step][k];
        }
      }
    }
    return level[0];
  }

  void Update(const std::vector<float>& gradients, std::int64_t tokens) {
    const AdamScalars scalars = adam_.Scalars(
        steps_, LearningRate(config_, steps_), 1 / static_cast<double>(tokens));
    adam_.Update(scalars, model_.parameters().data(), gradients.data(), 0,
                 gradients.size());
    for (const TensorSpec& tensor : layout().tensors()) {
      model_.parameters().RefreshTranspose(tensor, 0, tensor.rows);
    }
    ++steps_;
  }

  TrainConfig config_;
  std::unique_ptr<Executor> serial_ = MakeExecutor(ExecutorKind::kDefault, 1);
  const Corpus& corpus_;
  Model model_;
  Adam adam_;
  ShardPlan shards_;
  DocumentPass pass_;
  std::size_t cursor_ = 0;
  std::int64_t steps_ = 0;
};

void ExpectSameSteps(const TrainConfig& config, const Corpus& corpus,
                     int steps) {
  SCOPED_TRACE("batch " + std::to_string(config.batch_size));
  Trainer trainer(config, corpus);
  WholeArenaSteps expected(trainer);
  ASSERT_EQ(trainer.Digest(), expected.Digest());
  for (int i = 0; i < steps; ++i) {
    trainer.Step();
    expected.Step();
    ASSERT_EQ(trainer.Digest(), expected.Digest()) << "step " << i;
  }
}

// One shard, one root, several roots, several levels below the roots.
TEST(EmbeddingRowsTest, LargeVocabulariesLeaveTheStateOfWholeArenas) {
  for (const int batch_size : {1, 2, 5, 60, 400}) {
    ExpectSameSteps(LargeVocabulary(batch_size), ManyTokens(), 4);
  }
}

TEST(EmbeddingRowsTest, LongBlocksLeaveTheStateOfWholeArenas) {
  for (const int batch_size : {1, 3, 10}) {
    ExpectSameSteps(LongBlock(batch_size), SmallCorpus(), 4);
  }
}

class GradientBufferTest : public testing::Test {
 protected:
  GradientBufferTest() {
    config_.vocab_size = corpus_.tokenizer().vocab_size();
    config_.block_size = 6;
  }

  // The gradients of some documents, into a buffer that may hold others.
  void Fill(GradientBuffer& buffer, std::vector<std::size_t> documents) {
    DocumentPass pass(
        config_,
        PackShape::For(config_, documents.size(), Keep::kForBackward, 1),
        *serial_);
    pass.Run(model_->parameters(), corpus_, documents, buffer);
  }
  const ParameterLayout& layout() { return model_->parameters().layout(); }
  static std::vector<float> Values(const GradientBuffer& buffer) {
    return {buffer.data(), buffer.data() + buffer.size()};
  }
  std::size_t WteRows(const GradientBuffer& buffer) {
    const TensorSpec& wte = layout().tensors()[0];
    std::size_t floats = 0;
    buffer.ForEachRange(
        wte, 0, wte.rows,
        [&](std::size_t begin, std::size_t end) { floats += end - begin; });
    return floats / wte.stride();
  }

  void SetUp() override {
    model_ = std::make_unique<Model>(config_);
    Random random(3);
    model_->Initialize(random, 0.1);
  }

  Corpus corpus_ = ManyTokens();
  ModelConfig config_;
  std::unique_ptr<Executor> serial_ = MakeExecutor(ExecutorKind::kDefault, 1);
  std::unique_ptr<Model> model_;
};

TEST_F(GradientBufferTest, KnowsTheRowsInUse) {
  GradientBuffer buffer(layout());
  EXPECT_EQ(WteRows(buffer), 0u);
  Fill(buffer, {0});
  EXPECT_EQ(WteRows(buffer), 6u);  // BOS and the first five characters
  Fill(buffer, {0, 1, 2});
  EXPECT_EQ(WteRows(buffer), 16u);
  buffer.ClearEmbeddings();
  EXPECT_EQ(WteRows(buffer), 0u);
}

TEST_F(GradientBufferTest, AUsedBufferIsAsGoodAsANewOne) {
  GradientBuffer used(layout());
  Fill(used, {0, 1, 2, 3});
  Fill(used, {2, 9});
  GradientBuffer fresh(layout());
  Fill(fresh, {2, 9});
  EXPECT_TRUE(SameBits(Values(used), Values(fresh)));
}

TEST_F(GradientBufferTest, SumsHaveTheBitsOfWholeArenasOnEveryTarget) {
  ForEachTarget([&] {
    GradientBuffer sum(layout());
    GradientBuffer term(layout());
    Fill(sum, {0, 1, 2});
    Fill(term, {2, 3});
    std::vector<float> expected = Values(sum);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      expected[i] += term.data()[i];
    }
    sum.Add(term, *serial_);
    EXPECT_TRUE(SameBits(Values(sum), expected));
    EXPECT_EQ(WteRows(sum), 21u);
    // What was added is cleared with the rest.
    Fill(sum, {5});
    GradientBuffer fresh(layout());
    Fill(fresh, {5});
    EXPECT_TRUE(SameBits(Values(sum), Values(fresh)));
  });
}

// Rows that are not in use are not even read: here they are NaN.
TEST_F(GradientBufferTest, OtherRowsAreLeftAlone) {
  const TensorSpec& wte = layout().tensors()[0];
  GradientBuffer sum(layout());
  GradientBuffer term(layout());
  const std::size_t at = (wte.rows - 1) * wte.stride();
  sum.data()[at] = std::numeric_limits<float>::quiet_NaN();
  term.data()[at] = 1.0f;
  Fill(sum, {0});
  Fill(term, {1});
  sum.Add(term, *serial_);
  EXPECT_TRUE(std::isnan(sum.data()[at]));
  std::size_t seen = 0;
  sum.ForEachRange(wte, 0, wte.rows, [&](std::size_t begin, std::size_t end) {
    EXPECT_TRUE(AllFinite(sum.data() + begin, end - begin));
    ++seen;
  });
  EXPECT_GT(seen, 0u);
}

// +0 + -0 is +0: no sum that begins at zero is -0, so that adding the zeros of
// rows that are not in use would change nothing.
TEST_F(GradientBufferTest, NoGradientOfAnEmbeddingIsMinusZero) {
  GradientBuffer buffer(layout());
  Fill(buffer, {0, 1, 2, 3, 4});
  const TensorSpec& lm_head = layout().tensors()[2];
  const std::vector<float> embeddings(buffer.data(),
                                      buffer.data() + lm_head.offset);
  EXPECT_TRUE(std::none_of(embeddings.begin(), embeddings.end(),
                           [](float g) { return g == 0 && std::signbit(g); }));
}

}  // namespace
}  // namespace microgpt
