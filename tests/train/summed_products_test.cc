// Batches of a few short shards sum the gradients of weight matrices while they
// compute them. Steps written by hand, which store the gradients of every
// shard, must leave the same state.
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "kernels/gradient.h"
#include "optim/adam.h"
#include "optim/schedule.h"
#include "tests/base/error_of.h"
#include "tests/train/train_util.h"
#include "train/digest.h"
#include "train/document_pass.h"
#include "train/executor.h"
#include "train/gradient_shards.h"
#include "train/thread_plan.h"

namespace microgpt {
namespace {

Corpus Documents() { return LongAndShortDocuments(20); }

TrainConfig Config(int n_embd, int n_layer, int block_size, int batch_size,
                   int threads = 1) {
  TrainConfig config;
  config.model.n_embd = n_embd;
  config.model.n_layer = n_layer;
  config.model.block_size = block_size;
  config.model.vocab_size = Documents().tokenizer().vocab_size();
  config.batch_size = batch_size;
  config.num_steps = 20;
  config.init_std = 0.1;
  config.threads = threads;
  return config;
}

ShardPlan Shards(const TrainConfig& config) {
  return ShardPlan(static_cast<std::size_t>(config.batch_size),
                   static_cast<std::size_t>(config.model.block_size),
                   ParameterLayout(config.model).size());
}

bool SumsProducts(const TrainConfig& config) {
  const ShardPlan shards = Shards(config);
  return MaySumProducts(config, shards, PlanThreads(config, shards.count()));
}

class StoringSteps {
 public:
  explicit StoringSteps(const Trainer& trainer)
      : config_(trainer.config()),
        corpus_(trainer.corpus()),
        shards_(Shards(config_)),
        parameters_(config_.model),
        adam_(config_.adam, parameters_.layout().size()),
        pass_(config_.model,
              DocumentPass::ShapeFor(config_.model, shards_.max_documents(),
                                     Keep::kForBackward, 1),
              *executor_) {
    for (std::size_t i = 0; i < shards_.count(); ++i) {
      gradients_.push_back(
          std::make_unique<GradientBuffer>(parameters_.layout()));
    }
    for (const TensorInfo& tensor : trainer.model().tensors()) {
      std::vector<float> values(tensor.rows * tensor.cols);
      trainer.model().GetTensor(tensor.name, values);
      const TensorSpec& spec = parameters_.Find(tensor.name);
      spec.CopyIn(values, parameters_.data());
      parameters_.RefreshTranspose(spec, 0, spec.rows);
    }
  }

  double Step() {
    ShardLoss total;
    std::vector<float*> terms;
    for (std::size_t shard = 0; shard < shards_.count(); ++shard) {
      std::vector<std::size_t> documents;
      for (std::size_t i = shards_.Begin(shard); i < shards_.Begin(shard + 1);
           ++i) {
        documents.push_back(next_++ % corpus_.num_documents());
      }
      const ShardLoss loss =
          pass_.Run(parameters_, corpus_, documents, *gradients_[shard]);
      total.sum += loss.sum;
      total.tokens += loss.tokens;
      terms.push_back(gradients_[shard]->data());
    }
    EXPECT_TRUE(SumPairwise(terms, parameters_.layout().size()));
    const auto tokens = static_cast<double>(total.tokens);
    const AdamScalars scalars =
        adam_.Scalars(steps_, LearningRate(config_, steps_), 1 / tokens);
    adam_.Update(scalars, parameters_.data(), terms[0], 0,
                 parameters_.layout().size());
    for (const TensorSpec& tensor : parameters_.layout().tensors()) {
      parameters_.RefreshTranspose(tensor, 0, tensor.rows);
    }
    ++steps_;
    return total.sum / tokens;
  }

  std::string Digest() const { return StateDigest(parameters_, adam_); }

 private:
  TrainConfig config_;
  const Corpus& corpus_;
  ShardPlan shards_;
  Parameters parameters_;
  Adam adam_;
  std::unique_ptr<Executor> executor_ = MakeExecutor(ExecutorKind::kDefault, 1);
  DocumentPass pass_;
  std::vector<std::unique_ptr<GradientBuffer>> gradients_;
  std::size_t next_ = 0;
  std::int64_t steps_ = 0;
};

TEST(SummedProductsTest, AreForFewRowsOfWideModels) {
  EXPECT_TRUE(SumsProducts(Config(64, 1, 8, 2)));
  EXPECT_TRUE(SumsProducts(Config(64, 1, 8, 16)));
  EXPECT_TRUE(SumsProducts(Config(128, 4, 16, 16)));
  EXPECT_FALSE(SumsProducts(Config(64, 1, 8, 1))) << "one shard";
  EXPECT_FALSE(SumsProducts(Config(64, 1, 8, 17))) << "too many rows";
  EXPECT_FALSE(SumsProducts(Config(128, 1, 8, 1000))) << "too many shards";
  EXPECT_FALSE(SumsProducts(Config(32, 1, 8, 2))) << "a narrow model";
}

TEST(SummedProductsTest, LeaveTheStateOfStoredGradients) {
  for (const int n_embd : {64, 68, 128}) {
    for (int n_layer = 0; n_layer <= 2; ++n_layer) {
      for (const int batch_size : {2, 3, 7, 8, 11}) {
        TrainConfig config = Config(n_embd, n_layer, 8, batch_size);
        ASSERT_TRUE(SumsProducts(config));
        for (const int threads : {1, 3}) {
          SCOPED_TRACE(testing::Message()
                       << "width " << n_embd << ", layers " << n_layer
                       << ", batch " << batch_size << ", threads " << threads);
          config.threads = threads;
          Trainer trainer(config, Documents());
          StoringSteps expected(trainer);
          ASSERT_EQ(trainer.Digest(), expected.Digest());
          for (int i = 0; i < 3; ++i) {
            EXPECT_EQ(trainer.Step().loss, expected.Step());
            ASSERT_EQ(trainer.Digest(), expected.Digest()) << "step " << i;
          }
        }
      }
    }
  }
}

TEST(SummedProductsTest, AreTheSameOnAnyExecutorAndNumberOfThreads) {
  for (const double grad_clip : {0.0, 0.5}) {
    TrainConfig config = Config(64, 2, 8, 8);
    config.grad_clip = grad_clip;
    ASSERT_TRUE(SumsProducts(config));
    const Outcome expected = Train(config, Documents(), 6);
    for (const ExecutorKind kind : ExecutorKinds()) {
      for (const int threads : {1, 2, 5, 16}) {
        config.executor = kind;
        config.threads = threads;
        EXPECT_EQ(Train(config, Documents(), 6), expected)
            << threads << " threads, clip " << grad_clip;
      }
    }
  }
}

void Scale(Trainer& trainer, const std::string& name, std::size_t count,
           float factor) {
  std::vector<float> values(count);
  trainer.model().GetTensor(name, values);
  for (float& value : values) value *= factor;
  trainer.SetTensor(name, values);
}

// What is wrong with a step whose first weights of the feed-forward part are
// 2^exponent times too large. mlp_fc2 is zero at first, so that activations of
// any finite size change no loss, but its gradient has them as factors.
std::string WhatOverflows(int exponent, int threads) {
  Trainer trainer(Config(64, 1, 8, 6, threads), Documents());
  const auto vocab_size =
      static_cast<std::size_t>(trainer.config().model.vocab_size);
  Scale(trainer, "layer0.mlp_fc1", std::size_t{4} * 64 * 64,
        std::ldexp(1.0f, exponent));
  Scale(trainer, "lm_head", vocab_size * 64, 100);
  const std::string digest = trainer.Digest();
  std::string what;
  for (int repeat = 0; repeat < 2; ++repeat) {
    try {
      trainer.Step();
      return "";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kNumeric);
      EXPECT_TRUE(Mentions(error, "step 1, document ")) << error.what();
      what = error.what();
    }
    EXPECT_EQ(trainer.Digest(), digest);
    EXPECT_EQ(trainer.steps_done(), 0);
  }
  return what;
}

TEST(SummedProductsTest, AnOverflowIsAnErrorWithoutTrace) {
  int exponent = 66;
  while (WhatOverflows(exponent, 1).find("the loss") != std::string::npos) {
    --exponent;
  }
  for (const int threads : {1, 3}) {
    EXPECT_NE(WhatOverflows(exponent, threads).find("the gradient is not"),
              std::string::npos);
  }
}

}  // namespace
}  // namespace microgpt
