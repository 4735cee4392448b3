#include "base/scalar_math.h"

#include <bit>
#include <cmath>
#include <limits>

namespace microgpt {
namespace {

constexpr double kLog2E = 0x1.71547652b82fep+0;
constexpr double kTwoPi = 0x1.921fb54442d18p+2;
// Its square is a normal number.
constexpr double kNegligible = 0x1p-500;

// 2^exponent for -1022 <= exponent <= 1023.
double PowerOfTwo(int exponent) {
  return std::bit_cast<double>(static_cast<std::uint64_t>(exponent + 1023)
                               << 52);
}

// Taylor series; |x| <= pi / 4 keeps the first dropped term below 2^-60.
double SinSmall(double x) {
  const double x2 = x * x;
  double sum = 0;
  for (int n = 17; n >= 3; n -= 2) sum = (sum + 1) * -x2 / (n * (n - 1));
  return x + x * sum;
}

double CosSmall(double x) {
  const double x2 = x * x;
  double sum = 0;
  for (int n = 18; n >= 2; n -= 2) sum = (sum + 1) * -x2 / (n * (n - 1));
  return 1 + sum;
}

}  // namespace

double Log(double x) noexcept {
  if (!(x > 0)) {
    return x == 0 ? -std::numeric_limits<double>::infinity()
                  : std::numeric_limits<double>::quiet_NaN();
  }
  if (x > std::numeric_limits<double>::max()) return x;
  int exponent = 0;
  if (x < std::numeric_limits<double>::min()) {
    x *= 0x1p54;
    exponent = -54;
  }
  const auto bits = std::bit_cast<std::uint64_t>(x);
  exponent += static_cast<int>(bits >> 52) - 1023;
  double m = std::bit_cast<double>((bits & 0xFFFFFFFFFFFFFull) |
                                   0x3FF0000000000000ull);
  if (m > kSqrt2) {
    m *= 0.5;
    ++exponent;
  }
  // log m = 2 atanh(s), s = (m - 1) / (m + 1), |s| < 0.1716.
  const double s = (m - 1) / (m + 1);
  const double s2 = s * s;
  double sum = 0;
  for (int n = kLogLastTerm; n >= 3; n -= 2) sum = (sum + 1.0 / n) * s2;
  const double log_m = 2 * s + 2 * s * sum;
  return exponent * kLn2High + (exponent * kLn2Low + log_m);
}

double Exp(double x) noexcept {
  if (x < -708) return 0;
  if (x > 709) return std::numeric_limits<double>::infinity();
  if (!(x == x)) return x;
  const double n = std::floor(x * kLog2E + 0.5);
  const double r = (x - n * kLn2High) - n * kLn2Low;
  double sum = 1;
  for (int k = 14; k >= 1; --k) sum = 1 + sum * r / k;
  return sum * PowerOfTwo(static_cast<int>(n) - 1) * 2;
}

double CosTurns(double turns) noexcept {
  const double fraction = turns - std::floor(turns);
  const double quarter = std::floor(4 * fraction + 0.5);
  const double angle = (fraction - quarter / 4) * kTwoPi;
  switch (static_cast<int>(quarter) & 3) {
    case 0:
      return CosSmall(angle);
    case 1:
      return -SinSmall(angle);
    case 2:
      return -CosSmall(angle);
    default:
      return SinSmall(angle);
  }
}

double PowInt(double base, std::uint64_t exponent) noexcept {
  double result = 1;
  for (; exponent != 0; exponent >>= 1) {
    if (base < kNegligible) return 0;
    if ((exponent & 1) != 0) result *= base;
    base *= base;
  }
  return result;
}

}  // namespace microgpt
