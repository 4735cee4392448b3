// The loss on a text, against float64 and against training.
#include "microgpt/evaluator.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"
#include "tests/base/error_of.h"
#include "tests/base/temp_folder.h"
#include "tests/data/documents.h"
#include "tests/data/token_bytes.h"
#include "tests/train/train_util.h"

namespace microgpt {
namespace {

Model RandomModel(const ModelConfig& config, std::uint64_t seed) {
  Model model(config);
  Random random(seed);
  for (const TensorInfo& tensor : model.tensors()) {
    std::vector<float> values(tensor.rows * tensor.cols);
    for (float& value : values) value = static_cast<float>(random.Gauss(0.3));
    model.SetTensor(tensor.name, values);
  }
  return model;
}

ModelConfig ConfigFor(const Corpus& corpus) {
  ModelConfig config;
  config.vocab_size = corpus.tokenizer().vocab_size();
  config.n_layer = 2;
  return config;
}

// With all weights zero every token is equally likely.
TEST(EvaluatorTest, UniformModel) {
  const Corpus corpus = Corpus::FromText("ab\nabcabcabc\nc\n", "text");
  ModelConfig config = ConfigFor(corpus);
  config.block_size = 4;
  const Evaluation result = Evaluate(Model(config), corpus, {});
  EXPECT_EQ(result.documents, 3);
  EXPECT_EQ(result.tokens, 3 + 4 + 2);
  EXPECT_EQ(result.characters, 2 + 4 + 1);
  EXPECT_NEAR(result.loss, std::log(4.0), 1e-6);
  EXPECT_NEAR(result.perplexity(), 4, 1e-5);
  EXPECT_NEAR(result.bits_per_character(), 2.0 * 9 / 7, 1e-5);
}

// Nothing tells ends and characters of token ids apart.
TEST(EvaluatorTest, TokenIdsHaveNoCharacters) {
  const TempFolder folder;
  const Corpus corpus =
      Corpus::FromFile(folder.Write("ids", NanoGptFile({1, 0, 2, 0, 3, 0})),
                       TokenMode(2), Tokenizer::ForIds(4));
  ModelConfig config = ConfigFor(corpus);
  config.block_size = 2;
  const Evaluation result = Evaluate(Model(config), corpus, {});
  EXPECT_EQ(result.documents, 3);
  EXPECT_EQ(result.tokens, 5);
  EXPECT_EQ(result.characters, 0);
  EXPECT_NEAR(result.bits_per_token(), 2, 1e-6);
}

// The end of a stream is no character, the borders of its windows are.
TEST(EvaluatorTest, CharactersOfAStream) {
  const Corpus corpus = Corpus::FromText("abc\nabc", "text", TextMode(3));
  ModelConfig config = ConfigFor(corpus);
  config.block_size = 3;
  const Evaluation result = Evaluate(Model(config), corpus, {});
  EXPECT_EQ(result.documents, 3);
  EXPECT_EQ(result.tokens, 8);
  EXPECT_EQ(result.characters, 7);
}

// Training on the whole corpus in one step reports the loss before its update.
TEST(EvaluatorTest, IsTheLossOfATrainingStep) {
  Corpus corpus = SmallCorpus();
  TrainConfig config;
  config.init_std = 0.5;
  config.shuffle = false;
  config.batch_size = static_cast<int>(corpus.num_documents());
  config.num_steps = 2;
  Trainer trainer(config, SmallCorpus());
  for (int i = 0; i < 2; ++i) {
    const Evaluation result = Evaluate(trainer.model(), corpus, {});
    const StepResult step = trainer.Step();
    EXPECT_EQ(result.tokens, step.tokens);
    EXPECT_EQ(result.loss, step.loss);
  }
}

TEST(EvaluatorTest, SameForThreadsExecutorsAndTargets) {
  const Corpus corpus = SmallCorpus();
  const Model model = RandomModel(ConfigFor(corpus), 5);
  const double loss = Evaluate(model, corpus, {.threads = 1}).loss;
  const std::string best = SimdTarget();
  for (const std::string& target : SimdTargets()) {
    SetSimdTarget(target);
    for (const ExecutorKind kind : ExecutorKinds()) {
      for (const int threads : {1, 2, 3, 8, 64}) {
        EXPECT_EQ(Evaluate(model, corpus, {threads, kind}).loss, loss)
            << target << " " << threads;
      }
    }
  }
  SetSimdTarget(best);
}

TEST(EvaluatorTest, AnotherVocabularyIsRefused) {
  const Corpus corpus = SmallCorpus();
  ModelConfig config = ConfigFor(corpus);
  ++config.vocab_size;
  const Error error = ErrorOf([&] { Evaluate(Model(config), corpus, {}); });
  EXPECT_EQ(error.kind(), ErrorKind::kInput);
}

TEST(EvaluatorTest, ASpoiledModelIsNamedByTheFirstDocument) {
  const Corpus corpus = SmallCorpus();
  Model model = RandomModel(ConfigFor(corpus), 5);
  std::vector<float> values(static_cast<std::size_t>(model.config().vocab_size *
                                                     model.config().n_embd));
  model.GetTensor("wte", values);
  // BOS comes first in every document.
  values[0] = std::nanf("");
  model.SetTensor("wte", values);
  for (const int threads : {1, 3}) {
    const Error error =
        ErrorOf([&] { Evaluate(model, corpus, {.threads = threads}); });
    EXPECT_EQ(error.kind(), ErrorKind::kNumeric);
    EXPECT_TRUE(Mentions(error, "document 1 ")) << error.what();
  }
}

}  // namespace
}  // namespace microgpt
