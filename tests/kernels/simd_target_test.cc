// The public choice of SIMD target.
#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "microgpt/error.h"
#include "microgpt/system.h"
#include "tests/kernels/each_target.h"

namespace microgpt {
namespace {

TEST(SimdTargetTest, ListsEveryTargetOnceInLowerCase) {
  const std::vector<std::string> targets = SimdTargets();
  ASSERT_FALSE(targets.empty());
  EXPECT_EQ(std::set<std::string>(targets.begin(), targets.end()).size(),
            targets.size());
  for (const std::string& target : targets) {
    EXPECT_TRUE(std::none_of(target.begin(), target.end(), [](char c) {
      return c >= 'A' && c <= 'Z';
    })) << target;
  }
}

TEST(SimdTargetTest, EveryListedTargetCanBeChosen) {
  const std::string before = SimdTarget();
  ForEachTarget([] {
    const std::vector<std::string> targets = SimdTargets();
    EXPECT_NE(std::find(targets.begin(), targets.end(), SimdTarget()),
              targets.end());
  });
  for (const std::string& target : SimdTargets()) {
    const ScopedSimdTarget scope(target);
    EXPECT_EQ(SimdTarget(), target);
  }
  EXPECT_EQ(SimdTarget(), before);
}

TEST(SimdTargetTest, UnknownTargetIsAUsageErrorThatChangesNothing) {
  const std::string before = SimdTarget();
  for (const char* name : {"", "nonsense", "AVX2 ", "avx2,sse4"}) {
    try {
      SetSimdTarget(name);
      ADD_FAILURE() << name << " was accepted";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kUsage);
      EXPECT_NE(std::string(error.what()).find(before), std::string::npos);
    }
    EXPECT_EQ(SimdTarget(), before);
  }
}

}  // namespace
}  // namespace microgpt
