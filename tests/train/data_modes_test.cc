// Texts, chunks and token ids in training: one digest, exact resume, errors.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/base/error_of.h"
#include "tests/base/temp_folder.h"
#include "tests/data/documents.h"
#include "tests/data/token_bytes.h"
#include "tests/train/train_util.h"

namespace microgpt {
namespace {

constexpr int kBlock = 12;
constexpr int kSteps = 10;

std::vector<std::uint16_t> SomeIds() {
  std::vector<std::uint16_t> ids;
  for (std::uint32_t i = 0; i < 2000; ++i) {
    ids.push_back(static_cast<std::uint16_t>(i * i % 40));
  }
  return ids;
}

class DataModesTest : public testing::TestWithParam<CorpusOptions> {
 protected:
  DataModesTest() { folder_.Write("ids.bin", LlmcFile(SomeIds())); }

  TrainConfig Config(int threads) const {
    TrainConfig config;
    config.model.block_size = kBlock;
    config.data = GetParam().data;
    config.batch_size = 11;
    config.num_steps = kSteps;
    config.threads = threads;
    return config;
  }
  Corpus Read() const {
    if (GetParam().data.doc_mode == DocMode::kTokens) {
      return Corpus::FromFile(folder_.PathOf("ids.bin"), GetParam(),
                              Tokenizer::ForIds(40));
    }
    return Corpus::FromText(std::string(BuiltInCorpusText().substr(0, 5000)),
                            "text", GetParam());
  }
  std::string run() const { return folder_.PathOf("run"); }
  void Save(const Trainer& trainer) const {
    CheckpointFolder folder(run());
    trainer.Save(folder, {});
  }

  TempFolder folder_;
};

TEST_P(DataModesTest, OneDigestForThreadsAndExecutors) {
  const Outcome expected = Train(Config(1), Read(), kSteps);
  for (const ExecutorKind kind : ExecutorKinds()) {
    for (const int threads : {1, 2, 3, 8}) {
      TrainConfig config = Config(threads);
      config.executor = kind;
      EXPECT_EQ(Train(config, Read(), kSteps), expected) << threads;
    }
  }
}

TEST_P(DataModesTest, ResumeIsExact) {
  const Outcome expected = Train(Config(2), Read(), kSteps);
  for (const int step : {0, 3, 9}) {
    std::filesystem::remove_all(run());
    Trainer first(Config(1), Read());
    Outcome outcome;
    for (int i = 0; i < step; ++i) {
      outcome.losses.push_back(first.Step().loss);
    }
    Save(first);
    const Checkpoint checkpoint =
        Checkpoint::Open(run(), CheckpointUse::kResume);
    EXPECT_EQ(checkpoint.tokenizer(), Read().tokenizer());
    EXPECT_EQ(CorpusOptionsOf(checkpoint.state().config).data.doc_mode,
              GetParam().data.doc_mode);
    Trainer second(checkpoint, Read(), {.threads = 3});
    for (int i = step; i < kSteps; ++i) {
      outcome.losses.push_back(second.Step().loss);
    }
    outcome.digest = second.Digest();
    EXPECT_EQ(outcome, expected) << step;
  }
}

TEST_P(DataModesTest, ACorpusCutForAnotherBlockIsRefused) {
  TrainConfig config = Config(1);
  config.model.block_size = kBlock + 1;
  const Error error = ErrorOf([&] { Trainer trainer(config, Read()); });
  EXPECT_EQ(error.kind(), ErrorKind::kUsage);
  EXPECT_TRUE(Mentions(error, "--block-size 13")) << error.what();
}

TEST_P(DataModesTest, ACorpusOfAnotherModeIsRefused) {
  const Error error =
      ErrorOf([&] { Trainer trainer(Config(1), SmallCorpus()); });
  EXPECT_EQ(error.kind(), ErrorKind::kUsage);
}

INSTANTIATE_TEST_SUITE_P(All, DataModesTest,
                         testing::Values(TextMode(kBlock), Chunks(3 * 4),
                                         TokenMode(kBlock)),
                         [](const auto& test) {
                           const DataConfig& data = test.param.data;
                           return data.doc_mode == DocMode::kLines
                                      ? std::string("chunks")
                                      : ToString(data.doc_mode);
                         });

TEST(DataModesRulesTest, ModesTrainOnDifferentThings) {
  std::set<std::string> digests;
  for (const CorpusOptions& options :
       {CorpusOptions(), Chunks(4), TextMode(4)}) {
    TrainConfig config;
    config.model.block_size = 4;
    config.data = options.data;
    digests.insert(
        Train(config,
              Corpus::FromText("abcdefghij\nabcdefgh\n", "text", options), 5)
            .digest);
  }
  EXPECT_EQ(digests.size(), 3u);
}

// A step that cannot be read is not applied.
TEST(DataModesRulesTest, AFileCutOffDuringTraining) {
  const TempFolder folder;
  const std::string path = folder.Write("ids.bin", NanoGptFile(SomeIds()));
  for (const int batch_size : {1, 16}) {
    folder.Write("ids.bin", NanoGptFile(SomeIds()));
    TrainConfig config;
    config.data.doc_mode = DocMode::kTokens;
    config.batch_size = batch_size;
    config.shuffle = false;
    config.threads = 2;
    Trainer trainer(
        config, Corpus::FromFile(path, TokenMode(8), Tokenizer::ForIds(40)));
    trainer.Step();
    const std::string digest = trainer.Digest();
    ASSERT_EQ(::truncate(path.c_str(), 5), 0);
    for (int i = 0; i < 2; ++i) {
      const Error error = ErrorOf([&] { trainer.Step(); });
      EXPECT_EQ(error.kind(), ErrorKind::kIo);
      EXPECT_TRUE(Mentions(error, path)) << error.what();
      EXPECT_EQ(trainer.Digest(), digest);
    }
    folder.Write("ids.bin", NanoGptFile(SomeIds()));
    EXPECT_EQ(trainer.Step().step, 2);
  }
}

TEST(DataModesRulesTest, OtherIdsAreRefusedUnlessAllowed) {
  const TempFolder folder;
  const auto read = [&](const std::vector<std::uint16_t>& ids, int vocab_size) {
    return Corpus::FromFile(folder.Write("ids.bin", NanoGptFile(ids)),
                            TokenMode(8), Tokenizer::ForIds(vocab_size));
  };
  TrainConfig config;
  config.data.doc_mode = DocMode::kTokens;
  Trainer trainer(config, read(SomeIds(), 40));
  {
    CheckpointFolder run(folder.PathOf("run"));
    trainer.Save(run, {});
  }
  const Checkpoint checkpoint =
      Checkpoint::Open(folder.PathOf("run"), CheckpointUse::kResume);
  Error error = ErrorOf([&] {
    Trainer other(checkpoint, read({1, 2, 3}, 40), {});
  });
  EXPECT_EQ(error.kind(), ErrorKind::kInput);
  EXPECT_TRUE(Mentions(error, "--allow-changed-data")) << error.what();
  Trainer other(checkpoint, read({1, 2, 3}, 40), {.allow_changed_data = true});
  EXPECT_EQ(other.Step().step, 1);
  error = ErrorOf([&] {
    Trainer more(checkpoint, read({1, 2, 3}, 41), {.allow_changed_data = true});
  });
  EXPECT_EQ(error.kind(), ErrorKind::kInput);
  EXPECT_TRUE(Mentions(error, "tokens")) << error.what();
}

}  // namespace
}  // namespace microgpt
