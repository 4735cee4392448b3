// Our elementary functions against the C library in long double.
#include "base/scalar_math.h"

#include <gtest/gtest.h>

#include <bit>
#include <cfenv>
#include <cmath>
#include <limits>
#include <vector>

#include "base/random.h"

namespace microgpt {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// Distance from the exact value in units in the last place of a double.
double UlpError(double value, long double exact) {
  int exponent = 0;
  std::frexp(static_cast<double>(exact), &exponent);
  const long double ulp = std::ldexp(1.0L, std::max(exponent - 53, -1074));
  return static_cast<double>(std::fabs((value - exact) / ulp));
}

std::vector<double> PositiveDoubles() {
  std::vector<double> values = {std::numeric_limits<double>::denorm_min(),
                                std::numeric_limits<double>::min(),
                                std::numeric_limits<double>::max(),
                                1e-30,
                                0x1p-53,
                                1.4142135623730951,
                                1.4142135623730949};
  for (int exponent = -1074; exponent <= 1023; ++exponent) {
    const double power = std::ldexp(1.0, exponent);
    values.push_back(power);
    values.push_back(std::nextafter(power, kInfinity));
    if (exponent > -1074) values.push_back(std::nextafter(power, 0.0));
  }
  for (int i = 1; i <= 2000; ++i) {
    values.push_back(1 + i * 0x1p-52);
    values.push_back(1 - i * 0x1p-53);
    values.push_back(1 + i * 1e-4);
    values.push_back(1 - i * 4e-4);
  }
  Random random(1);
  for (int i = 0; i < 100'000; ++i) {
    const auto value = std::bit_cast<double>(random.Next() >> 1);
    if (std::isfinite(value) && value > 0) values.push_back(value);
    values.push_back(random.Uniform() + 0x1p-53);
  }
  return values;
}

TEST(ScalarMathTest, LogIsWithinTwoUlp) {
  for (const double x : PositiveDoubles()) {
    if (x <= 0) continue;
    ASSERT_LT(UlpError(Log(x), std::log(static_cast<long double>(x))), 2)
        << std::hexfloat << x;
  }
}

TEST(ScalarMathTest, LogOfSpecialValues) {
  EXPECT_EQ(Log(1), 0);
  EXPECT_EQ(Log(0.0), -kInfinity);
  EXPECT_EQ(Log(-0.0), -kInfinity);
  EXPECT_EQ(Log(kInfinity), kInfinity);
  EXPECT_TRUE(std::isnan(Log(-1)));
  EXPECT_TRUE(std::isnan(Log(-kInfinity)));
  EXPECT_TRUE(std::isnan(Log(-std::numeric_limits<double>::denorm_min())));
  EXPECT_TRUE(std::isnan(Log(kNan)));
}

TEST(ScalarMathTest, ExpIsWithinTwoUlp) {
  std::vector<double> values = {-708, 709, 0x1p-60, -0x1p-60, 1, -1};
  for (int i = -7080; i <= 7090; ++i) {
    values.push_back(i / 10.0);
    values.push_back(i / 1e5);
    // Around the borders of the argument reduction.
    values.push_back((i / 10 + 0.5) * 0.69314718055994531);
  }
  Random random(2);
  for (int i = 0; i < 100'000; ++i) {
    values.push_back(-708 + 1417 * random.Uniform());
    values.push_back(random.Uniform() - 0.5);
    values.push_back(-40 * random.Uniform());
  }
  for (const double x : values) {
    if (x < -708 || x > 709) continue;
    ASSERT_LT(UlpError(Exp(x), std::exp(static_cast<long double>(x))), 2)
        << std::hexfloat << x;
  }
}

TEST(ScalarMathTest, ExpOfSpecialValues) {
  EXPECT_EQ(Exp(0.0), 1);
  EXPECT_EQ(Exp(-0.0), 1);
  EXPECT_EQ(Exp(std::nextafter(-708.0, -kInfinity)), 0);
  EXPECT_EQ(Exp(-1e300), 0);
  EXPECT_EQ(Exp(-kInfinity), 0);
  EXPECT_EQ(Exp(std::nextafter(709.0, kInfinity)), kInfinity);
  EXPECT_EQ(Exp(kInfinity), kInfinity);
  EXPECT_TRUE(std::isnan(Exp(kNan)));
}

// Negative turns lose a bit when they are brought into [0, 1).
void ExpectCosTurns(double turns) {
  const long double bound = turns < 0 ? 0x1p-51L : 0x1p-52L;
  constexpr long double kTwoPi = 6.283185307179586476925286766559005768L;
  const long double fraction = static_cast<long double>(turns) -
                               std::round(static_cast<long double>(turns));
  const long double exact = std::cos(fraction * kTwoPi);
  ASSERT_LT(std::fabs(CosTurns(turns) - exact), bound)
      << std::hexfloat << turns;
}

TEST(ScalarMathTest, CosTurnsIsAccurate) {
  Random random(3);
  for (int i = 0; i < 100'000; ++i) {
    const double turns = random.Uniform();
    ExpectCosTurns(turns);
    ExpectCosTurns(-turns);
    ExpectCosTurns(turns * 1000);
    ExpectCosTurns((turns - 0.5) * 0x1p50);
    if (HasFatalFailure()) return;
  }
  for (int i = -64; i <= 64; ++i) {
    ExpectCosTurns(i / 8.0);
    ExpectCosTurns(std::nextafter(i / 8.0, kInfinity));
    ExpectCosTurns(std::nextafter(i / 8.0, -kInfinity));
    if (HasFatalFailure()) return;
  }
}

TEST(ScalarMathTest, CosTurnsOfQuarters) {
  for (const double whole : {-3.0, 0.0, 1.0, 1e9}) {
    EXPECT_EQ(CosTurns(whole), 1);
    EXPECT_EQ(CosTurns(whole + 0.25), 0);
    EXPECT_EQ(CosTurns(whole + 0.5), -1);
    EXPECT_EQ(CosTurns(whole + 0.75), 0);
  }
  EXPECT_EQ(CosTurns(-1e-20), 1);
}

TEST(ScalarMathTest, PowInt) {
  EXPECT_EQ(PowInt(0, 0), 1);
  EXPECT_EQ(PowInt(0, 3), 0);
  EXPECT_EQ(PowInt(0.9, 1), 0.9);
  EXPECT_EQ(PowInt(3, 20), 3486784401.0);
  EXPECT_EQ(PowInt(0.95, 1'000'000'000'001), 0);
  EXPECT_EQ(PowInt(1, std::numeric_limits<std::uint64_t>::max()), 1);
  for (std::uint64_t n = 0; n <= 1000; ++n) {
    EXPECT_EQ(PowInt(2, n), std::ldexp(1.0, static_cast<int>(n)));
    for (const double base : {0.9, 0.95, 0.999, 1.1}) {
      const long double exact =
          std::pow(static_cast<long double>(base), static_cast<long double>(n));
      // Half an ulp for each of the n - 1 factors that went into it.
      ASSERT_LE(UlpError(PowInt(base, n), exact), static_cast<double>(n) + 1);
    }
  }
}

TEST(ScalarMathTest, PowIntMakesNoSubnormalNumber) {
  for (const double base : {0.1, 0.5, 0.9, 0.95, 0.999}) {
    for (std::uint64_t n = 0; n <= 20'000; ++n) {
      std::feclearexcept(FE_ALL_EXCEPT);
      const double power = PowInt(base, n);
      ASSERT_FALSE(std::fetestexcept(FE_UNDERFLOW)) << base << "^" << n;
      const long double exact =
          std::pow(static_cast<long double>(base), static_cast<long double>(n));
      if (power == 0) {
        ASSERT_LT(exact, 0x1p-500L);
      } else {
        ASSERT_LE(UlpError(power, exact), static_cast<double>(n) + 1);
      }
    }
  }
}

}  // namespace
}  // namespace microgpt
