// The estimate of a training's memory grows with everything that costs memory.
#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <vector>

#include "microgpt/config.h"
#include "tests/base/error_of.h"

namespace microgpt {
namespace {

TrainConfig Base() {
  TrainConfig config;
  config.model = {27, 16, 64, 2, 4, Activation::kRelu2};
  config.batch_size = 16;
  config.threads = 4;
  return config;
}

TEST(MemoryEstimateTest, GrowsWithEverySize) {
  const std::vector<std::function<void(TrainConfig&)>> doublings = {
      [](TrainConfig& c) { c.model.vocab_size *= 2; },
      [](TrainConfig& c) { c.model.block_size *= 2; },
      [](TrainConfig& c) { c.model.n_embd *= 2; },
      [](TrainConfig& c) { c.model.n_layer *= 2; },
  };
  for (std::size_t i = 0; i < doublings.size(); ++i) {
    TrainConfig config = Base();
    std::uint64_t last = EstimateTrainingMemory(config, 1000).total_bytes();
    for (int step = 0; step < 5; ++step) {
      doublings[i](config);
      const std::uint64_t now =
          EstimateTrainingMemory(config, 1000).total_bytes();
      EXPECT_GT(now, last) << "field " << i << " step " << step;
      last = now;
    }
  }
}

TEST(MemoryEstimateTest, NeverShrinksWithBatchOrThreads) {
  std::uint64_t last = 0;
  for (int batch = 1; batch <= 300; ++batch) {
    TrainConfig config = Base();
    config.batch_size = batch;
    const std::uint64_t now = EstimateTrainingMemory(config, 0).total_bytes();
    EXPECT_GE(now, last) << "batch " << batch;
    last = now;
  }
  last = 0;
  for (int threads = 1; threads <= 64; ++threads) {
    TrainConfig config = Base();
    config.threads = threads;
    const std::uint64_t now = EstimateTrainingMemory(config, 0).total_bytes();
    EXPECT_GE(now, last) << "threads " << threads;
    last = now;
  }
}

// Small batches of wide models keep the activations of all shards, but not
// their gradients.
TEST(MemoryEstimateTest, NoSmallBatchTakesMoreThanALargeOne) {
  for (const int n_embd : {64, 128, 256, 512}) {
    for (const int threads : {1, 2, 16}) {
      TrainConfig config = Base();
      config.model.n_embd = n_embd;
      config.threads = threads;
      config.batch_size = 300;
      const std::uint64_t large =
          EstimateTrainingMemory(config, 0).total_bytes();
      for (int batch = 1; batch <= 80; ++batch) {
        config.batch_size = batch;
        EXPECT_LE(EstimateTrainingMemory(config, 0).total_bytes(), large)
            << "width " << n_embd << ", threads " << threads << ", batch "
            << batch;
      }
    }
  }
}

TEST(MemoryEstimateTest, PartsAddUp) {
  const TrainConfig config = Base();
  const MemoryEstimate estimate = EstimateTrainingMemory(config, 12345);
  EXPECT_EQ(estimate.corpus_bytes, 12345u);
  const std::uint64_t weights = ParameterCount(config.model) * sizeof(float);
  EXPECT_GE(estimate.parameter_bytes, weights);
  EXPECT_GE(estimate.moment_bytes, 2 * weights);
  EXPECT_GE(estimate.gradient_bytes, weights);
  EXPECT_GT(estimate.activation_bytes, 0u);
  EXPECT_EQ(estimate.total_bytes(),
            estimate.parameter_bytes + estimate.moment_bytes +
                estimate.gradient_bytes + estimate.activation_bytes + 12345);
}

TEST(MemoryEstimateTest, PaddingCostsLittleForWideModels) {
  TrainConfig config = Base();
  config.model = {50257, 64, 768, 12, 12, Activation::kRelu2};
  const double weights =
      static_cast<double>(ParameterCount(config.model)) * sizeof(float);
  const MemoryEstimate estimate = EstimateTrainingMemory(config, 0);
  EXPECT_LT(static_cast<double>(estimate.parameter_bytes), 2.05 * weights);
  EXPECT_LT(static_cast<double>(estimate.moment_bytes), 2.05 * weights);
}

TEST(MemoryEstimateTest, LogitsOfALargeVocabularyTake64MiB) {
  TrainConfig config = Base();
  config.batch_size = 1;
  config.threads = 1;
  config.model = {50257, 1024, 32, 1, 4, Activation::kRelu2};
  const std::uint64_t large =
      EstimateTrainingMemory(config, 0).activation_bytes;
  config.model.vocab_size = 27;
  const std::uint64_t small =
      EstimateTrainingMemory(config, 0).activation_bytes;
  EXPECT_GT(large, small + (60u << 20));
  EXPECT_LE(large, small + (64u << 20));
}

TEST(MemoryEstimateTest, AModelOfTheSizeOfGpt2FitsInto6GiB) {
  TrainConfig config = Base();
  config.model = {50257, 1024, 768, 12, 12, Activation::kRelu2};
  config.batch_size = 2;
  config.threads = 2;
  EXPECT_LT(EstimateTrainingMemory(config, 0).total_bytes(), 6ull << 30);
}

// Large models: neither gradients nor activations grow with the batch.
TEST(MemoryEstimateTest, BatchesOfLargeModelsTakeNoMoreThanAFewDocuments) {
  TrainConfig config = Base();
  config.model = {50257, 1024, 768, 12, 12, Activation::kRelu2};
  for (const int threads : {1, 2, 8, 64}) {
    config.threads = threads;
    config.batch_size = 8;
    const MemoryEstimate few = EstimateTrainingMemory(config, 0);
    config.batch_size = 512;
    const MemoryEstimate many = EstimateTrainingMemory(config, 0);
    EXPECT_EQ(many.gradient_bytes, few.gradient_bytes);
    // But for the list of documents.
    EXPECT_EQ(many.activation_bytes,
              few.activation_bytes + (512 - 8) * sizeof(std::size_t));
    const std::uint64_t arena = many.moment_bytes / 2;
    EXPECT_LE(many.gradient_bytes,
              arena * static_cast<std::uint64_t>(threads + 3));
  }
}

TEST(MemoryEstimateTest, TerabytesAreOnlyANumber) {
  TrainConfig config = Base();
  config.model = {50257, 1024, 1 << 16, 1000, 16, Activation::kRelu2};
  EXPECT_GT(EstimateTrainingMemory(config, 0).total_bytes(), 1ull << 40);
}

TEST(MemoryEstimateTest, EveryValidConfigHasANumber) {
  TrainConfig config = Base();
  config.model.n_embd = kMaxDimension;
  config.model.n_layer = kMaxLayers;
  config.model.block_size = kMaxDimension;
  config.batch_size = kMaxDimension;
  config.threads = kMaxThreads;
  EXPECT_GT(EstimateTrainingMemory(config, 0).total_bytes(), 1ull << 60);
}

TEST(MemoryEstimateTest, ReportsOverflow) {
  MemoryEstimate estimate;
  estimate.parameter_bytes = std::numeric_limits<std::int64_t>::max();
  estimate.corpus_bytes = 1;
  EXPECT_EQ(ErrorOf([&] { estimate.total_bytes(); }).kind(),
            ErrorKind::kResources);
}

}  // namespace
}  // namespace microgpt
