// What the process may use, and the choice of SIMD target.
#include "microgpt/system.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <set>
#include <string>
#include <thread>

#include "microgpt/config.h"
#include "tests/base/error_of.h"

namespace microgpt {
namespace {

TEST(SystemTest, BudgetIsPlausible) {
  const CpuBudget budget = GetCpuBudget();
  EXPECT_GE(budget.logical_cpus, 1);
  EXPECT_GE(budget.physical_cores, 1);
  EXPECT_LE(budget.physical_cores, budget.logical_cpus);
  if (budget.quota) {
    EXPECT_GT(*budget.quota, 0);
  }
}

TEST(SystemTest, DefaultThreadsStayWithinTheBudget) {
  const CpuBudget budget = GetCpuBudget();
  EXPECT_GE(DefaultThreads(), 1);
  EXPECT_LE(DefaultThreads(), budget.logical_cpus);
  EXPECT_LE(DefaultThreads(), kMaxThreads);
}

TEST(SystemTest, OneCpuInTheAffinityMaskMeansOneThread) {
  // In a thread of its own: the mask belongs to a thread.
  std::thread([] {
    cpu_set_t allowed;
    CPU_ZERO(&allowed);
    ASSERT_EQ(sched_getaffinity(0, sizeof(allowed), &allowed), 0);
    for (unsigned cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
      if (!CPU_ISSET(cpu, &allowed)) continue;
      cpu_set_t one;
      CPU_ZERO(&one);
      CPU_SET(cpu, &one);
      ASSERT_EQ(sched_setaffinity(0, sizeof(one), &one), 0);
      EXPECT_EQ(DefaultThreads(), 1);
      EXPECT_EQ(GetCpuBudget().logical_cpus, 1);
      EXPECT_EQ(GetCpuBudget().physical_cores, 1);
    }
  }).join();
}

TEST(SystemTest, AvailableMemoryIsKnownOnLinux) {
  const std::optional<std::uint64_t> bytes = AvailableMemoryBytes();
  ASSERT_TRUE(bytes.has_value());
  EXPECT_GT(*bytes, 0u);
}

TEST(SystemTest, TargetsCanBeChosen) {
  const std::string before = SimdTarget();
  const std::vector<std::string> targets = SimdTargets();
  ASSERT_FALSE(targets.empty());
  EXPECT_EQ(std::set(targets.begin(), targets.end()).size(), targets.size());
  for (const std::string& target : targets) {
    SetSimdTarget(target);
    EXPECT_EQ(SimdTarget(), target);
  }
  SetSimdTarget(before);
}

TEST(SystemTest, UnknownTargetsAreRefused) {
  const std::string before = SimdTarget();
  for (const char* const name : {"", "avx", "AVX2", "sse", "avx2 ", "none"}) {
    const Error error = ErrorOf([&] { SetSimdTarget(name); });
    EXPECT_EQ(error.kind(), ErrorKind::kUsage) << name;
    EXPECT_TRUE(Mentions(error, "--simd")) << error.what();
    for (const std::string& target : SimdTargets()) {
      EXPECT_TRUE(Mentions(error, target)) << error.what();
    }
    EXPECT_EQ(SimdTarget(), before);
  }
}

TEST(SystemTest, NamesTheBuild) {
  EXPECT_FALSE(Version().empty());
  EXPECT_TRUE(CompilerName().starts_with("gcc ") ||
              CompilerName().starts_with("clang "));
  EXPECT_FALSE(CompilerName().ends_with(' '));
  EXPECT_TRUE(DefaultExecutorName() == "oneTBB" ||
              DefaultExecutorName() == "std::thread");
}

}  // namespace
}  // namespace microgpt
