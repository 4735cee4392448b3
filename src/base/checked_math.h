// Size arithmetic that reports overflow instead of wrapping.
#ifndef MICROGPT_BASE_CHECKED_MATH_H_
#define MICROGPT_BASE_CHECKED_MATH_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

#include "microgpt/error.h"

namespace microgpt {

// A size below 2^63 whose products and sums throw Error(kResources) where they
// would leave that range.
class CheckedSize {
 public:
  // NOLINTNEXTLINE(google-explicit-constructor): sizes mix with plain numbers
  CheckedSize(std::uint64_t value) : value_(value) {
    if (value > std::numeric_limits<std::int64_t>::max()) Fail();
  }

  std::uint64_t value() const { return value_; }

  friend CheckedSize operator*(CheckedSize a, CheckedSize b) {
    std::uint64_t product = 0;
    if (__builtin_mul_overflow(a.value_, b.value_, &product)) Fail();
    return product;
  }
  friend CheckedSize operator+(CheckedSize a, CheckedSize b) {
    return a.value_ + b.value_;
  }

 private:
  [[noreturn]] static void Fail() {
    throw Error(ErrorKind::kResources,
                "the model is too large: its size does not fit into 63 bits; "
                "use a smaller --n-embd, --n-layer or --block-size");
  }

  std::uint64_t value_;
};

constexpr std::size_t RoundUp(std::size_t value, std::size_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

constexpr std::size_t CeilDiv(std::size_t value, std::size_t divisor) {
  return (value + divisor - 1) / divisor;
}

}  // namespace microgpt

#endif  // MICROGPT_BASE_CHECKED_MATH_H_
