// Trainer::Train does what calls of Step and Validate do, tells every step
// once, and stays usable whatever the callback does.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/base/error_of.h"
#include "tests/checkpoint/saved_run.h"
#include "tests/train/train_util.h"

namespace microgpt {
namespace {

using Steps = std::vector<std::int64_t>;

TrainConfig Config() {
  TrainConfig config;
  config.num_steps = 10;
  config.eval_every = 3;
  config.batch_size = 5;
  config.data.val_split = 0.2;
  config.threads = 1;
  return config;
}

TrainConfig WithoutValidation() {
  TrainConfig config = Config();
  config.data.val_split = 0;
  config.eval_every = 0;
  return config;
}

// What a callback has been told.
struct Told {
  Steps steps;
  Steps validated;
  std::vector<double> losses;
  std::vector<double> validation_losses;

  // A callback that goes on.
  TrainCallback Listen() {
    return [this](const TrainEvent& event) {
      Add(event);
      return true;
    };
  }
  void Add(const TrainEvent& event) {
    steps.push_back(event.step.step);
    losses.push_back(event.step.loss);
    EXPECT_GE(event.step_seconds, 0);
    if (!event.validation) return;
    validated.push_back(event.step.step);
    validation_losses.push_back(event.validation->evaluation.loss);
  }

  bool operator==(const Told&) const = default;
};

Steps UpTo(std::int64_t last) {
  Steps steps;
  for (std::int64_t i = 1; i <= last; ++i) steps.push_back(i);
  return steps;
}

TEST(TrainRunTest, IsTheLoopOfStepAndValidate) {
  Trainer by_hand(Config(), SmallCorpus());
  Told expected;
  while (by_hand.steps_done() < 10) {
    TrainEvent event;
    event.step = by_hand.Step();
    if (by_hand.ValidationDue()) event.validation = by_hand.Validate();
    expected.Add(event);
  }
  Trainer trainer(Config(), SmallCorpus());
  Told told;
  EXPECT_EQ(trainer.Train(told.Listen()), TrainEnd::kDone);
  EXPECT_EQ(told, expected);
  EXPECT_EQ(told.steps, UpTo(10));
  EXPECT_EQ(told.validated, (Steps{3, 6, 9, 10}));
  EXPECT_EQ(trainer.Digest(), by_hand.Digest());
}

TEST(TrainRunTest, NeedsNoCallbackAndNoValidation) {
  Trainer trainer(WithoutValidation(), SmallCorpus());
  EXPECT_EQ(trainer.Train(), TrainEnd::kDone);
  EXPECT_EQ(trainer.Digest(),
            Train(WithoutValidation(), SmallCorpus(), 10).digest);
}

TEST(TrainRunTest, NothingIsLeftAfterTheLastStep) {
  for (const std::int64_t steps : {std::int64_t{0}, std::int64_t{3}}) {
    TrainConfig config = Config();
    config.num_steps = steps;
    Trainer trainer(config, SmallCorpus());
    trainer.Train();
    Told told;
    EXPECT_EQ(trainer.Train(told.Listen()), TrainEnd::kDone);
    EXPECT_EQ(told.steps, Steps{});
    EXPECT_EQ(trainer.steps_done(), steps);
  }
}

TEST(TrainRunTest, TheCallbackDecidesAfterEveryStep) {
  for (const std::int64_t last : UpTo(10)) {
    Trainer trainer(Config(), SmallCorpus());
    Told told;
    const TrainEnd end = trainer.Train([&](const TrainEvent& event) {
      told.Add(event);
      return event.step.step < last;
    });
    // Nothing is interrupted where nothing is left.
    EXPECT_EQ(end, last < 10 ? TrainEnd::kInterrupted : TrainEnd::kDone);
    EXPECT_EQ(told.steps, UpTo(last));
    EXPECT_EQ(trainer.steps_done(), last);
    EXPECT_FALSE(trainer.ValidationDue());
    // The rest gives what one call gives.
    EXPECT_EQ(trainer.Train(told.Listen()), TrainEnd::kDone);
    Trainer whole(Config(), SmallCorpus());
    Told expected;
    whole.Train(expected.Listen());
    EXPECT_EQ(told, expected) << last;
    EXPECT_EQ(trainer.Digest(), whole.Digest()) << last;
  }
}

TEST(TrainRunTest, StopsWhereValidationsFindNothingBetter) {
  TrainConfig config = Config();
  config.adam.learning_rate = 0;
  config.early_stop_patience = 2;
  Trainer trainer(config, SmallCorpus());
  Told told;
  EXPECT_EQ(trainer.Train(told.Listen()), TrainEnd::kStoppedEarly);
  EXPECT_EQ(told.validated, (Steps{3, 6, 9}));
  EXPECT_EQ(trainer.steps_done(), 9);
  EXPECT_EQ(trainer.Train(told.Listen()), TrainEnd::kStoppedEarly);
  EXPECT_EQ(trainer.steps_done(), 9);
}

TEST(TrainRunTest, WhatTheCallbackThrowsPassesThrough) {
  Trainer whole(Config(), SmallCorpus());
  whole.Train();
  for (const std::int64_t last : UpTo(10)) {
    Trainer trainer(Config(), SmallCorpus());
    const auto throwing = [&](const TrainEvent& event) {
      if (event.step.step == last) throw std::runtime_error("enough");
      return true;
    };
    EXPECT_THROW(trainer.Train(throwing), std::runtime_error);
    EXPECT_EQ(trainer.steps_done(), last);
    // The validation came before the callback and is not repeated.
    EXPECT_FALSE(trainer.ValidationDue());
    Told rest;
    EXPECT_EQ(trainer.Train(rest.Listen()), TrainEnd::kDone);
    EXPECT_EQ(rest.steps.size(), static_cast<std::size_t>(10 - last));
    EXPECT_EQ(trainer.validation().count, 4);
    EXPECT_EQ(trainer.Digest(), whole.Digest()) << last;
  }
}

// The embedding of "z", the last token, is not a number.
void SpoilZ(Trainer& trainer) {
  std::vector<float> values(4 * 16);
  trainer.model().GetTensor("wte", values);
  values.back() = std::nanf("");
  trainer.SetTensor("wte", values);
}

TEST(TrainRunTest, AStepThatThrowsIsNotTold) {
  TrainConfig config = WithoutValidation();
  config.batch_size = 1;
  config.shuffle = false;
  Trainer trainer(config, Corpus::FromText("ab\nba\nbz\n", "text"));
  SpoilZ(trainer);
  Told told;
  for (int attempt = 0; attempt < 2; ++attempt) {
    const Error error = ErrorOf([&] { trainer.Train(told.Listen()); });
    EXPECT_EQ(error.kind(), ErrorKind::kNumeric);
    EXPECT_TRUE(Mentions(error, "step 3")) << error.what();
    EXPECT_EQ(trainer.steps_done(), 2);
    EXPECT_EQ(told.steps, UpTo(2));
  }
}

// Only validation reads it.
Trainer WithSpoiledValidation() {
  const Corpus all = Corpus::FromText("ab\nz\n", "all");
  TrainConfig config = WithoutValidation();
  config.eval_every = 2;
  Trainer trainer(config, Corpus::FromText("ab\nba\n", "ab", all.tokenizer()),
                  Corpus::FromText("bz\n", "z", all.tokenizer()));
  SpoilZ(trainer);
  return trainer;
}

TEST(TrainRunTest, AStepWhoseValidationThrowsIsToldFirst) {
  Trainer trainer = WithSpoiledValidation();
  Told told;
  const Error error = ErrorOf([&] { trainer.Train(told.Listen()); });
  EXPECT_TRUE(Mentions(error, "validation after step 2")) << error.what();
  EXPECT_EQ(told.steps, UpTo(2));
  EXPECT_EQ(told.validated, Steps{});
  // What is due already is left to the caller.
  EXPECT_TRUE(trainer.ValidationDue());
  EXPECT_EQ(ErrorOf([&] { trainer.Train(told.Listen()); }).kind(),
            ErrorKind::kNumeric);
  EXPECT_EQ(told.steps, UpTo(4));
}

TEST(TrainRunTest, TheCallbackMaySave) {
  const TempFolder temp;
  const std::string path = temp.PathOf("run");
  Trainer trainer(Config(), SmallCorpus());
  {
    CheckpointFolder folder(path);
    trainer.Train([&](const TrainEvent& event) {
      if (event.step.step == 6) trainer.Save(folder, {});
      return true;
    });
  }
  Trainer resumed(Checkpoint::Open(path, CheckpointUse::kResume), SmallCorpus(),
                  {});
  Told told;
  EXPECT_EQ(resumed.Train(told.Listen()), TrainEnd::kDone);
  EXPECT_EQ(told.steps, (Steps{7, 8, 9, 10}));
  EXPECT_EQ(told.validated, (Steps{9, 10}));
  EXPECT_EQ(resumed.Digest(), trainer.Digest());
}

}  // namespace
}  // namespace microgpt
