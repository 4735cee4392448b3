// The promises of the loops, for every executor of this build.
#include "train/executor.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <new>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/base/error_of.h"
#include "tests/train/train_util.h"

namespace microgpt {
namespace {

// The two loops that executors have; most promises hold for both.
using Loop = void (Executor::*)(std::size_t, LoopBody);
constexpr Loop kLoops[] = {&Executor::ForEach, &Executor::ForEachWithAffinity};

// Calls check(executor) for every kind and several numbers of workers.
template <typename Check>
void ForAllExecutors(Check check) {
  for (const ExecutorKind kind : ExecutorKinds()) {
    for (const int workers : {1, 2, 3, 8, 16}) {
      SCOPED_TRACE("kind " + std::to_string(static_cast<int>(kind)) +
                   ", workers " + std::to_string(workers));
      const std::unique_ptr<Executor> executor = MakeExecutor(kind, workers);
      ASSERT_EQ(executor->num_workers(), workers);
      check(*executor);
    }
  }
}

void ExpectEveryIndexOnce(Executor& executor, std::size_t count) {
  for (const Loop loop : kLoops) {
    std::vector<std::atomic<int>> calls(count);
    (executor.*loop)(count, [&](int, std::size_t i) { ++calls[i]; });
    for (const std::atomic<int>& call : calls) ASSERT_EQ(call, 1);
  }
}

TEST(ExecutorTest, EveryIndexExactlyOnce) {
  ForAllExecutors([](Executor& executor) {
    for (const std::size_t count :
         {0u, 1u, 2u, 3u, 7u, 16u, 17u, 100u, 3000u}) {
      ExpectEveryIndexOnce(executor, count);
    }
  });
}

TEST(ExecutorTest, ManyLoopsInARow) {
  ForAllExecutors([](Executor& executor) {
    for (int i = 0; i < 300; ++i) ExpectEveryIndexOnce(executor, 5);
  });
}

// Whether as many bodies run at the same time as there are workers.
bool AllRunAtOnce(Executor& executor) {
  const auto deadline =
      std::chrono::steady_clock::now() + std::chrono::seconds(60);
  std::atomic<int> arrived = 0;
  executor.ForEach(static_cast<std::size_t>(executor.num_workers()),
                   [&](int, std::size_t) {
                     ++arrived;
                     while (arrived < executor.num_workers() &&
                            std::chrono::steady_clock::now() < deadline) {
                       std::this_thread::yield();
                     }
                   });
  return std::chrono::steady_clock::now() < deadline;
}

TEST(ExecutorTest, OneDoesNotTakeThreadsFromAnother) {
  for (const ExecutorKind kind : ExecutorKinds()) {
    const std::unique_ptr<Executor> small = MakeExecutor(kind, 2);
    const std::unique_ptr<Executor> large = MakeExecutor(kind, 6);
    const std::unique_ptr<Executor> medium = MakeExecutor(kind, 3);
    for (Executor* executor : {large.get(), small.get(), medium.get()}) {
      EXPECT_TRUE(AllRunAtOnce(*executor)) << executor->num_workers();
    }
  }
}

TEST(ExecutorTest, TheCallerIsWorkerZero) {
  ForAllExecutors([](Executor& executor) {
    const std::thread::id caller = std::this_thread::get_id();
    for (int i = 0; i < 20; ++i) {
      for (const Loop loop : kLoops) {
        (executor.*loop)(50, [&](int worker, std::size_t) {
          EXPECT_EQ(worker == 0, std::this_thread::get_id() == caller);
        });
      }
    }
  });
}

TEST(ExecutorTest, OneWorkerGoesInOrder) {
  for (const ExecutorKind kind : ExecutorKinds()) {
    const std::unique_ptr<Executor> executor = MakeExecutor(kind, 1);
    for (const Loop loop : kLoops) {
      std::vector<std::size_t> order;
      (executor.get()->*loop)(100, [&](int worker, std::size_t i) {
        EXPECT_EQ(worker, 0);
        order.push_back(i);
      });
      ASSERT_EQ(order.size(), 100u);
      for (std::size_t i = 0; i < order.size(); ++i) EXPECT_EQ(order[i], i);
    }
  }
}

TEST(ExecutorTest, EachWorkerGoesInOrder) {
  ForAllExecutors([](Executor& executor) {
    const auto workers = static_cast<std::size_t>(executor.num_workers());
    std::vector<std::vector<std::size_t>> seen(workers);
    executor.ForEach(500, [&](int worker, std::size_t i) {
      seen[static_cast<std::size_t>(worker)].push_back(i);
    });
    for (const auto& indices : seen) {
      EXPECT_TRUE(std::is_sorted(indices.begin(), indices.end()));
    }
  });
}

// No part is finished before all workers have begun theirs, so that nobody
// helps yet.
TEST(ExecutorTest, WithAffinityEveryWorkerBeginsWithItsPart) {
  ForAllExecutors([](Executor& executor) {
    const auto workers = static_cast<std::size_t>(executor.num_workers());
    const std::size_t count = 5 * workers + workers / 2;
    for (int repeat = 0; repeat < 10; ++repeat) {
      const auto deadline =
          std::chrono::steady_clock::now() + std::chrono::seconds(60);
      std::atomic<std::size_t> arrived = 0;
      std::vector<std::vector<std::size_t>> seen(workers);
      executor.ForEachWithAffinity(count, [&](int worker, std::size_t i) {
        auto& indices = seen[static_cast<std::size_t>(worker)];
        indices.push_back(i);
        if (indices.size() > 1) return;
        ++arrived;
        while (arrived < workers &&
               std::chrono::steady_clock::now() < deadline) {
          std::this_thread::yield();
        }
      });
      ASSERT_EQ(arrived, workers);
      for (std::size_t w = 0; w < workers; ++w) {
        const std::size_t begin = count * w / workers;
        const std::size_t end = count * (w + 1) / workers;
        std::size_t next = begin;  // of its own part, in order
        bool helping = false;
        for (const std::size_t i : seen[w]) {
          const bool own = begin <= i && i < end;
          ASSERT_FALSE(own && helping) << "worker " << w << ", index " << i;
          if (own) {
            ASSERT_EQ(i, next++) << "worker " << w;
          }
          helping = !own;
        }
        ASSERT_GT(next, begin) << "worker " << w;
      }
    }
  });
}

// Worker 0 stays with its first index until all others are done.
TEST(ExecutorTest, WithAffinityOthersHelpFromTheEnd) {
  ForAllExecutors([](Executor& executor) {
    if (executor.num_workers() == 1) return;
    constexpr std::size_t kEach = 6;
    const auto workers = static_cast<std::size_t>(executor.num_workers());
    const std::size_t count = kEach * workers;
    const auto deadline =
        std::chrono::steady_clock::now() + std::chrono::seconds(60);
    std::atomic<bool> begun = false;
    std::atomic<std::size_t> done = 0;
    std::vector<std::vector<std::size_t>> helped(workers);  // of its part
    executor.ForEachWithAffinity(count, [&](int worker, std::size_t i) {
      if (worker == 0) begun = true;
      while ((worker == 0 ? done + 1 < count : !begun) &&
             std::chrono::steady_clock::now() < deadline) {
        std::this_thread::yield();
      }
      if (i < kEach) helped[static_cast<std::size_t>(worker)].push_back(i);
      ++done;
    });
    ASSERT_LT(std::chrono::steady_clock::now(), deadline);
    EXPECT_EQ(helped[0], std::vector<std::size_t>{0});
    for (std::size_t w = 1; w < workers; ++w) {
      EXPECT_TRUE(std::is_sorted(helped[w].rbegin(), helped[w].rend()));
    }
  });
}

TEST(ExecutorTest, ConcurrentCallsHaveDifferentWorkers) {
  ForAllExecutors([](Executor& executor) {
    for (const Loop loop : kLoops) {
      const auto workers = static_cast<std::size_t>(executor.num_workers());
      std::vector<std::atomic<int>> busy(workers);
      std::atomic<int> clashes{0};
      (executor.*loop)(200, [&](int worker, std::size_t) {
        const auto w = static_cast<std::size_t>(worker);
        if (w >= workers || busy[w]++ != 0) ++clashes;
        std::this_thread::yield();
        --busy[w];
      });
      EXPECT_EQ(clashes, 0);
    }
  });
}

// What a loop throws if every index of `bad` throws its own number.
std::string ThrownBy(Executor& executor, Loop loop, std::size_t count,
                     const std::set<std::size_t>& bad) {
  try {
    (executor.*loop)(count, [&](int, std::size_t i) {
      if (bad.contains(i)) throw std::runtime_error(std::to_string(i));
    });
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "nothing";
}

TEST(ExecutorTest, AThrowInAnyIndexArrivesAndLeavesTheExecutorUsable) {
  ForAllExecutors([](Executor& executor) {
    for (std::size_t k = 0; k < 40; ++k) {
      for (const Loop loop : kLoops) {
        ASSERT_EQ(ThrownBy(executor, loop, 40, {k}), std::to_string(k));
      }
      ExpectEveryIndexOnce(executor, 40);
    }
  });
}

TEST(ExecutorTest, TheLowestOfSeveralThrowsWins) {
  ForAllExecutors([](Executor& executor) {
    for (std::size_t k = 0; k < 30; ++k) {
      for (const std::size_t step : {1u, 2u, 5u}) {
        std::set<std::size_t> bad;
        for (std::size_t i = k; i < 40; i += step) bad.insert(i);
        for (const Loop loop : kLoops) {
          ASSERT_EQ(ThrownBy(executor, loop, 40, bad), std::to_string(k));
        }
      }
    }
    ExpectEveryIndexOnce(executor, 40);
  });
}

TEST(ExecutorTest, ALateThrowOfALowerIndexWins) {
  for (const ExecutorKind kind : ExecutorKinds()) {
    const std::unique_ptr<Executor> executor = MakeExecutor(kind, 2);
    for (int repeat = 0; repeat < 50; ++repeat) {
      std::atomic<bool> higher_threw{false};
      std::atomic<int> begun{0};
      const auto body = [&](int, std::size_t i) {
        ++begun;
        if (i == 1) {
          higher_threw = true;
          throw std::runtime_error("1");
        }
        // With a single thread doing all the work index 1 never comes first.
        for (int spin = 0; i == 0 && !higher_threw && spin < 1000; ++spin) {
          std::this_thread::yield();
        }
        if (i == 0) throw std::runtime_error("0");
      };
      try {
        executor->ForEach(2, body);
        ADD_FAILURE() << "nothing was thrown";
      } catch (const std::runtime_error& error) {
        EXPECT_STREQ(error.what(), "0");
      }
      EXPECT_GE(begun, 1);
    }
  }
}

TEST(ExecutorTest, NothingIsBegunFarBeyondAThrow) {
  for (const ExecutorKind kind : ExecutorKinds()) {
    const std::unique_ptr<Executor> executor = MakeExecutor(kind, 1);
    std::size_t begun = 0;
    EXPECT_THROW(executor->ForEach(1000,
                                   [&](int, std::size_t i) {
                                     ++begun;
                                     if (i == 10) throw std::bad_alloc();
                                   }),
                 std::bad_alloc);
    EXPECT_EQ(begun, 11u);
  }
}

TEST(ExecutorTest, IndicesBelowAThrowAllRun) {
  ForAllExecutors([](Executor& executor) {
    for (const Loop loop : kLoops) {
      std::vector<std::atomic<int>> calls(60);
      EXPECT_THROW((executor.*loop)(calls.size(),
                                    [&](int, std::size_t i) {
                                      ++calls[i];
                                      if (i == 40) throw std::bad_alloc();
                                    }),
                   std::bad_alloc);
      for (std::size_t i = 0; i <= 40; ++i) ASSERT_EQ(calls[i], 1);
      for (std::size_t i = 41; i < calls.size(); ++i) ASSERT_LE(calls[i], 1);
    }
  });
}

TEST(ExecutorTest, SeveralExecutorsLiveSideBySide) {
  std::vector<std::unique_ptr<Executor>> executors;
  for (const ExecutorKind kind : ExecutorKinds()) {
    for (int i = 0; i < 3; ++i) executors.push_back(MakeExecutor(kind, 4));
  }
  for (auto& executor : executors) ExpectEveryIndexOnce(*executor, 50);
}

TEST(ExecutorTest, DefaultKindIsBuiltIn) {
  ExpectEveryIndexOnce(*MakeExecutor(ExecutorKind::kDefault, 3), 50);
}

// Whether or not oneTBB was built in: it runs, or says that it is missing.
TEST(ExecutorTest, MissingKindsAreReported) {
  for (const int workers : {1, 2}) {
    if (ExecutorKinds().size() == 2) {
      EXPECT_EQ(MakeExecutor(ExecutorKind::kTbb, workers)->num_workers(),
                workers);
    } else {
      const Error error =
          ErrorOf([&] { MakeExecutor(ExecutorKind::kTbb, workers); });
      EXPECT_EQ(error.kind(), ErrorKind::kUsage);
    }
  }
}

}  // namespace
}  // namespace microgpt
