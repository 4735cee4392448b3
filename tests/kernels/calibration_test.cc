// What other numbers are divided by must do the work that it claims.
#include "kernels/calibration.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "tests/kernels/each_target.h"

namespace microgpt {
namespace {

TEST(CalibrationTest, CountsTheFlopsOfWholeRounds) {
  ForEachTarget([] {
    const double one = RunFmas(1);
    // Twelve chains of 1 to 16 lanes, a multiplication and an addition each.
    EXPECT_EQ(std::fmod(one, 24.0), 0);
    EXPECT_GE(one, 24 * 1);
    EXPECT_LE(one, 24 * 16);
    EXPECT_EQ(RunFmas(1000), 1000 * one);
  });
}

TEST(CalibrationTest, ReadsEveryElementOnce) {
  ForEachTarget([] {
    for (const std::size_t count : {0u, 64u, 128u, 4096u}) {
      std::vector<float> values(count);
      double sum = 0;
      for (std::size_t i = 0; i < count; ++i) {
        values[i] = static_cast<float>(i % 97) - 40.0f;
        sum += values[i];
      }
      // Small integers: no rounding.
      EXPECT_EQ(RunRead(values.data(), count), static_cast<float>(sum));
    }
  });
}

TEST(CalibrationTest, DividesByTheRoot) {
  ForEachTarget([] {
    constexpr std::size_t kCount = 64;
    std::vector<float> a(kCount);
    std::vector<float> b(kCount);
    std::vector<float> out(kCount + 1, -1.0f);
    for (std::size_t i = 0; i < kCount; ++i) {
      a[i] = static_cast<float>(i) - 31.5f;
      b[i] = 0.25f + static_cast<float>(i);
    }
    RunDivideSqrt(a.data(), b.data(), out.data(), kCount);
    for (std::size_t i = 0; i < kCount; ++i) {
      const double expected = a[i] / (std::sqrt(double{b[i]}) + 1e-8);
      EXPECT_NEAR(out[i], expected, 1e-6 * std::abs(expected));
    }
    EXPECT_EQ(out[kCount], -1.0f);
  });
}

}  // namespace
}  // namespace microgpt
