// Generations that are not what was saved.
#include <gtest/gtest.h>

#include <filesystem>
#include <utility>

#include "checkpoint/config_json.h"
#include "checkpoint/state_json.h"
#include "tests/base/error_of.h"
#include "tests/checkpoint/saved_run.h"

namespace microgpt {
namespace {

namespace fs = std::filesystem;

// The error of opening the run for a resume, which must be one of input and
// name the file.
Error DamageOf(const SavedRun& run, const std::string& file) {
  const Error error =
      ErrorOf([&] { Checkpoint::Open(run.path(), CheckpointUse::kResume); });
  EXPECT_EQ(error.kind(), ErrorKind::kInput) << error.what();
  EXPECT_TRUE(Mentions(error, file)) << error.what();
  return error;
}

class DamageTest : public testing::TestWithParam<std::string> {};

TEST_P(DamageTest, EveryTruncationIsDetected) {
  const SavedRun run;
  const std::string bytes = ReadBytes(run.PathOf(1, GetParam()));
  ASSERT_LT(bytes.size(), 8192u);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    run.Write(1, GetParam(), std::string_view(bytes).substr(0, size));
    DamageOf(run, GetParam());
    ASSERT_FALSE(HasFailure()) << size << " bytes";
  }
  run.Write(1, GetParam(), bytes + "\n");
  DamageOf(run, GetParam());
  run.Write(1, GetParam(), bytes);
  EXPECT_EQ(Checkpoint::Open(run.path(), CheckpointUse::kResume)
                .state()
                .progress.digest,
            run.digests()[0]);
}

TEST_P(DamageTest, EveryFlippedBitIsDetected) {
  const SavedRun run;
  const std::string path = run.PathOf(1, GetParam());
  const std::string bytes = ReadBytes(path);
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  const auto put = [&](std::size_t at, char byte) {
    file.seekp(static_cast<std::streamoff>(at));
    file.put(byte);
    file.flush();
    ASSERT_TRUE(file.good());
  };
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      put(at, static_cast<char>(bytes[at] ^ (1 << bit)));
      DamageOf(run, GetParam());
      ASSERT_FALSE(HasFailure()) << "bit " << bit << " of byte " << at;
    }
    put(at, bytes[at]);
  }
}

TEST_P(DamageTest, AMissingFileIsNamed) {
  const SavedRun run;
  fs::remove(run.PathOf(1, GetParam()));
  // Without state.json the folder is no generation that could be named itself.
  DamageOf(run, GetParam());
}

TEST_P(DamageTest, AFolderInItsPlaceIsNamed) {
  const SavedRun run;
  fs::remove(run.PathOf(1, GetParam()));
  fs::create_directory(run.PathOf(1, GetParam()));
  DamageOf(run, GetParam());
}

TEST_P(DamageTest, ThePreviousGenerationIsOffered) {
  const SavedRun run({1, 2});
  run.Write(2, GetParam(), "{}");
  const Error error = DamageOf(run, GetParam());
  const std::string previous = run.path() + "/generation-000001";
  EXPECT_TRUE(Mentions(error, previous + " is intact")) << error.what();
  EXPECT_EQ(Checkpoint::Open(previous, CheckpointUse::kResume)
                .state()
                .progress.digest,
            run.digests()[0]);
}

TEST_P(DamageTest, NothingIsOfferedIfBothAreDamaged) {
  const SavedRun run({1, 2});
  run.Write(1, GetParam(), "{}");
  run.Write(2, GetParam(), "{}");
  EXPECT_FALSE(Mentions(DamageOf(run, GetParam()), "intact"));
}

INSTANTIATE_TEST_SUITE_P(Files, DamageTest,
                         testing::ValuesIn(GenerationFiles()),
                         [](const auto& test) {
                           return test.param.substr(0, test.param.find('.'));
                         });

TEST(DamageTest, InferenceDoesNotNeedTheOptimizer) {
  const SavedRun run;
  fs::remove(run.PathOf(1, "optimizer.safetensors"));
  const Checkpoint checkpoint =
      Checkpoint::Open(run.path(), CheckpointUse::kInference);
  EXPECT_EQ(checkpoint.LoadModel().config().n_embd, 2);
}

TEST(DamageTest, FoldersWithoutCheckpoints) {
  const TempFolder temp;
  for (const std::string& path :
       {temp.path(), temp.PathOf("missing"), temp.Write("file", "x"),
        std::string("/dev/null")}) {
    const Error error =
        ErrorOf([&] { Checkpoint::Open(path, CheckpointUse::kInference); });
    EXPECT_EQ(error.kind(), ErrorKind::kInput) << path;
    EXPECT_TRUE(Mentions(error, path)) << error.what();
  }
}

// Files that agree with their checksums, and not with each other.
class DisagreementTest : public testing::Test {
 protected:
  StateFile state() const {
    return ParseStateJson(ReadBytes(run_.PathOf(1, "state.json")), "state");
  }
  // Writes the file and makes state.json agree with it.
  void Replace(const std::string& name, const std::string& bytes) const {
    run_.Write(1, name, bytes);
    StateFile file = state();
    file.files[name] = {bytes.size(), HashOf(bytes)};
    run_.Write(1, "state.json", StateJson(file));
  }
  void Replace(const StateFile& file) const {
    run_.Write(1, "state.json", StateJson(file));
  }
  std::string Text(const std::string& name) const {
    return ReadBytes(run_.PathOf(1, name));
  }
  static std::string With(std::string text, const std::string& from,
                          const std::string& to) {
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return at == std::string::npos ? text : text.replace(at, from.size(), to);
  }

  const SavedRun run_;
};

TEST_F(DisagreementTest, EveryFieldOfTheConfigurationIsCompared) {
  const std::string config = Text("config.json");
  const std::vector<std::pair<std::string, std::string>> changes = {
      {"\"model_type\": \"microgpt\"", "\"model_type\": \"gpt2\""},
      {"\"vocab_size\": 3", "\"vocab_size\": 4"},
      {"\"n_positions\": 2", "\"n_positions\": 3"},
      {"\"n_embd\": 2", "\"n_embd\": 4"},
      {"\"n_layer\": 1", "\"n_layer\": 2"},
      {"\"n_head\": 1", "\"n_head\": 2"},
      {"\"n_inner\": 8", "\"n_inner\": 9"},
      {"\"activation_function\": \"relu2\"",
       "\"activation_function\": \"relu\""},
      {"\"layer_norm_epsilon\": 1e-05", "\"layer_norm_epsilon\": 1e-06"},
      {"\"initializer_range\": 0.02", "\"initializer_range\": 0.03"},
      {"\"bos_token_id\": 0", "\"bos_token_id\": 1"},
      {"\"eos_token_id\": 0", "\"eos_token_id\": null"},
      {"\"tie_word_embeddings\": false", "\"tie_word_embeddings\": true"}};
  for (const auto& [from, to] : changes) {
    Replace("config.json", With(config, from, to));
    const Error error = DamageOf(run_, "config.json");
    const std::string field = from.substr(1, from.find('"', 1) - 1);
    EXPECT_TRUE(Mentions(error, field)) << error.what();
    for (const std::string& side : {from, to}) {
      const std::string value = side.substr(side.find(": ") + 2);
      EXPECT_TRUE(Mentions(error, value)) << error.what();
    }
    const std::string renamed = "\"x" + from.substr(1);
    Replace("config.json", With(config, from, renamed));
    EXPECT_TRUE(Mentions(DamageOf(run_, "config.json"), "no field " + field));
  }
}

TEST_F(DisagreementTest, VocabularyOfAnotherSize) {
  Replace("vocab.json", "{\"<bos>\": 0, \"a\": 1}");
  EXPECT_TRUE(Mentions(DamageOf(run_, "vocab.json"), "2 tokens"));
}

TEST_F(DisagreementTest, AModelLargerThanItsFileIsNotAllocated) {
  for (const int n_embd : {64, 1 << 20}) {
    StateFile file = state();
    ModelConfig& model = file.state.config.model;
    model.n_embd = n_embd;
    model.n_layer = n_embd == 64 ? 1 : 10'000;
    Replace(file);
    Replace("config.json", ConfigJson(file.state.config));
    EXPECT_TRUE(Mentions(DamageOf(run_, "model.safetensors"), "too short"));
  }
}

// The header is read when the weights are.
TEST_F(DisagreementTest, AModelOfAnotherShape) {
  Replace("model.safetensors",
          With(Text("model.safetensors"), "[3,2]", "[2,3]"));
  const Checkpoint checkpoint =
      Checkpoint::Open(run_.path(), CheckpointUse::kInference);
  const Error error = ErrorOf([&] { checkpoint.LoadModel(); });
  EXPECT_EQ(error.kind(), ErrorKind::kInput);
  EXPECT_TRUE(Mentions(error, "model.safetensors")) << error.what();
}

TEST_F(DisagreementTest, AnotherDigest) {
  StateFile file = state();
  file.state.progress.digest = std::string(32, '0');
  Replace(file);
  const Checkpoint checkpoint =
      Checkpoint::Open(run_.path(), CheckpointUse::kResume);
  const Error error =
      ErrorOf([&] { Trainer trainer(checkpoint, TinyCorpus(), {}); });
  EXPECT_EQ(error.kind(), ErrorKind::kInput);
  EXPECT_TRUE(Mentions(error, "digest")) << error.what();
}

}  // namespace
}  // namespace microgpt
