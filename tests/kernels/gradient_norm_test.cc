// AddSquares, Fold and Scale.
#include <cmath>
#include <limits>
#include <vector>

#include "gtest/gtest.h"
#include "kernels/gradient.h"
#include "tests/kernels/each_target.h"
#include "tests/kernels/test_matrix.h"

namespace microgpt {
namespace {

constexpr std::size_t kMaxCount = 9 * kVirtualLanes;

// Array of `count` numbers of very different size.
TestMatrix Numbers(std::size_t count, std::size_t begin) {
  TestRandom random(count);
  TestMatrix values = TestMatrix::Array(count, begin);
  for (std::size_t i = 0; i < count; ++i) {
    const int exponent = static_cast<int>(random.Index(60)) - 30;
    values.data()[i] = std::ldexp(random.Float(), exponent);
  }
  return values;
}

// One addition after the other.
LaneSums ScalarSquares(const TestMatrix& values, const LaneSums& start) {
  LaneSums sums = start;
  for (std::size_t i = 0; i < values.view().cols; ++i) {
    const double x = values.at(0, i);
    sums[i % kVirtualLanes] += x * x;
  }
  return sums;
}

std::vector<double> AsVector(const LaneSums& sums) {
  return {sums.begin(), sums.end()};
}

TEST(AddSquaresTest, GivesTheBitsOfTheScalarLoopOnEveryTarget) {
  LaneSums start{};
  for (std::size_t i = 0; i < start.size(); ++i) {
    start[i] = 1.0 / static_cast<double>(3 * i + 1);
  }
  ForEachTarget([&] {
    for (std::size_t count = 0; count <= kMaxCount; count += kVirtualLanes) {
      for (const std::size_t begin : {0u, 1u, 5u}) {
        const TestMatrix values = Numbers(count, begin);
        LaneSums sums = start;
        AddSquares(values.data(), count, sums);
        EXPECT_TRUE(
            SameBits(AsVector(sums), AsVector(ScalarSquares(values, start))))
            << count << " from " << begin;
      }
    }
  });
}

// Ranges of zeros may be left out.
TEST(AddSquaresTest, ZerosChangeNothing) {
  ForEachTarget([] {
    const TestMatrix values = Numbers(kMaxCount, 3);
    LaneSums sums{};
    AddSquares(values.data(), kMaxCount, sums);
    const std::vector<double> before = AsVector(sums);
    const std::vector<float> zeros(kMaxCount, 0.0f);
    AddSquares(zeros.data(), kMaxCount, sums);
    EXPECT_TRUE(SameBits(AsVector(sums), before));
  });
}

TEST(AddSquaresTest, NeitherOverflowsNorUnderflows) {
  using Limits = std::numeric_limits<float>;
  const std::vector<float> largest(kMaxCount, Limits::max());
  const std::vector<float> smallest(kMaxCount, Limits::denorm_min());
  ForEachTarget([&] {
    for (const std::vector<float>* values : {&largest, &smallest}) {
      LaneSums sums{};
      AddSquares(values->data(), kMaxCount, sums);
      EXPECT_DOUBLE_EQ(std::sqrt(Fold(sums)),
                       std::sqrt(static_cast<double>(kMaxCount)) *
                           static_cast<double>(values->front()));
    }
  });
}

TEST(FoldTest, AddsByAFixedTree) {
  LaneSums sums{};
  for (std::size_t i = 0; i < sums.size(); ++i) {
    sums[i] = std::ldexp(1.0, static_cast<int>(7 * i % 16) * 8) / 3;
  }
  const auto eighth = [&](std::size_t i) { return sums[i] + sums[i + 8]; };
  const auto quarter = [&](std::size_t i) { return eighth(i) + eighth(i + 4); };
  const double expected = (quarter(0) + quarter(2)) + (quarter(1) + quarter(3));
  EXPECT_EQ(Fold(sums), expected);
  double in_order = 0;
  for (const double sum : sums) in_order += sum;
  EXPECT_NE(in_order, expected) << "the order does not show in these numbers";
}

TEST(ScaleTest, RoundsEveryProductOnce) {
  ForEachTarget([] {
    for (std::size_t count = 0; count <= kMaxCount; count += kVirtualLanes) {
      for (const float factor : {0.3f, 0x1p-100f}) {
        TestMatrix values = Numbers(count, 3);
        std::vector<float> expected = values.Values();
        for (float& value : expected) {
          value = static_cast<float>(static_cast<double>(value) *
                                     static_cast<double>(factor));
        }
        Scale(values.data(), factor, count);
        EXPECT_TRUE(SameBits(values.Values(), expected)) << count;
        EXPECT_TRUE(values.GuardsIntact());
      }
    }
  });
}

}  // namespace
}  // namespace microgpt
