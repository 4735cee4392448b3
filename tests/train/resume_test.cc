// A run that is saved and resumed is the run that never stopped.
#include <gtest/gtest.h>

#include <utility>

#include "checkpoint/state_json.h"
#include "optim/schedule.h"
#include "tests/base/error_of.h"
#include "tests/checkpoint/saved_run.h"
#include "tests/train/train_util.h"

namespace microgpt {
namespace {

struct ResumeCase {
  std::string name;
  TrainConfig config;
};

std::vector<ResumeCase> Cases() {
  std::vector<ResumeCase> cases(8);
  for (ResumeCase& c : cases) {
    c.config.num_steps = 16;
    c.config.threads = 2;
  }
  cases[0].name = "Default";
  cases[1].name = "Batch";
  cases[1].config.batch_size = 37;
  cases[2].name = "OddSizes";
  cases[2].config.model.n_embd = 20;
  cases[2].config.model.n_head = 5;
  cases[2].config.model.n_layer = 3;
  cases[2].config.batch_size = 9;
  cases[2].config.seed = 7;
  cases[3].name = "ReluNoShuffle";
  cases[3].config.model.activation = Activation::kRelu;
  cases[3].config.shuffle = false;
  cases[3].config.model.block_size = 16;
  cases[4].name = "LargerThanTheCorpus";
  cases[4].config.batch_size = 300;
  cases[4].config.model.n_layer = 0;
  cases[5].name = "CosineDecayClipAccum";
  cases[5].config.adam.weight_decay = 0.1;
  cases[5].config.batch_size = 3;
  cases[5].config.grad_accum = 4;
  cases[5].config.grad_clip = 0.5;
  cases[5].config.schedule = {LrSchedule::kCosine, 6, 0.001};
  cases[6].name = "LinearLeastRateClipDirect";
  cases[6].config.grad_clip = 0.5;
  cases[6].config.schedule = {LrSchedule::kLinear, 3, 0.002};
  cases[7].name = "ConstantWarmUpAccum";
  cases[7].config.grad_accum = 2;
  cases[7].config.schedule = {LrSchedule::kConstant, 9, 0};
  return cases;
}

class ResumeTest : public testing::TestWithParam<ResumeCase> {
 protected:
  const TrainConfig& config() const { return GetParam().config; }
  // The whole run.
  Outcome Uninterrupted() const {
    return Train(config(), SmallCorpus(), static_cast<int>(config().num_steps));
  }
  // Trains up to `step` with the options, appends the losses, saves.
  void Continue(const ResumeOptions& options, int step, Outcome& outcome) {
    Trainer trainer(Checkpoint::Open(path(), CheckpointUse::kResume),
                    SmallCorpus(), options);
    RunTo(trainer, step, outcome);
  }
  void Begin(int step, Outcome& outcome) {
    Trainer trainer(config(), SmallCorpus());
    RunTo(trainer, step, outcome);
  }
  std::string path() const { return temp_.PathOf("run"); }

 private:
  void RunTo(Trainer& trainer, int step, Outcome& outcome) {
    while (trainer.steps_done() < step) {
      outcome.losses.push_back(trainer.Step().loss);
    }
    outcome.digest = trainer.Digest();
    CheckpointFolder folder(path());
    trainer.Save(folder, {});
  }

  TempFolder temp_;
};

TEST_P(ResumeTest, FromEveryStep) {
  const Outcome whole = Uninterrupted();
  for (const int step : {0, 1, 7, 15, 16}) {
    Outcome parts;
    Begin(step, parts);
    Continue({}, 16, parts);
    EXPECT_EQ(parts, whole) << step;
  }
}

TEST_P(ResumeTest, WithOtherThreadsAndExecutors) {
  const Outcome whole = Uninterrupted();
  for (const ExecutorKind kind : ExecutorKinds()) {
    for (const int threads : {1, 3, 8}) {
      Outcome parts;
      Begin(5, parts);
      Continue({.threads = threads, .executor = kind}, 11, parts);
      Continue({.threads = 1}, 16, parts);
      EXPECT_EQ(parts, whole) << threads;
    }
  }
}

TEST_P(ResumeTest, WithOtherSimdTargets) {
  const Outcome whole = Uninterrupted();
  const std::string best = SimdTarget();
  for (const std::string& target : SimdTargets()) {
    Outcome parts;
    Begin(8, parts);
    SetSimdTarget(target);
    Continue({}, 16, parts);
    SetSimdTarget(best);
    EXPECT_EQ(parts, whole) << target;
  }
}

TEST_P(ResumeTest, RemembersRecentLosses) {
  Outcome parts;
  Begin(6, parts);
  Trainer trainer(Checkpoint::Open(path(), CheckpointUse::kResume),
                  SmallCorpus(), {});
  EXPECT_EQ(trainer.RecentLosses(), parts.losses);
  parts.losses.push_back(trainer.Step().loss);
  EXPECT_EQ(trainer.RecentLosses(), parts.losses);
}

INSTANTIATE_TEST_SUITE_P(Cases, ResumeTest, testing::ValuesIn(Cases()),
                         [](const auto& test) { return test.param.name; });

TEST(ResumeRulesTest, OnlyTheLastLossesAreRemembered) {
  TrainConfig config = TinyConfig();
  config.num_steps = 70;
  Trainer trainer(config, TinyCorpus());
  std::vector<double> losses;
  for (int i = 0; i < 60; ++i) losses.push_back(trainer.Step().loss);
  EXPECT_EQ(trainer.RecentLosses(),
            std::vector<double>(losses.end() - kRecentLosses, losses.end()));
  const TempFolder temp;
  CheckpointFolder folder(temp.PathOf("run"));
  trainer.Save(folder, {});
  Trainer resumed(Checkpoint::Open(folder.path(), CheckpointUse::kResume),
                  TinyCorpus(), {});
  for (Trainer* each : {&trainer, &resumed}) each->Step();
  EXPECT_EQ(resumed.RecentLosses(), trainer.RecentLosses());
}

TEST(ResumeRulesTest, MoreStepsFollowTheLongerSchedule) {
  const SavedRun run({5});
  Trainer trainer(Checkpoint::Open(run.path(), CheckpointUse::kResume),
                  TinyCorpus(), {.num_steps = 40});
  EXPECT_EQ(trainer.config().num_steps, 40);
  EXPECT_DOUBLE_EQ(trainer.Step().learning_rate, 0.01 * (1 - 5.0 / 40));
}

// The part of the schedule that is still to come stretches.
TEST(ResumeRulesTest, EveryScheduleCanBecomeLonger) {
  for (const LrSchedule kind :
       {LrSchedule::kLinear, LrSchedule::kCosine, LrSchedule::kConstant}) {
    TrainConfig config = TinyConfig();
    config.num_steps = 8;
    config.schedule = {kind, 3, 0.001};
    Trainer trainer(config, TinyCorpus());
    for (int i = 0; i < 8; ++i) trainer.Step();
    const TempFolder temp;
    CheckpointFolder folder(temp.PathOf("run"));
    trainer.Save(folder, {});
    Trainer resumed(Checkpoint::Open(folder.path(), CheckpointUse::kResume),
                    TinyCorpus(), {.num_steps = 12});
    config.num_steps = 12;
    for (std::int64_t step = 8; step < 12; ++step) {
      EXPECT_EQ(resumed.Step().learning_rate, LearningRate(config, step));
    }
  }
}

TEST(ResumeRulesTest, FewerStepsAreRefused) {
  const SavedRun run;
  const Checkpoint checkpoint =
      Checkpoint::Open(run.path(), CheckpointUse::kResume);
  const Error error = ErrorOf(
      [&] { Trainer trainer(checkpoint, TinyCorpus(), {.num_steps = 19}); });
  EXPECT_EQ(error.kind(), ErrorKind::kUsage);
  EXPECT_TRUE(Mentions(error, "19")) << error.what();
  EXPECT_TRUE(Mentions(error, "20")) << error.what();
}

TEST(ResumeRulesTest, OtherDataAreRefusedUnlessAllowed) {
  const SavedRun run;
  const Checkpoint checkpoint =
      Checkpoint::Open(run.path(), CheckpointUse::kResume);
  const auto other = [&] {
    return Corpus::FromText("bb\na\n", "other", checkpoint.tokenizer());
  };
  const Error error =
      ErrorOf([&] { Trainer trainer(checkpoint, other(), {}); });
  EXPECT_EQ(error.kind(), ErrorKind::kInput);
  EXPECT_TRUE(Mentions(error, "--allow-changed-data")) << error.what();
  Trainer trainer(checkpoint, other(), {.allow_changed_data = true});
  EXPECT_EQ(trainer.steps_done(), 3);
  EXPECT_EQ(trainer.Digest(), run.digests()[0]);
  trainer.Step();
}

TEST(ResumeRulesTest, OtherTokensAreRefused) {
  const SavedRun run;
  const Checkpoint checkpoint =
      Checkpoint::Open(run.path(), CheckpointUse::kResume);
  const Error error = ErrorOf([&] {
    Trainer trainer(checkpoint, Corpus::FromText("abc", "other"),
                    {.allow_changed_data = true});
  });
  EXPECT_EQ(error.kind(), ErrorKind::kInput);
  EXPECT_TRUE(Mentions(error, "tokens")) << error.what();
}

// A later version might cut batches differently: its sums would have other
// bits.
TEST(ResumeRulesTest, AnotherNumberOfShardsIsRefused) {
  const SavedRun run;
  const std::string path = run.PathOf(1, "state.json");
  StateFile file = ParseStateJson(ReadBytes(path), path);
  file.state.progress.num_shards = 2;
  file.state.program_version = "0.0.7";
  run.Write(1, "state.json", StateJson(file));
  const Checkpoint checkpoint =
      Checkpoint::Open(run.path(), CheckpointUse::kResume);
  const Error error =
      ErrorOf([&] { Trainer trainer(checkpoint, TinyCorpus(), {}); });
  EXPECT_EQ(error.kind(), ErrorKind::kInput);
  EXPECT_TRUE(Mentions(error, "2 shards")) << error.what();
  EXPECT_TRUE(Mentions(error, "0.0.7")) << error.what();
}

// The folder may get new generations, and lose this one, at any time.
TEST(ResumeRulesTest, AnOpenCheckpointOutlivesItsFiles) {
  const SavedRun run({1});
  const Checkpoint checkpoint =
      Checkpoint::Open(run.path(), CheckpointUse::kResume);
  std::filesystem::remove_all(run.path());
  Trainer trainer(checkpoint, TinyCorpus(), {});
  EXPECT_EQ(trainer.Digest(), run.digests()[0]);
}

}  // namespace
}  // namespace microgpt
