// One digest and one sequence of losses for all threads, executors and SIMD
// targets.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "tests/train/train_util.h"
#include "train/gradient_shards.h"
#include "train/thread_plan.h"

namespace microgpt {
namespace {

constexpr int kSteps = 4;

struct RunShape {
  std::string name;
  ModelConfig model;
  int batch_size = 1;
  // What the thread plan makes of it with several threads.
  std::size_t shards = 1;
  bool parallel_shards = false;
  bool parallel_update = false;
  bool parallel_packs = false;
};

// Names are too short for products that are worth cutting.
Corpus CorpusFor(const RunShape& shape) {
  return shape.parallel_packs ? LongAndShortDocuments(150) : SmallCorpus();
}

std::vector<RunShape> AllShapes() {
  const auto model = [](int block_size, int n_embd, int n_layer, int n_head) {
    return ModelConfig{27,      block_size, n_embd,
                       n_layer, n_head,     Activation::kRelu2};
  };
  return {
      {"default, batch 1", model(16, 16, 1, 4), 1, 1, false, false},
      {"batch 3", model(16, 16, 1, 4), 3, 3, false, false},
      {"batch 128", model(16, 16, 1, 4), 128, 16, true, false},
      {"odd shards", model(16, 16, 1, 4), 200, 25, true, false},
      {"uneven shards", model(16, 16, 2, 2), 150, 19, true, false},
      {"odd sizes", model(12, 20, 3, 5), 11, 8, true, false},
      {"wide", model(8, 64, 3, 4), 13, 8, true, true},
      {"deep, batch 1", model(8, 64, 7, 1), 1, 1, false, true},
      {"one document on all threads", model(64, 128, 2, 4), 1, 1, false, true,
       true},
      {"fewer shards than threads", model(100, 128, 1, 8), 2, 2, false, true,
       true},
  };
}

TrainConfig ConfigOf(const RunShape& shape, int threads, ExecutorKind kind) {
  TrainConfig config;
  config.model = shape.model;
  config.batch_size = shape.batch_size;
  config.num_steps = 2 * kSteps;
  config.init_std = 0.1;
  config.threads = threads;
  config.executor = kind;
  return config;
}

// Uses the target while it lives, then the one that was used before.
class UseTarget {
 public:
  explicit UseTarget(const std::string& name) : before_(SimdTarget()) {
    SetSimdTarget(name);
  }
  ~UseTarget() { SetSimdTarget(before_); }
  UseTarget(const UseTarget&) = delete;
  UseTarget& operator=(const UseTarget&) = delete;

 private:
  std::string before_;
};

Outcome Reference(const RunShape& shape) {
  return Train(ConfigOf(shape, 1, ExecutorKind::kStdThread), CorpusFor(shape),
               kSteps);
}

TEST(DeterminismTest, ShapesReachEveryParallelPath) {
  for (const RunShape& shape : AllShapes()) {
    SCOPED_TRACE(shape.name);
    const ShardPlan shards(static_cast<std::size_t>(shape.batch_size),
                           static_cast<std::size_t>(shape.model.block_size), 0);
    EXPECT_EQ(shards.count(), shape.shards);
    const ThreadPlan plan =
        PlanThreads(ConfigOf(shape, 3, ExecutorKind::kDefault), shards.count());
    EXPECT_EQ(plan.parallel_shards, shape.parallel_shards);
    EXPECT_EQ(plan.parallel_update, shape.parallel_update);
    EXPECT_EQ(plan.parallel_packs, shape.parallel_packs);
  }
}

TEST(DeterminismTest, ThreadsAndExecutorsChangeNothing) {
  for (const RunShape& shape : AllShapes()) {
    const Outcome expected = Reference(shape);
    for (const ExecutorKind kind : ExecutorKinds()) {
      for (const int threads : {1, 2, 3, 5, 8, 16}) {
        SCOPED_TRACE(shape.name + ", threads " + std::to_string(threads));
        const Outcome outcome =
            Train(ConfigOf(shape, threads, kind), CorpusFor(shape), kSteps);
        EXPECT_EQ(outcome.losses, expected.losses);
        EXPECT_EQ(outcome.digest, expected.digest);
      }
    }
  }
}

TEST(DeterminismTest, SimdTargetsChangeNothing) {
  constexpr int kFewSteps = 2;  // emulated vectors are slow
  for (const RunShape& shape : AllShapes()) {
    const TrainConfig config = ConfigOf(shape, 3, ExecutorKind::kDefault);
    const Outcome expected = Train(config, CorpusFor(shape), kFewSteps);
    for (const std::string& target : SimdTargets()) {
      SCOPED_TRACE(shape.name + ", " + target);
      const UseTarget use(target);
      const Outcome outcome = Train(config, CorpusFor(shape), kFewSteps);
      EXPECT_EQ(outcome.losses, expected.losses);
      EXPECT_EQ(outcome.digest, expected.digest);
    }
  }
}

TEST(DeterminismTest, TheTargetMayChangeBetweenSteps) {
  const RunShape shape = AllShapes()[3];
  const Outcome expected = Reference(shape);
  Trainer trainer(ConfigOf(shape, 2, ExecutorKind::kDefault), SmallCorpus());
  const std::vector<std::string> targets = SimdTargets();
  for (std::size_t i = 0; i < kSteps; ++i) {
    const UseTarget use(targets[i % targets.size()]);
    EXPECT_EQ(trainer.Step().loss, expected.losses[i]);
  }
  EXPECT_EQ(trainer.Digest(), expected.digest);
}

TEST(DeterminismTest, EverythingElseChangesTheDigest) {
  const RunShape base = AllShapes()[1];
  std::set<std::string> digests;
  const auto add = [&](const auto& change) {
    TrainConfig config = ConfigOf(base, 1, ExecutorKind::kDefault);
    change(config);
    digests.insert(Train(config, SmallCorpus(), 2).digest);
  };
  add([](TrainConfig&) {});
  add([](TrainConfig& c) { c.seed = 43; });
  add([](TrainConfig& c) { c.shuffle = false; });
  add([](TrainConfig& c) { c.batch_size = 4; });
  add([](TrainConfig& c) { c.num_steps = 100; });
  add([](TrainConfig& c) { c.init_std = 0.11; });
  add([](TrainConfig& c) { c.model.activation = Activation::kRelu; });
  add([](TrainConfig& c) { c.model.n_head = 2; });
  add([](TrainConfig& c) { c.model.n_layer = 2; });
  add([](TrainConfig& c) { c.model.block_size = 15; });
  add([](TrainConfig& c) { c.adam.learning_rate = 0.02; });
  add([](TrainConfig& c) { c.adam.beta1 = 0.8; });
  add([](TrainConfig& c) { c.adam.beta2 = 0.9; });
  add([](TrainConfig& c) { c.adam.eps = 1e-4; });
  EXPECT_EQ(digests.size(), 14u);
}

}  // namespace
}  // namespace microgpt
