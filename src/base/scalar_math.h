// Elementary functions in double made of IEEE +, -, * and / alone, so that
// their bits do not depend on the C library.
#ifndef MICROGPT_BASE_SCALAR_MATH_H_
#define MICROGPT_BASE_SCALAR_MATH_H_

#include <cstdint>

namespace microgpt {

// What Log is made of, for kernels that compute the same bits.
inline constexpr double kLn2High = 0x1.62e42fefa3800p-1;  // low 11 bits zero
inline constexpr double kLn2Low = 0x1.ef35793c76730p-45;
inline constexpr double kSqrt2 = 1.4142135623730951;
inline constexpr int kLogLastTerm = 23;  // of 2 (s + s^3 / 3 + s^5 / 5 ...)

// Natural logarithm, error below 2 ulp. -inf at 0, NaN below, inf and NaN pass.
double Log(double x) noexcept;

// e^x, error below 2 ulp for normal results; 0 below -708, inf above 709.
double Exp(double x) noexcept;

// cos(2 pi turns), absolute error below 2^-51. REQUIRES: |turns| < 2^50.
double CosTurns(double turns) noexcept;

// base^exponent by repeated squaring; 0 instead of less than 2^-500, so that no
// subnormal number slows it down. REQUIRES: base >= 0.
double PowInt(double base, std::uint64_t exponent) noexcept;

}  // namespace microgpt

#endif  // MICROGPT_BASE_SCALAR_MATH_H_
