// Which documents a step takes, what it reports, and what it leaves behind.
#include "microgpt/trainer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "base/random.h"
#include "tests/base/error_of.h"
#include "tests/train/train_util.h"

namespace microgpt {
namespace {

TrainConfig InFileOrder(int batch_size) {
  TrainConfig config;
  config.shuffle = false;
  config.batch_size = batch_size;
  config.threads = 1;
  return config;
}

Corpus Text(const std::string& text) { return Corpus::FromText(text, "text"); }

std::vector<std::int64_t> TokensPerStep(const TrainConfig& config,
                                        const std::string& text, int steps) {
  Trainer trainer(config, Text(text));
  std::vector<std::int64_t> tokens;
  for (int i = 0; i < steps; ++i) tokens.push_back(trainer.Step().tokens);
  return tokens;
}

TEST(TrainerTest, DocumentsComeInOrderAndStartAgain) {
  // Documents of 1, 2, 3 and 4 characters predict one token more each.
  const std::string text = "a\nab\nabc\nabcd\n";
  using Tokens = std::vector<std::int64_t>;
  EXPECT_EQ(TokensPerStep(InFileOrder(1), text, 6), (Tokens{2, 3, 4, 5, 2, 3}));
  EXPECT_EQ(TokensPerStep(InFileOrder(3), text, 4), (Tokens{9, 10, 11, 12}));
  EXPECT_EQ(TokensPerStep(InFileOrder(4), text, 2), (Tokens{14, 14}));
  // Batches larger than the corpus.
  EXPECT_EQ(TokensPerStep(InFileOrder(7), text, 3), (Tokens{23, 24, 25}));
  EXPECT_EQ(TokensPerStep(InFileOrder(9), text, 2), (Tokens{30, 31}));
}

TEST(TrainerTest, OnlyTheFirstPredictionsOfALongDocumentCount) {
  TrainConfig config = InFileOrder(1);
  config.model.block_size = 3;
  EXPECT_EQ(TokensPerStep(config, "a\nab\nabc\nabcd\n", 4),
            (std::vector<std::int64_t>{2, 3, 3, 3}));
}

TEST(TrainerTest, WrappingAroundEqualsARepeatedCorpus) {
  const std::string text = "abc\nde\nf\nabcdefgh\ncafe\n";
  for (const int batch : {2, 3, 7, 12}) {
    std::string repeated;
    for (int i = 0; i < batch; ++i) repeated += text;
    const TrainConfig config = InFileOrder(batch);
    EXPECT_EQ(Train(config, Text(text), 5), Train(config, Text(repeated), 5))
        << batch;
  }
}

TEST(TrainerTest, ShufflingTakesTheDocumentsOfTheShuffledCorpus) {
  TrainConfig config;
  config.threads = 1;
  Corpus shuffled = SmallCorpus();
  Random random(config.seed);
  shuffled.Shuffle(random);
  const Trainer trainer(config, SmallCorpus());
  for (std::size_t i = 0; i < shuffled.num_documents(); ++i) {
    ASSERT_EQ(trainer.corpus().Document(i), shuffled.Document(i));
  }
}

TEST(TrainerTest, WeightsFollowTheOrderInTheSameStream) {
  TrainConfig config;
  config.threads = 1;
  const Trainer trainer(config, SmallCorpus());
  Corpus shuffled = SmallCorpus();
  Random random(config.seed);
  shuffled.Shuffle(random);
  for (const TensorInfo& tensor : trainer.model().tensors()) {
    std::vector<float> values(tensor.rows * tensor.cols);
    trainer.model().GetTensor(tensor.name, values);
    const bool zero =
        tensor.name.ends_with("attn_wo") || tensor.name.ends_with("mlp_fc2");
    for (const float value : values) {
      const auto drawn = static_cast<float>(random.Gauss(config.init_std));
      ASSERT_EQ(value, zero ? 0.0f : drawn) << tensor.name;
    }
  }
}

TEST(TrainerTest, LearningRateFallsToZeroAndStaysThere) {
  TrainConfig config = InFileOrder(1);
  config.num_steps = 4;
  Trainer trainer(config, SmallCorpus());
  for (int step = 1; step <= 7; ++step) {
    const StepResult result = trainer.Step();
    EXPECT_EQ(result.step, step);
    EXPECT_EQ(trainer.steps_done(), step);
    const double left = std::max(0.0, 1 - (step - 1) / 4.0);
    EXPECT_DOUBLE_EQ(result.learning_rate, 0.01 * left);
  }
}

std::vector<float> Weights(const Model& model) {
  std::vector<float> all;
  for (const TensorInfo& tensor : model.tensors()) {
    std::vector<float> values(tensor.rows * tensor.cols);
    model.GetTensor(tensor.name, values);
    all.insert(all.end(), values.begin(), values.end());
  }
  return all;
}

TEST(TrainerTest, StepsBeyondTheScheduleMoveOnlyTheMoments) {
  for (const std::int64_t scheduled : {0, 3}) {
    TrainConfig config = InFileOrder(2);
    config.num_steps = scheduled;
    Trainer trainer(config, SmallCorpus());
    for (std::int64_t i = 0; i < scheduled; ++i) trainer.Step();
    const std::vector<float> before = Weights(trainer.model());
    const std::string digest = trainer.Digest();
    trainer.Step();
    EXPECT_EQ(Weights(trainer.model()), before);
    EXPECT_NE(trainer.Digest(), digest);
  }
}

TEST(TrainerTest, CorporaOfOneDocument) {
  for (const char* const text : {"a", "abcabcabc", "日本"}) {
    for (const int batch : {1, 5, 40}) {
      TrainConfig config = InFileOrder(batch);
      config.num_steps = 100;
      Trainer trainer(config, Text(text));
      const double first = trainer.Step().loss;
      double last = first;
      for (int i = 1; i < 60; ++i) last = trainer.Step().loss;
      EXPECT_TRUE(std::isfinite(last));
      EXPECT_LT(last, first / 2) << text << " " << batch;
    }
  }
}

TEST(TrainerTest, TheFirstLossIsThatOfGuessing) {
  for (const int layers : {0, 1, 3}) {
    TrainConfig config = InFileOrder(8);
    config.model.n_layer = layers;
    config.init_std = 1e-6;
    Trainer trainer(config, SmallCorpus());
    EXPECT_NEAR(trainer.Step().loss, std::log(27.0), 1e-4);
  }
}

TEST(TrainerTest, ConfigIsCompleted) {
  TrainConfig config;
  const Trainer trainer(config, SmallCorpus());
  EXPECT_EQ(trainer.config().model.vocab_size, 27);
  EXPECT_EQ(trainer.config().threads, DefaultThreads());
  EXPECT_EQ(trainer.steps_done(), 0);
}

TEST(TrainerTest, InvalidConfigsAreRefused) {
  TrainConfig config;
  config.batch_size = 0;
  EXPECT_EQ(ErrorOf([&] { Trainer(config, SmallCorpus()); }).kind(),
            ErrorKind::kUsage);
}

TEST(TrainerTest, ModelsOfTerabytesAreRefused) {
  TrainConfig config;
  config.model = {0, 1024, 1 << 20, 50, 1, Activation::kRelu2};
  EXPECT_EQ(ErrorOf([&] { Trainer(config, SmallCorpus()); }).kind(),
            ErrorKind::kResources);
}

TEST(TrainerTest, SetTensorReplacesWeights) {
  Trainer trainer(InFileOrder(1), SmallCorpus());
  const std::string before = trainer.Digest();
  std::vector<float> values(27 * 16, 0.25f);
  trainer.SetTensor("lm_head", values);
  EXPECT_NE(trainer.Digest(), before);
  std::vector<float> read(values.size());
  trainer.model().GetTensor("lm_head", read);
  EXPECT_EQ(read, values);
  // Equal rows: every token is as likely as every other.
  EXPECT_NEAR(trainer.Step().loss, std::log(27.0), 1e-5);
}

}  // namespace
}  // namespace microgpt
