// A steady training allocates nothing, and a trainer needs about as much memory
// as was estimated.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/base/counting_new.h"
#include "tests/base/temp_folder.h"
#include "tests/train/train_util.h"

namespace microgpt {
namespace {

TrainConfig Config(ModelConfig model, int batch_size, int threads) {
  TrainConfig config;
  config.model = model;
  config.batch_size = batch_size;
  config.threads = threads;
  config.executor = ExecutorKind::kStdThread;
  return config;
}

// Serial, parallel shards, parallel update too. Where shards run in parallel
// there are no more of them than buffers made in advance, so that no order of
// events needs another.
std::vector<TrainConfig> Configs() {
  const ModelConfig small = {27, 16, 16, 1, 4, Activation::kRelu2};
  const ModelConfig wide = {27, 8, 64, 3, 4, Activation::kRelu2};
  return {Config(small, 1, 1),  Config(small, 100, 1), Config(small, 32, 4),
          Config(wide, 13, 4),  Config(wide, 1, 8),    Config(small, 3, 16),
          Config(small, 64, 16)};
}

TEST(AllocationTest, TheCounterCounts) {
  const std::size_t calls = NewCalls();
  const std::size_t bytes = LiveBytes();
  auto memory = std::make_unique<std::vector<int>>(1000);
  EXPECT_EQ(NewCalls(), calls + 2);
  EXPECT_GE(LiveBytes(), bytes + 1000 * sizeof(int));
  memory.reset();
  EXPECT_EQ(LiveBytes(), bytes);
}

TEST(AllocationTest, StepsAllocateNothing) {
  for (const TrainConfig& config : Configs()) {
    SCOPED_TRACE("batch " + std::to_string(config.batch_size) + ", threads " +
                 std::to_string(config.threads));
    Trainer trainer(config, SmallCorpus());
    for (int i = 0; i < 5; ++i) trainer.Step();
    const std::size_t before = NewCalls();
    for (int i = 0; i < 40; ++i) trainer.Step();
    EXPECT_EQ(NewCalls() - before, 0u);
  }
}

// Validation works in the buffers of the steps.
TEST(AllocationTest, ValidationTakesNoActivations) {
  for (TrainConfig config : Configs()) {
    SCOPED_TRACE("batch " + std::to_string(config.batch_size) + ", threads " +
                 std::to_string(config.threads));
    config.eval_every = 1;
    Trainer trainer(config, SmallCorpus(), SmallCorpus());
    trainer.Step();
    const std::size_t before = LiveBytes();
    ResetPeak();
    trainer.Validate();
    EXPECT_EQ(LiveBytes(), before);
    // A result for each shard of the corpus, a list of documents a worker.
    EXPECT_LE(PeakBytes() - before, 32u * 1024);
  }
}

TEST(AllocationTest, StepsOnAFileOfTokensAllocateNothing) {
  const TempFolder folder;
  const std::string path = folder.Write("ids", std::string(100'000, '\1'));
  for (TrainConfig config : Configs()) {
    config.data.doc_mode = DocMode::kTokens;
    Trainer trainer(config, Corpus::FromFile(path, CorpusOptionsOf(config),
                                             Tokenizer::ForIds(258)));
    for (int i = 0; i < 5; ++i) trainer.Step();
    const std::size_t before = NewCalls();
    for (int i = 0; i < 10; ++i) trainer.Step();
    EXPECT_EQ(NewCalls() - before, 0u);
  }
}

TEST(AllocationTest, TheEstimateIsCloseToWhatATrainerTakes) {
  for (const TrainConfig& config : Configs()) {
    for (const ExecutorKind kind : ExecutorKinds()) {
      TrainConfig used = config;
      used.executor = kind;
      SCOPED_TRACE("batch " + std::to_string(config.batch_size) + ", threads " +
                   std::to_string(config.threads));
      const std::size_t before = LiveBytes();
      Corpus corpus = SmallCorpus();
      const std::uint64_t estimate =
          EstimateTrainingMemory(used, corpus.memory_bytes()).total_bytes();
      Trainer trainer(used, std::move(corpus));
      for (int i = 0; i < 3; ++i) trainer.Step();
      const auto taken = static_cast<double>(LiveBytes() - before);
      // Threads, names, lists: small things are not in the estimate.
      const double slack = 48 * 1024 + 0.03 * static_cast<double>(estimate);
      EXPECT_NEAR(taken, static_cast<double>(estimate), slack);
    }
  }
}

}  // namespace
}  // namespace microgpt
