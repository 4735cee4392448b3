// Losses and gradients that are not finite end a step without a trace.
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "tests/base/error_of.h"
#include "tests/train/train_util.h"

namespace microgpt {
namespace {

constexpr int kDocuments = 20;

// Twenty documents; only document `bad` (from 0) has a 'z'.
Corpus WithOneZ(int bad) {
  std::string text;
  for (int i = 0; i < kDocuments; ++i) text += i == bad ? "abz\n" : "abc\n";
  return Corpus::FromText(std::move(text), "text");
}

// A batch of twenty documents 512 wide is enough work for several threads.
TrainConfig Config(int batch_size, int width, int threads) {
  TrainConfig config;
  config.model.n_layer = 0;
  config.model.n_embd = width;
  config.batch_size = batch_size;
  config.shuffle = false;
  config.threads = threads;
  return config;
}

void Fill(Trainer& trainer, const std::string& name, float value) {
  for (const TensorInfo& tensor : trainer.model().tensors()) {
    if (tensor.name != name) continue;
    trainer.SetTensor(name,
                      std::vector<float>(tensor.rows * tensor.cols, value));
  }
}

// Overwrites one row.
void FillRow(Trainer& trainer, const std::string& name, std::size_t row,
             float value) {
  for (const TensorInfo& tensor : trainer.model().tensors()) {
    if (tensor.name != name) continue;
    std::vector<float> values(tensor.rows * tensor.cols);
    trainer.model().GetTensor(name, values);
    for (std::size_t c = 0; c < tensor.cols; ++c) {
      values[row * tensor.cols + c] = value;
    }
    trainer.SetTensor(name, values);
  }
}

std::size_t RowOf(const Trainer& trainer, char32_t c) {
  return static_cast<std::size_t>(trainer.corpus().tokenizer().IdOf(c));
}

// The step throws, again and again, and changes nothing.
void ExpectRefusedStep(Trainer& trainer, const std::vector<std::string>& says) {
  const std::string digest = trainer.Digest();
  const std::int64_t steps = trainer.steps_done();
  for (int repeat = 0; repeat < 3; ++repeat) {
    const Error error = ErrorOf([&] { trainer.Step(); });
    EXPECT_EQ(error.kind(), ErrorKind::kNumeric);
    EXPECT_TRUE(Mentions(error, "step " + std::to_string(steps + 1)))
        << error.what();
    for (const std::string& text : says) {
      EXPECT_TRUE(Mentions(error, text)) << error.what() << "\n" << text;
    }
    EXPECT_EQ(trainer.Digest(), digest);
    EXPECT_EQ(trainer.steps_done(), steps);
  }
}

TEST(NumericErrorTest, LogitsThatOverflow) {
  Trainer trainer(Config(1, 16, 1), SmallCorpus());
  std::vector<float> weights(27 * 16);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    weights[i] = i % 3 == 0 ? 3e38f : -3e38f;
  }
  trainer.SetTensor("lm_head", weights);
  ExpectRefusedStep(trainer, {"the loss is not finite", "document 1 "});
}

TEST(NumericErrorTest, HugeButFiniteLossesAreTrainedOn) {
  Trainer trainer(Config(1, 16, 1), SmallCorpus());
  Fill(trainer, "lm_head", 1e10f);
  EXPECT_NO_THROW(trainer.Step());
}

TEST(NumericErrorTest, EveryDocumentWithABadLossIsNamed) {
  for (const int threads : {1, 4}) {
    for (int bad = 0; bad < kDocuments; ++bad) {
      SCOPED_TRACE(bad);
      Trainer trainer(Config(kDocuments, 512, threads), WithOneZ(bad));
      FillRow(trainer, "wte", RowOf(trainer, U'z'),
              std::numeric_limits<float>::quiet_NaN());
      ExpectRefusedStep(trainer,
                        {"the loss is not finite",
                         "document " + std::to_string(bad + 1) + " 'abz'"});
    }
  }
}

TEST(NumericErrorTest, TheFirstOfSeveralBadDocumentsIsNamed) {
  for (const int threads : {1, 4}) {
    Trainer trainer(Config(kDocuments, 512, threads), WithOneZ(2));
    FillRow(trainer, "wte", RowOf(trainer, U'c'),
            std::numeric_limits<float>::quiet_NaN());
    // 'c' is in all documents but the third.
    ExpectRefusedStep(trainer, {"document 1 'abc'"});
  }
}

// All logits are zero, and so every loss is log V; but the normalisation of a
// zero vector multiplies its gradient by 316, which overflows. The signs cancel
// in every partial sum of a reduction.
void MakeGradientOfZOverflow(Trainer& trainer) {
  Fill(trainer, "wpe", 0);
  Fill(trainer, "wte", 1);
  FillRow(trainer, "wte", RowOf(trainer, U'z'), 0);
  const auto width = static_cast<std::size_t>(trainer.config().model.n_embd);
  const auto rows = static_cast<std::size_t>(trainer.config().model.vocab_size);
  std::vector<float> weights(rows * width, 0.0f);
  for (std::size_t c = 0; c < width; ++c) {
    weights[width + c] = c / 16 % 2 == 0 ? 1e37f : -1e37f;
  }
  trainer.SetTensor("lm_head", weights);
}

TEST(NumericErrorTest, EveryDocumentWithABadGradientIsNamed) {
  for (const int threads : {1, 4}) {
    for (int bad = 0; bad < kDocuments; bad += 3) {
      SCOPED_TRACE(bad);
      Trainer trainer(Config(kDocuments, 512, threads), WithOneZ(bad));
      MakeGradientOfZOverflow(trainer);
      ExpectRefusedStep(trainer,
                        {"the gradient is not finite",
                         "document " + std::to_string(bad + 1) + " 'abz'"});
    }
  }
}

TEST(NumericErrorTest, DocumentsBeforeTheBadOneAreTrainedOn) {
  Trainer trainer(Config(1, 16, 1), WithOneZ(2));
  FillRow(trainer, "wte", RowOf(trainer, U'z'),
          std::numeric_limits<float>::quiet_NaN());
  Trainer good(Config(1, 16, 1), WithOneZ(2));
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(trainer.Step().loss, good.Step().loss);
  }
  ExpectRefusedStep(trainer, {"step 3, document 3 'abz'"});
}

TEST(NumericErrorTest, ALaterBadGradientKeepsTheMoments) {
  TrainConfig config = Config(1, 32, 1);
  config.adam.learning_rate = 0;  // leaves the prepared weights as they are
  Trainer trainer(config, WithOneZ(2));
  MakeGradientOfZOverflow(trainer);
  trainer.Step();
  trainer.Step();
  ExpectRefusedStep(trainer, {"step 3, document 3 'abz'", "the gradient is"});
}

TEST(NumericErrorTest, LongAndOddDocumentsAreQuotedSafely) {
  std::string text = "\x1B[31m" + std::string(200, 'z') + "\n";
  Trainer trainer(Config(1, 16, 1), Corpus::FromText(text, "text"));
  FillRow(trainer, "wte", RowOf(trainer, U'z'),
          std::numeric_limits<float>::quiet_NaN());
  const Error error = ErrorOf([&] { trainer.Step(); });
  const std::string message = error.what();
  EXPECT_EQ(message.find('\x1B'), std::string::npos);
  EXPECT_LT(message.size(), 250u);
}

}  // namespace
}  // namespace microgpt
