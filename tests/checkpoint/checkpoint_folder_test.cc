// What is saved comes back, and what stays in the folder.
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/base/error_of.h"
#include "tests/checkpoint/saved_run.h"

namespace microgpt {
namespace {

namespace fs = std::filesystem;

TEST(CheckpointFolderTest, StateComesBack) {
  const SavedRun run;
  const Checkpoint checkpoint =
      Checkpoint::Open(run.path(), CheckpointUse::kResume);
  EXPECT_EQ(checkpoint.folder(), run.path() + "/generation-000001");
  const CheckpointState& state = checkpoint.state();
  const auto saved = FieldsOf(run.trainer().config());
  const auto found = FieldsOf(state.config);
  ASSERT_EQ(found.size(), saved.size());
  for (std::size_t i = 0; i < saved.size(); ++i) {
    EXPECT_EQ(found[i].value, saved[i].value) << saved[i].name;
  }
  EXPECT_EQ(state.config.model.vocab_size, 3);
  EXPECT_EQ(state.run.input, "");
  EXPECT_EQ(state.run.save_every, 7);
  EXPECT_EQ(state.progress.step, 3);
  EXPECT_EQ(state.progress.cursor, 3u);
  EXPECT_EQ(state.progress.num_documents, 4u);
  EXPECT_EQ(state.progress.num_shards, 1u);
  EXPECT_EQ(state.progress.digest, run.trainer().Digest());
  EXPECT_EQ(state.progress.recent_losses, run.trainer().RecentLosses());
  EXPECT_EQ(state.progress.data_fingerprint, TinyCorpus().Fingerprint());
  EXPECT_EQ(checkpoint.tokenizer().code_points(),
            TinyCorpus().tokenizer().code_points());
}

TEST(CheckpointFolderTest, EveryFieldOfTheConfigurationComesBack) {
  TrainConfig config = TinyConfig();
  config.model.activation = Activation::kRelu;
  config.batch_size = 3;
  config.seed = ~std::uint64_t{0};
  config.init_std = 0.1;
  config.shuffle = false;
  config.adam = {1.0 / 3, 0.7, 0.999, 1e-30};
  Trainer trainer(config, TinyCorpus());
  const TempFolder temp;
  CheckpointFolder folder(temp.PathOf("run"));
  trainer.Save(folder, {"/a path/\"\\é\n", 123456789012});
  const CheckpointState state =
      Checkpoint::Open(folder.path(), CheckpointUse::kResume).state();
  const auto saved = FieldsOf(config);
  const auto found = FieldsOf(state.config);
  for (std::size_t i = 0; i < saved.size(); ++i) {
    EXPECT_EQ(found[i].value, saved[i].value) << saved[i].name;
  }
  EXPECT_EQ(state.run.input, "/a path/\"\\é\n");
  EXPECT_EQ(state.run.save_every, 123456789012);
}

TEST(CheckpointFolderTest, WeightsComeBack) {
  const SavedRun run;
  const Model model =
      Checkpoint::Open(run.path(), CheckpointUse::kInference).LoadModel();
  for (const TensorInfo& tensor : model.tensors()) {
    std::vector<float> saved(tensor.rows * tensor.cols);
    std::vector<float> found(saved.size());
    run.trainer().model().GetTensor(tensor.name, saved);
    model.GetTensor(tensor.name, found);
    EXPECT_EQ(found, saved) << tensor.name;
  }
}

TEST(CheckpointFolderTest, HoldsTheFilesAndNothingElse) {
  const SavedRun run;
  EXPECT_EQ(NamesIn(run.path()),
            (std::vector<std::string>{"generation-000001", "lock"}));
  EXPECT_EQ(NamesIn(run.path() + "/generation-000001"), GenerationFiles());
}

TEST(CheckpointFolderTest, KeepsTheTwoNewest) {
  const SavedRun run({0, 1, 2, 3, 4});
  EXPECT_EQ(NamesIn(run.path()),
            (std::vector<std::string>{"generation-000004", "generation-000005",
                                      "lock"}));
  for (const int generation : {4, 5}) {
    const Checkpoint checkpoint = Checkpoint::Open(
        run.path() + "/generation-00000" + std::to_string(generation),
        CheckpointUse::kResume);
    EXPECT_EQ(checkpoint.state().progress.digest,
              run.digests()[static_cast<std::size_t>(generation) - 1]);
  }
}

TEST(CheckpointFolderTest, SameStateIsSameBytes) {
  const SavedRun a;
  const SavedRun b;
  for (const std::string& file : GenerationFiles()) {
    EXPECT_EQ(ReadBytes(a.PathOf(1, file)), ReadBytes(b.PathOf(1, file)))
        << file;
  }
}

TEST(CheckpointFolderTest, KeepsWhatTheRunGoesOnFromUntilThereAreTwo) {
  const SavedRun run({1, 2, 3});
  const std::string path = run.path();
  const Checkpoint old =
      Checkpoint::Open(path + "/generation-000002", CheckpointUse::kResume);
  Trainer trainer(old, TinyCorpus(), {});
  CheckpointFolder folder(path);
  EXPECT_TRUE(folder.Contains(old));
  RunSteps(trainer, 1);
  EXPECT_EQ(folder.path() + "/generation-000004", [&] {
    trainer.Save(folder, {});
    return Checkpoint::Open(path, CheckpointUse::kResume).folder();
  }());
  EXPECT_TRUE(fs::exists(path + "/generation-000002"));
  RunSteps(trainer, 1);
  trainer.Save(folder, {});
  EXPECT_EQ(NamesIn(path),
            (std::vector<std::string>{"generation-000004", "generation-000005",
                                      "lock"}));
}

TEST(CheckpointFolderTest, KnowsItsOwnGenerations) {
  const SavedRun run;
  const SavedRun other;
  const Checkpoint checkpoint =
      Checkpoint::Open(run.path(), CheckpointUse::kResume);
  EXPECT_TRUE(CheckpointFolder(run.path() + "/.").Contains(checkpoint));
  EXPECT_FALSE(CheckpointFolder(other.path()).Contains(checkpoint));
  fs::copy(run.path() + "/generation-000001", run.path() + "/copy",
           fs::copy_options::recursive);
  EXPECT_FALSE(CheckpointFolder(run.path())
                   .Contains(Checkpoint::Open(run.path() + "/copy",
                                              CheckpointUse::kResume)));
}

TEST(CheckpointFolderTest, LeavesOtherFilesAlone) {
  const SavedRun run({1});
  run.temp().Write("run/notes.txt", "mine");
  run.temp().Write("run/generation-1/mine", "not a generation");
  run.temp().Write("run/generation-0000002/mine", "nor this");
  CheckpointFolder folder(run.path());
  run.trainer().Save(folder, {});
  run.trainer().Save(folder, {});
  EXPECT_EQ(NamesIn(run.path()),
            (std::vector<std::string>{"generation-0000002", "generation-000002",
                                      "generation-000003", "generation-1",
                                      "lock", "notes.txt"}));
}

TEST(CheckpointFolderTest, RemovesLeftovers) {
  const SavedRun run;
  run.temp().Write("run/.partial-000002/model.safetensors", "half");
  run.temp().Write("run/.removed-000000/state.json", "half");
  const CheckpointFolder folder(run.path());
  EXPECT_EQ(NamesIn(run.path()),
            (std::vector<std::string>{"generation-000001", "lock"}));
}

TEST(CheckpointFolderTest, ALeftoverThatStaysIsNoObstacle) {
  const SavedRun run;
  run.temp().Write("run/.partial-000002/folder/file", "mine");
  run.temp().Write("run/.partial-000003", "a file");
  run.temp().Write("run/.partial-other", "a file");
  CheckpointFolder folder(run.path());
  EXPECT_EQ(folder.empty(), false);
  run.trainer().Save(folder, {});
  EXPECT_EQ(Checkpoint::Open(run.path(), CheckpointUse::kResume).folder(),
            run.path() + "/generation-000004");
}

TEST(CheckpointFolderTest, NumbersEnd) {
  const SavedRun run;
  run.temp().Write("run/generation-999999999999/state.json", "");
  CheckpointFolder folder(run.path());
  const Error error = ErrorOf([&] { run.trainer().Save(folder, {}); });
  EXPECT_EQ(error.kind(), ErrorKind::kIo);
  EXPECT_TRUE(Mentions(error, "999999999999")) << error.what();
}

TEST(CheckpointFolderTest, OneWriterAtATime) {
  const SavedRun run;
  const CheckpointFolder folder(run.path());
  const Error error = ErrorOf([&] { CheckpointFolder second(run.path()); });
  EXPECT_EQ(error.kind(), ErrorKind::kIo);
  EXPECT_TRUE(Mentions(error, "process " + std::to_string(::getpid())))
      << error.what();
  EXPECT_EQ(Checkpoint::Open(run.path(), CheckpointUse::kResume).folder(),
            run.path() + "/generation-000001");
}

TEST(CheckpointFolderTest, MakesOneMissingFolder) {
  const TempFolder temp;
  EXPECT_TRUE(CheckpointFolder(temp.PathOf("new/")).empty());
  EXPECT_TRUE(fs::is_directory(temp.PathOf("new")));
  const Error error =
      ErrorOf([&] { CheckpointFolder folder(temp.PathOf("a/b")); });
  EXPECT_EQ(error.kind(), ErrorKind::kIo);
  EXPECT_TRUE(Mentions(error, "a/b"));
  EXPECT_FALSE(fs::exists(temp.PathOf("a")));
}

TEST(CheckpointFolderTest, AFileIsNoFolder) {
  const TempFolder temp;
  const std::string path = temp.Write("file", "");
  EXPECT_EQ(ErrorOf([&] { CheckpointFolder folder(path); }).kind(),
            ErrorKind::kIo);
}

// An optimizer that has overflowed is a state like any other.
TEST(CheckpointFolderTest, InfiniteMomentsComeBack) {
  TrainConfig config = TinyConfig();
  config.model.n_layer = 0;
  config.init_std = 1e6;
  Trainer trainer(config, TinyCorpus());
  for (const TensorInfo& tensor : trainer.model().tensors()) {
    std::vector<float> values(tensor.rows * tensor.cols, 0.0f);
    if (tensor.name == "lm_head") {
      for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] = i % 2 == 0 ? 3e37f : -3e37f;
      }
    }
    trainer.SetTensor(tensor.name, values);
  }
  trainer.Step();
  const TempFolder temp;
  CheckpointFolder folder(temp.PathOf("run"));
  trainer.Save(folder, {});
  const std::string bytes =
      ReadBytes(folder.path() + "/generation-000001/optimizer.safetensors");
  // +infinity, little-endian.
  ASSERT_NE(bytes.find(std::string("\0\0\x80\x7f", 4)), std::string::npos);
  Trainer resumed(Checkpoint::Open(folder.path(), CheckpointUse::kResume),
                  TinyCorpus(), {});
  EXPECT_EQ(resumed.Digest(), trainer.Digest());
}

}  // namespace
}  // namespace microgpt
