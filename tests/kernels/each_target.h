// Runs checks on every SIMD target that this build and this CPU support.
#ifndef MICROGPT_TESTS_KERNELS_EACH_TARGET_H_
#define MICROGPT_TESTS_KERNELS_EACH_TARGET_H_

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "microgpt/system.h"
#include "tests/kernels/compare.h"

namespace microgpt {

// Uses `target` for all kernels until the end of the scope.
class ScopedSimdTarget {
 public:
  explicit ScopedSimdTarget(const std::string& target) : before_(SimdTarget()) {
    SetSimdTarget(target);
  }
  ~ScopedSimdTarget() { SetSimdTarget(before_); }
  ScopedSimdTarget(const ScopedSimdTarget&) = delete;
  ScopedSimdTarget& operator=(const ScopedSimdTarget&) = delete;

 private:
  std::string before_;
};

template <class Check>
void ForEachTarget(Check check) {
  for (const std::string& target : SimdTargets()) {
    SCOPED_TRACE("SIMD target " + target);
    const ScopedSimdTarget scope(target);
    check();
  }
}

// `compute` returns a vector of floats or doubles, which must have the same
// bits on every target.
template <class Compute>
void ExpectSameBitsOnEveryTarget(Compute compute) {
  decltype(compute()) expected;
  bool first = true;
  ForEachTarget([&] {
    const auto actual = compute();
    ASSERT_FALSE(actual.empty());
    if (first) expected = actual;
    first = false;
    EXPECT_TRUE(SameBits(actual, expected));
  });
}

}  // namespace microgpt

#endif  // MICROGPT_TESTS_KERNELS_EACH_TARGET_H_
