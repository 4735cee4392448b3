// Trainers of one process share nothing that changes results: each gives the
// digest that it gives alone.
#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <exception>
#include <string>
#include <thread>
#include <vector>

#include "microgpt/generator.h"
#include "tests/train/train_util.h"

namespace microgpt {
namespace {

// Everything that a user does with a run.
struct Results {
  std::vector<double> losses;
  std::string digest;
  double evaluation = 0;
  std::vector<std::string> samples;

  bool operator==(const Results&) const = default;
};

Results RunAll(const TrainConfig& config) {
  Results results;
  Trainer trainer(config, SmallCorpus());
  trainer.Train([&](const TrainEvent& event) {
    results.losses.push_back(event.step.loss);
    if (event.validation) {
      results.losses.push_back(event.validation->evaluation.loss);
    }
    return true;
  });
  results.digest = trainer.Digest();
  results.evaluation =
      Evaluate(trainer.model(), trainer.corpus(),
               {.threads = config.threads, .executor = config.executor})
          .loss;
  SampleOptions options;
  options.threads = config.threads;
  options.executor = config.executor;
  results.samples =
      Generate(trainer.model(), trainer.corpus().tokenizer(), options);
  return results;
}

// Of every shape of step: one document, packs, and all threads on one pack.
TrainConfig Config(std::size_t i, ExecutorKind kind) {
  TrainConfig config;
  config.num_steps = 15;
  config.eval_every = 5;
  config.data.val_split = 0.1;
  config.seed = 1 + i;
  config.executor = kind;
  config.model.n_embd = std::array{16, 32, 64}[i % 3];
  config.batch_size = std::array{1, 24, 48}[i % 3];
  config.threads = std::array{3, 2, 5}[i % 3];
  return config;
}

// The results of as many runs as there are configurations, all at once.
std::vector<Results> RunTogether(const std::vector<TrainConfig>& configs) {
  std::vector<Results> results(configs.size());
  std::vector<std::exception_ptr> failures(configs.size());
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < configs.size(); ++i) {
    threads.emplace_back([&, i] {
      try {
        results[i] = RunAll(configs[i]);
      } catch (...) {
        failures[i] = std::current_exception();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::exception_ptr& failure : failures) {
    if (failure != nullptr) std::rethrow_exception(failure);
  }
  return results;
}

// First, so that threads of the first trainers meet all that is set up once.
TEST(SideBySideTest, EachGivesWhatItGivesAlone) {
  for (const ExecutorKind kind : ExecutorKinds()) {
    std::vector<TrainConfig> configs;
    for (std::size_t i = 0; i < 3; ++i) configs.push_back(Config(i, kind));
    const std::vector<Results> together = RunTogether(configs);
    for (std::size_t i = 0; i < configs.size(); ++i) {
      const Results alone = RunAll(configs[i]);
      EXPECT_EQ(together[i], alone) << i;
      EXPECT_EQ(alone.losses.size(), 18u);
    }
  }
}

// Steps of both in turns on one thread.
TEST(SideBySideTest, StepsInTurns) {
  for (const ExecutorKind kind : ExecutorKinds()) {
    const TrainConfig a = Config(1, kind);
    const TrainConfig b = Config(2, kind);
    Trainer first(a, SmallCorpus());
    Trainer second(b, SmallCorpus());
    for (int i = 0; i < 10; ++i) {
      first.Step();
      second.Step();
    }
    Trainer first_alone(a, SmallCorpus());
    for (int i = 0; i < 10; ++i) first_alone.Step();
    Trainer second_alone(b, SmallCorpus());
    for (int i = 0; i < 10; ++i) second_alone.Step();
    EXPECT_EQ(first.Digest(), first_alone.Digest());
    EXPECT_EQ(second.Digest(), second_alone.Digest());
  }
}

// One Trainer within a callback of another, on the same thread.
TEST(SideBySideTest, ATrainerWithinTheCallbackOfAnother) {
  for (const ExecutorKind kind : ExecutorKinds()) {
    TrainConfig outer = Config(1, kind);
    outer.num_steps = 3;
    const TrainConfig inner = Config(0, kind);
    const Results expected = RunAll(inner);
    Trainer trainer(outer, SmallCorpus());
    trainer.Train([&](const TrainEvent& /*event*/) {
      EXPECT_EQ(RunAll(inner), expected);
      return true;
    });
    EXPECT_EQ(trainer.Digest(), RunAll(outer).digest);
  }
}

}  // namespace
}  // namespace microgpt
