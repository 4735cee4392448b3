// A steady training allocates nothing, and a trainer needs about as much memory
// as was estimated.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/base/counting_new.h"
#include "tests/base/temp_folder.h"
#include "tests/train/train_util.h"
#include "train/thread_plan.h"

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

// Documents that all threads work on together.
std::vector<TrainConfig> SharedPackConfigs() {
  const ModelConfig wide = {27, 128, 128, 2, 4, Activation::kRelu2};
  return {Config(wide, 1, 4), Config(wide, 3, 8)};
}

// Of `vocab_size` tokens in lines of `length` characters.
Corpus LargeVocabulary(int vocab_size, int length) {
  std::string text;
  for (int i = 1; i < vocab_size; ++i) {
    const int code = 0x1000 + i;  // three bytes below the surrogates
    text += static_cast<char>(0xE0 | code >> 12);
    text += static_cast<char>(0x80 | (code >> 6 & 0x3F));
    text += static_cast<char>(0x80 | (code & 0x3F));
    if (i % length == 0) text += '\n';
  }
  return Corpus::FromText(std::move(text), "large vocabulary");
}

// Chunks of logits, long blocks, on one thread and on several together.
std::vector<TrainConfig> LargeConfigs() {
  const ModelConfig vocabulary = {30'000, 1024, 8, 1, 1, Activation::kRelu2};
  const ModelConfig block = {30'000, 1024, 32, 2, 4, Activation::kRelu};
  return {Config(vocabulary, 1, 1), Config(vocabulary, 2, 2),
          Config(block, 1, 3)};
}

void ExpectTheEstimate(const TrainConfig& config, int steps,
                       Corpus (*make_corpus)()) {
  SCOPED_TRACE("batch " + std::to_string(config.batch_size) + ", threads " +
               std::to_string(config.threads));
  const std::size_t before = LiveBytes();
  Corpus corpus = make_corpus();
  ASSERT_EQ(corpus.tokenizer().vocab_size(), config.model.vocab_size);
  const std::uint64_t estimate =
      EstimateTrainingMemory(config, corpus.memory_bytes()).total_bytes();
  Trainer trainer(config, std::move(corpus));
  for (int i = 0; i < steps; ++i) trainer.Step();
  const auto taken = static_cast<double>(LiveBytes() - before);
  // Threads, names, lists: small things are not in the estimate.
  const double slack = 48 * 1024 + 0.03 * static_cast<double>(estimate);
  EXPECT_NEAR(taken, static_cast<double>(estimate), slack);
}

void ExpectNoAllocation(const TrainConfig& config, Corpus corpus) {
  SCOPED_TRACE("batch " + std::to_string(config.batch_size) + ", threads " +
               std::to_string(config.threads));
  Trainer trainer(config, std::move(corpus));
  for (int i = 0; i < 5; ++i) trainer.Step();
  const std::size_t before = NewCalls();
  for (int i = 0; i < 40; ++i) trainer.Step();
  EXPECT_EQ(NewCalls() - before, 0u);
}

TEST(AllocationTest, StepsAllocateNothing) {
  for (const TrainConfig& config : Configs()) {
    ExpectNoAllocation(config, SmallCorpus());
  }
  for (const TrainConfig& config : SharedPackConfigs()) {
    ASSERT_TRUE(PlanThreads(config, 1).parallel_packs);
    ExpectNoAllocation(config, LongAndShortDocuments(150));
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
  for (const ExecutorKind kind : ExecutorKinds()) {
    for (TrainConfig config : Configs()) {
      config.executor = kind;
      ExpectTheEstimate(config, 3, SmallCorpus);
    }
    for (TrainConfig config : SharedPackConfigs()) {
      config.executor = kind;
      ExpectTheEstimate(config, 3, [] { return LongAndShortDocuments(150); });
    }
  }
  for (const TrainConfig& config : LargeConfigs()) {
    ExpectTheEstimate(config, 1, [] { return LargeVocabulary(30'000, 2000); });
  }
}

}  // namespace
}  // namespace microgpt
