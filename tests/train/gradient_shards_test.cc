// The cut of a batch, and the sum of its shards bit for bit in any order.
#include "train/gradient_shards.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <numeric>
#include <set>
#include <vector>

#include "base/random.h"
#include "tests/train/train_util.h"
#include "train/executor.h"
#include "train/thread_plan.h"

namespace microgpt {
namespace {

using Floats = std::vector<float>;

constexpr std::size_t kSmallArena = 5000;

TEST(ShardPlanTest, CoversTheBatchExactly) {
  for (const std::size_t block : {1u, 2u, 8u, 16u, 63u, 64u, 65u, 1024u}) {
    for (std::size_t batch = 1; batch <= 600; ++batch) {
      const ShardPlan plan(batch, block, kSmallArena);
      ASSERT_GE(plan.count(), 1u);
      ASSERT_LE(plan.count(), batch);
      ASSERT_EQ(plan.Begin(0), 0u);
      ASSERT_EQ(plan.Begin(plan.count()), batch);
      std::size_t largest = 0;
      for (std::size_t i = 0; i < plan.count(); ++i) {
        ASSERT_LT(plan.Begin(i), plan.Begin(i + 1));
        largest = std::max(largest, plan.Begin(i + 1) - plan.Begin(i));
      }
      ASSERT_EQ(plan.max_documents(), largest);
    }
  }
}

// The digest depends on these numbers: they change only with a new format.
TEST(ShardPlanTest, CountsAreFixed) {
  EXPECT_EQ(ShardPlan(1, 8, kSmallArena).count(), 1u);
  EXPECT_EQ(ShardPlan(7, 16, kSmallArena).count(), 7u);
  EXPECT_EQ(ShardPlan(32, 16, kSmallArena).count(), 8u);
  EXPECT_EQ(ShardPlan(64, 16, kSmallArena).count(), 8u);
  EXPECT_EQ(ShardPlan(100, 16, kSmallArena).count(), 13u);
  EXPECT_EQ(ShardPlan(256, 16, kSmallArena).count(), 32u);
  EXPECT_EQ(ShardPlan(64, 1024, kSmallArena).count(), 64u);
}

// Gradients beyond 64 MiB are written for a thousand positions or more.
TEST(ShardPlanTest, LargeGradientsHaveFewShards) {
  constexpr std::size_t kLargeArena = (std::size_t{16} << 20) + 16;
  EXPECT_EQ(ShardPlan(1, 1024, kLargeArena).count(), 1u);
  EXPECT_EQ(ShardPlan(2, 1024, kLargeArena).count(), 2u);
  EXPECT_EQ(ShardPlan(4, 256, kLargeArena).count(), 1u);
  EXPECT_EQ(ShardPlan(12, 256, kLargeArena).count(), 3u);
  EXPECT_EQ(ShardPlan(100, 16, kLargeArena).count(), 1u);
  EXPECT_EQ(ShardPlan(64, 1024, kLargeArena).count(), 8u);
  EXPECT_EQ(ShardPlan(1000, 1, kLargeArena).count(), 1u);
  EXPECT_EQ(ShardPlan(64, 1024, kLargeArena - 16).count(), 64u);
  for (std::size_t batch = 1; batch <= 100; ++batch) {
    for (const std::size_t passes : {1u, 2u, 8u}) {
      const std::size_t shards = ShardPlan(batch, 512, kLargeArena).count();
      EXPECT_LE(LiveGradientBuffers(shards, passes, kLargeArena), passes + 3);
    }
  }
}

TEST(ShardPlanTest, PlanningThreadsLeavesTheShardsAlone) {
  TrainConfig config;
  config.model.vocab_size = 27;
  config.model.block_size = 16;
  config.batch_size = 100;
  for (config.threads = 1; config.threads <= 64; ++config.threads) {
    const ThreadPlan plan = PlanThreads(config, 25);
    EXPECT_GE(plan.workers, 1);
    EXPECT_LE(plan.workers, config.threads);
    EXPECT_LE(plan.workers, 25);
    EXPECT_LE(LiveGradientBuffers(25, plan.passes(), kSmallArena), 25u);
  }
}

// Level by level, neighbours first; the last without a partner moves up.
Floats PairwiseSum(std::vector<Floats> level) {
  while (level.size() > 1) {
    std::vector<Floats> next;
    for (std::size_t i = 0; i < level.size(); i += 2) {
      next.push_back(level[i]);
      if (i + 1 == level.size()) break;
      for (std::size_t k = 0; k < next.back().size(); ++k) {
        next.back()[k] += level[i + 1][k];
      }
    }
    level = std::move(next);
  }
  return level[0];
}

// A small model's arena, shards of random numbers of very different size.
class GradientTreeTest : public testing::Test {
 protected:
  GradientTreeTest() : layout_({5, 2, 4, 1, 2, Activation::kRelu2}) {}

  std::vector<Floats> RandomShards(std::size_t shards) {
    std::vector<Floats> values(shards, Floats(layout_.size()));
    for (Floats& shard : values) {
      for (float& x : shard) {
        x = static_cast<float>(random_.Gauss(1) *
                               std::exp2(10 * random_.Uniform()));
      }
    }
    return values;
  }

  std::vector<std::size_t> RandomOrder(std::size_t count) {
    std::vector<std::size_t> order(count);
    std::iota(order.begin(), order.end(), 0u);
    for (std::size_t i = count; i > 1; --i) {
      std::swap(order[i - 1], order[random_.Index(i)]);
    }
    return order;
  }

  static void FinishShard(GradientPool& pool, GradientTree& tree,
                          const Floats& values, std::size_t shard) {
    GradientBuffer* buffer = pool.Acquire();
    std::copy(values.begin(), values.end(), buffer->data());
    static const std::unique_ptr<Executor> serial =
        MakeExecutor(ExecutorKind::kDefault, 1);
    tree.Finish(shard, buffer, *serial);
  }

  // Adds up the roots in pieces, as several threads would.
  Floats Total(GradientTree& tree) const {
    for (std::size_t i = 0; i < layout_.size(); i += 16) {
      tree.SumRoots(i, i + 16);
    }
    const float* sum = tree.root(0)->data();
    return Floats(sum, sum + layout_.size());
  }

  static void ExpectSameBits(const Floats& a, const Floats& b) {
    ASSERT_EQ(a.size(), b.size());
    EXPECT_EQ(std::memcmp(a.data(), b.data(), a.size() * sizeof(float)), 0);
  }

  ParameterLayout layout_;
  Random random_{17};
};

TEST_F(GradientTreeTest, AnyFinishingOrderGivesThePairwiseSum) {
  for (std::size_t shards = 1; shards <= 40; ++shards) {
    GradientPool pool(layout_, 0);
    GradientTree tree(shards, pool);
    EXPECT_LE(tree.num_roots(), GradientTree::kMaxRoots);
    for (int repeat = 0; repeat < 12; ++repeat) {
      SCOPED_TRACE(shards);
      const std::vector<Floats> values = RandomShards(shards);
      for (const std::size_t shard : RandomOrder(shards)) {
        FinishShard(pool, tree, values[shard], shard);
      }
      ExpectSameBits(Total(tree), PairwiseSum(values));
      tree.ReleaseAll();
    }
  }
}

TEST_F(GradientTreeTest, ThreadsFinishingTogetherGiveThePairwiseSum) {
  for (const ExecutorKind kind : ExecutorKinds()) {
    const std::unique_ptr<Executor> executor = MakeExecutor(kind, 8);
    for (const std::size_t shards : {2u, 5u, 8u, 25u, 33u, 40u}) {
      GradientPool pool(layout_,
                        LiveGradientBuffers(shards, 8, layout_.size()));
      GradientTree tree(shards, pool);
      for (int repeat = 0; repeat < 20; ++repeat) {
        const std::vector<Floats> values = RandomShards(shards);
        executor->ForEach(shards, [&](int, std::size_t shard) {
          FinishShard(pool, tree, values[shard], shard);
        });
        ExpectSameBits(Total(tree), PairwiseSum(values));
        tree.ReleaseAll();
      }
    }
  }
}

// All `count` buffers of a pool; it makes new ones where some are out.
std::set<GradientBuffer*> TakeAll(GradientPool& pool, std::size_t count) {
  std::set<GradientBuffer*> buffers;
  for (std::size_t i = 0; i < count; ++i) buffers.insert(pool.Acquire());
  for (GradientBuffer* buffer : buffers) pool.Release(buffer);
  return buffers;
}

TEST_F(GradientTreeTest, AllBuffersComeBack) {
  for (std::size_t shards = 1; shards <= 40; ++shards) {
    GradientPool pool(layout_, shards);
    const std::set<GradientBuffer*> all = TakeAll(pool, shards);
    ASSERT_EQ(all.size(), shards);
    GradientTree tree(shards, pool);
    const std::vector<Floats> values = RandomShards(shards);
    // Whole steps, and steps that end after some of the shards.
    for (std::size_t finished = 0; finished <= shards; ++finished) {
      const std::vector<std::size_t> order = RandomOrder(shards);
      for (std::size_t i = 0; i < finished; ++i) {
        FinishShard(pool, tree, values[order[i]], order[i]);
      }
      tree.ReleaseAll();
      ASSERT_EQ(TakeAll(pool, shards), all) << finished << " of " << shards;
    }
    // And the tree is as new.
    for (const std::size_t shard : RandomOrder(shards)) {
      FinishShard(pool, tree, values[shard], shard);
    }
    ExpectSameBits(Total(tree), PairwiseSum(values));
  }
}

TEST_F(GradientTreeTest, FinishedNeighboursGiveTheirBuffersBackEarly) {
  GradientPool pool(layout_, 8);
  const std::set<GradientBuffer*> all = TakeAll(pool, 8);
  GradientTree tree(64, pool);
  const std::vector<Floats> values = RandomShards(64);
  for (std::size_t shard = 0; shard < 64; ++shard) {
    FinishShard(pool, tree, values[shard], shard);
  }
  tree.ReleaseAll();
  EXPECT_EQ(TakeAll(pool, 8), all);  // no ninth was ever needed
}

TEST_F(GradientTreeTest, ThePoolReusesBuffersAndStartsAtZero) {
  GradientPool pool(layout_, 1);
  GradientBuffer* first = pool.Acquire();
  GradientBuffer* second = pool.Acquire();
  EXPECT_NE(first, second);
  for (std::size_t i = 0; i < layout_.size(); ++i) {
    ASSERT_EQ(first->data()[i], 0.0f);
    ASSERT_EQ(second->data()[i], 0.0f);
  }
  pool.Release(second);
  EXPECT_EQ(pool.Acquire(), second);
}

TEST(GradientPoolTest, KeepsBuffersOfEmbeddingsApart) {
  ModelConfig model;
  model.vocab_size = 27;
  const ParameterLayout layout(model);
  GradientPool pool(layout, 1, 1);
  GradientBuffer* const embeddings = pool.Acquire(ArenaPart::kEmbeddings);
  GradientBuffer* const all = pool.Acquire();
  EXPECT_EQ(all->size(), layout.size());
  EXPECT_EQ(embeddings->size(), layout.tensors()[2].offset);
  EXPECT_EQ(embeddings->tensors().lm_head.data, nullptr);
  pool.Release(all);
  pool.Release(embeddings);
  EXPECT_EQ(pool.Acquire(), all);
  EXPECT_NE(pool.Acquire(), embeddings);
  EXPECT_EQ(pool.Acquire(ArenaPart::kEmbeddings), embeddings);
}

}  // namespace
}  // namespace microgpt
