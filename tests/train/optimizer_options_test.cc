// Accumulation, clipping, decay and schedules: what they do to a step, and that
// it does not depend on the machine.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "optim/schedule.h"
#include "tests/kernels/each_target.h"
#include "tests/train/train_util.h"
#include "train/document_pass.h"
#include "train/executor.h"
#include "train/gradient_buffer.h"
#include "train/thread_plan.h"

namespace microgpt {
namespace {

constexpr double kNeverReached = 1e20;

// Wide enough for several threads in both parts of a step, if the batch has
// four documents or more.
TrainConfig Wide(int batch_size) {
  TrainConfig config;
  config.model.n_embd = 64;
  config.model.block_size = 16;
  config.batch_size = batch_size;
  config.num_steps = 6;
  config.init_std = 0.1;
  config.threads = 2;
  return config;
}

std::vector<float> Weights(const Trainer& trainer) {
  std::vector<float> all;
  for (const TensorInfo& tensor : trainer.model().tensors()) {
    std::vector<float> values(tensor.rows * tensor.cols);
    trainer.model().GetTensor(tensor.name, values);
    all.insert(all.end(), values.begin(), values.end());
  }
  return all;
}

TEST(GradAccumTest, IsALargerBatch) {
  for (const auto& [batch_size, grad_accum] :
       {std::pair(8, 4), std::pair(1, 32), std::pair(16, 2), std::pair(3, 7),
        std::pair(1, 300)}) {
    TrainConfig accumulated = Wide(batch_size);
    accumulated.grad_accum = grad_accum;
    const Outcome expected =
        Train(Wide(batch_size * grad_accum), SmallCorpus(), 4);
    EXPECT_EQ(Train(accumulated, SmallCorpus(), 4), expected)
        << batch_size << " x " << grad_accum;
  }
}

TEST(GradAccumTest, EveryTokenWeighsTheSame) {
  TrainConfig config = Wide(2);
  config.grad_accum = 3;
  config.shuffle = false;
  Trainer trainer(config, Corpus::FromText("a\nabc\nb\nc\ncab\nabcabc\n", "x"));
  EXPECT_EQ(trainer.Step().tokens, 2 + 4 + 2 + 2 + 4 + 7);
}

TEST(GradAccumTest, PlansAndEstimatesAreThoseOfTheLargerBatch) {
  TrainConfig accumulated = Wide(8);
  accumulated.model.vocab_size = 27;
  accumulated.grad_accum = 4;
  TrainConfig batch = accumulated;
  batch.batch_size = 32;
  batch.grad_accum = 1;
  EXPECT_EQ(EstimateTrainingMemory(accumulated, 0).total_bytes(),
            EstimateTrainingMemory(batch, 0).total_bytes());
  EXPECT_EQ(PlanThreads(accumulated, 8).workers, PlanThreads(batch, 8).workers);
}

TEST(GradAccumTest, ActivationsDoNotGrow) {
  TrainConfig config = Wide(128);
  config.model.vocab_size = 27;
  const MemoryEstimate one = EstimateTrainingMemory(config, 0);
  config.grad_accum = 1000;
  const MemoryEstimate many = EstimateTrainingMemory(config, 0);
  // But for the list of documents, and of the losses of shards.
  EXPECT_LT(many.activation_bytes, one.activation_bytes + 128'000 * 16);
}

TEST(GradClipTest, ANormThatIsNeverReachedChangesNoBit) {
  for (const int batch_size : {1, 2, 13}) {
    TrainConfig clipped = Wide(batch_size);
    clipped.grad_clip = kNeverReached;
    EXPECT_EQ(Train(clipped, SmallCorpus(), 6),
              Train(Wide(batch_size), SmallCorpus(), 6))
        << batch_size;
  }
}

TEST(GradClipTest, TheNormIsThatOfTheGradientOfTheLoss) {
  for (const int batch_size : {1, 6}) {
    TrainConfig config = Wide(batch_size);
    config.grad_clip = 0.25;
    Trainer trainer(config, SmallCorpus());
    for (std::size_t step = 0; step < 3; ++step) {
      // All documents as one shard: sums of floats in another order.
      std::vector<std::size_t> documents;
      for (std::size_t i = 0; i < static_cast<std::size_t>(batch_size); ++i) {
        documents.push_back(step * static_cast<std::size_t>(batch_size) + i);
      }
      const Parameters& parameters = trainer.model().parameters();
      const std::unique_ptr<Executor> serial =
          MakeExecutor(ExecutorKind::kDefault, 1);
      DocumentPass pass(trainer.config().model,
                        PackShape::For(trainer.config().model, documents.size(),
                                       Keep::kForBackward, 1),
                        *serial);
      GradientBuffer gradients(parameters.layout());
      const ShardLoss loss =
          pass.Run(parameters, trainer.corpus(), documents, gradients);
      double squares = 0;
      for (std::size_t i = 0; i < gradients.size(); ++i) {
        squares += std::pow(static_cast<double>(gradients.data()[i]), 2);
      }
      const double norm = std::sqrt(squares) / static_cast<double>(loss.tokens);
      const StepResult result = trainer.Step();
      ASSERT_TRUE(result.grad_norm.has_value());
      EXPECT_NEAR(*result.grad_norm, norm, 1e-6 * norm);
      EXPECT_GT(*result.grad_norm, config.grad_clip) << "nothing is clipped";
    }
  }
}

TEST(GradClipTest, TheNormIsKnownOnlyWhereItIsClipped) {
  Trainer trainer(Wide(1), SmallCorpus());
  EXPECT_FALSE(trainer.Step().grad_norm.has_value());
}

// The first Adam step is the same for gradients of any size, as long as eps is
// small beside them.
TEST(GradClipTest, OnlyTheSizeOfGradientsChanges) {
  TrainConfig config = Wide(3);
  config.adam.eps = 1e-30;
  Trainer free(config, SmallCorpus());
  config.grad_clip = 0.01;
  Trainer clipped(config, SmallCorpus());
  free.Step();
  clipped.Step();
  const std::vector<float> expected = Weights(free);
  const std::vector<float> actual = Weights(clipped);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    ASSERT_NEAR(actual[i], expected[i], 1e-6) << i;
  }
}

// Squares of such gradients are infinite in float, those of their factor zero.
TEST(GradClipTest, GradientsBeyondAllMeasureAreClippedToo) {
  TrainConfig config = Wide(3);
  config.grad_clip = 1;
  Trainer trainer(config, SmallCorpus());
  for (const TensorInfo& tensor : trainer.model().tensors()) {
    if (tensor.name != "lm_head") continue;
    std::vector<float> values(tensor.rows * tensor.cols);
    trainer.model().GetTensor(tensor.name, values);
    for (float& value : values) value *= 1e32f;
    trainer.SetTensor(tensor.name, values);
  }
  const std::vector<float> before = Weights(trainer);
  const StepResult result = trainer.Step();
  ASSERT_TRUE(result.grad_norm.has_value());
  EXPECT_GT(*result.grad_norm, 1e25);
  const std::vector<float> after = Weights(trainer);
  double largest = 0;
  // The rows of wte; weights of lm_head are too large to change.
  for (std::size_t i = 0; i < 27 * 48; ++i) {
    largest = std::max(largest, std::abs(static_cast<double>(after[i]) -
                                         static_cast<double>(before[i])));
  }
  EXPECT_NEAR(largest, result.learning_rate, 1e-5);
}

TEST(ScheduleStepTest, ResultsReportTheRate) {
  TrainConfig config = Wide(1);
  config.schedule = {LrSchedule::kCosine, 2, 0.001};
  Trainer trainer(config, SmallCorpus());
  for (std::int64_t step = 0; step < 8; ++step) {
    EXPECT_EQ(trainer.Step().learning_rate, LearningRate(config, step));
  }
}

// Documents without the letter leave its row without gradient, but not without
// decay.
TEST(WeightDecayTest, ReachesWeightsWithoutGradient) {
  TrainConfig config = Wide(1);
  config.schedule.kind = LrSchedule::kConstant;
  config.adam.learning_rate = 0.125;
  config.adam.weight_decay = 0.5;
  config.shuffle = false;
  Trainer trainer(config, Corpus::FromText("ab\nz\n", "x"));
  const auto row =
      static_cast<std::size_t>(trainer.corpus().tokenizer().IdOf(U'z'));
  const auto width = static_cast<std::size_t>(config.model.n_embd);
  const std::vector<float> before = Weights(trainer);
  trainer.Step();
  const std::vector<float> after = Weights(trainer);
  for (std::size_t i = row * width; i < (row + 1) * width; ++i) {
    EXPECT_EQ(after[i], 0.9375f * before[i]);
  }
}

struct Option {
  const char* name;
  void (*set)(TrainConfig&);
};

constexpr Option kOptions[] = {
    {"weight decay", [](TrainConfig& c) { c.adam.weight_decay = 0.3; }},
    {"clipping", [](TrainConfig& c) { c.grad_clip = 0.5; }},
    {"accumulation", [](TrainConfig& c) { c.grad_accum = 2; }},
    {"warm-up", [](TrainConfig& c) { c.schedule.warmup_steps = 2; }},
    {"least rate", [](TrainConfig& c) { c.schedule.min_lr = 0.005; }},
    {"cosine", [](TrainConfig& c) { c.schedule.kind = LrSchedule::kCosine; }},
    {"constant",
     [](TrainConfig& c) { c.schedule.kind = LrSchedule::kConstant; }},
};

void SetAll(TrainConfig& config) {
  for (const Option& option : kOptions) option.set(config);
  config.schedule.kind = LrSchedule::kCosine;
}

// On all numbers of threads, executors and SIMD targets.
void ExpectOneOutcome(TrainConfig config) {
  config.threads = 1;
  const Outcome expected = Train(config, SmallCorpus(), 3);
  ForEachTarget([&] {
    for (const ExecutorKind kind : ExecutorKinds()) {
      for (const int threads : {1, 2, 3, 8}) {
        config.executor = kind;
        config.threads = threads;
        EXPECT_EQ(Train(config, SmallCorpus(), 3), expected) << threads;
      }
    }
  });
}

TEST(OptionMatrixTest, RunsUseSeveralThreads) {
  TrainConfig config = Wide(4);
  config.model.vocab_size = 27;
  const ThreadPlan plan = PlanThreads(config, 4);
  EXPECT_TRUE(plan.parallel_shards);
  EXPECT_TRUE(plan.parallel_update);
}

TEST(OptionMatrixTest, EveryOptionHasOneOutcome) {
  for (const Option& option : kOptions) {
    SCOPED_TRACE(option.name);
    TrainConfig config = Wide(4);
    option.set(config);
    ExpectOneOutcome(config);
  }
}

TEST(OptionMatrixTest, AllOptionsTogetherHaveOneOutcome) {
  for (const int batch_size : {1, 4}) {
    TrainConfig config = Wide(batch_size);
    SetAll(config);
    ExpectOneOutcome(config);
  }
}

TEST(OptionMatrixTest, OneDocumentIsClippedAlike) {
  TrainConfig config = Wide(1);
  config.grad_clip = 0.5;
  ExpectOneOutcome(config);
}

TEST(OptionMatrixTest, EveryOptionChangesTheDigest) {
  std::vector<std::string> digests = {Train(Wide(4), SmallCorpus(), 3).digest};
  for (const Option& option : kOptions) {
    TrainConfig config = Wide(4);
    option.set(config);
    digests.push_back(Train(config, SmallCorpus(), 3).digest);
  }
  std::sort(digests.begin(), digests.end());
  EXPECT_EQ(std::unique(digests.begin(), digests.end()), digests.end());
}

}  // namespace
}  // namespace microgpt
