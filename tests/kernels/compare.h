// Comparisons that report the first difference, and the random numbers that
// tests feed to kernels.
#ifndef MICROGPT_TESTS_KERNELS_COMPARE_H_
#define MICROGPT_TESTS_KERNELS_COMPARE_H_

#include <cmath>
#include <cstdint>
#include <cstring>
#include <random>
#include <vector>

#include "gtest/gtest.h"

namespace microgpt {

// Relative error of one float32 rounding. Error bounds are multiples of it.
inline constexpr double kUnit = 0x1p-24;

template <class T>
testing::AssertionResult SameBits(const std::vector<T>& actual,
                                  const std::vector<T>& expected) {
  if (actual.size() != expected.size()) {
    return testing::AssertionFailure()
           << actual.size() << " elements instead of " << expected.size();
  }
  for (std::size_t i = 0; i < actual.size(); ++i) {
    if (std::memcmp(&actual[i], &expected[i], sizeof(T)) != 0) {
      return testing::AssertionFailure()
             << "element " << i << " of " << actual.size() << " is "
             << testing::PrintToString(actual[i]) << ", not "
             << testing::PrintToString(expected[i]);
    }
  }
  return testing::AssertionSuccess();
}

// What a scalar double reference gives for one element, and how far a kernel
// may be from it.
struct Bounded {
  double value;
  double bound;
};

template <class T>
testing::AssertionResult Within(const std::vector<T>& actual,
                                const std::vector<Bounded>& expected) {
  if (actual.size() != expected.size()) {
    return testing::AssertionFailure()
           << actual.size() << " elements instead of " << expected.size();
  }
  for (std::size_t i = 0; i < actual.size(); ++i) {
    const double error =
        std::abs(static_cast<double>(actual[i]) - expected[i].value);
    if (!(error <= expected[i].bound)) {
      return testing::AssertionFailure()
             << "element " << i << " is " << actual[i] << ", not "
             << expected[i].value << " +- " << expected[i].bound;
    }
  }
  return testing::AssertionSuccess();
}

// Uniform numbers that are the same with every standard library.
class TestRandom {
 public:
  explicit TestRandom(std::uint64_t seed) : engine_(seed) {}

  // In [-scale, scale).
  float Float(float scale = 1.0f) {
    const auto bits = static_cast<std::int64_t>(engine_() >> 40);
    return scale * static_cast<float>(static_cast<double>(bits) * 0x1p-23 - 1);
  }
  // In [0, count).
  std::size_t Index(std::size_t count) {
    return static_cast<std::size_t>(engine_() % count);
  }
  std::vector<float> Floats(std::size_t count, float scale = 1.0f) {
    std::vector<float> values(count);
    for (float& value : values) value = Float(scale);
    return values;
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace microgpt

#endif  // MICROGPT_TESTS_KERNELS_COMPARE_H_
