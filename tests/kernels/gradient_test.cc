// AddInto and AllFinite.
#include "kernels/gradient.h"

#include <bit>
#include <limits>

#include "gtest/gtest.h"
#include "tests/kernels/each_target.h"
#include "tests/kernels/test_matrix.h"

namespace microgpt {
namespace {

constexpr std::size_t kMaxCount = 7 * kVirtualLanes;

// sum [count] after sum += term, both random.
std::vector<float> Add(std::size_t count) {
  TestRandom random(count);
  TestMatrix sum = TestMatrix::Array(count, 1);
  TestMatrix term = TestMatrix::Array(count, 3);
  sum.FillRandom(random);
  term.FillRandom(random);
  AddInto(sum.data(), term.data(), count);
  EXPECT_TRUE(sum.GuardsIntact());
  EXPECT_TRUE(term.GuardsIntact());
  return sum.Values();
}

TEST(AddIntoTest, RoundsEverySumOnce) {
  ForEachTarget([] {
    for (std::size_t count = 0; count <= kMaxCount; count += kVirtualLanes) {
      TestRandom random(count);
      const std::vector<float> sum = random.Floats(count);
      const std::vector<float> term = random.Floats(count);
      std::vector<float> expected;
      for (std::size_t i = 0; i < count; ++i) {
        expected.push_back(static_cast<float>(static_cast<double>(sum[i]) +
                                              static_cast<double>(term[i])));
      }
      EXPECT_TRUE(SameBits(Add(count), expected)) << count;
    }
  });
}

TEST(AddIntoTest, EveryTargetGivesTheSameBits) {
  ExpectSameBitsOnEveryTarget([] { return Add(kMaxCount); });
}

TEST(AllFiniteTest, SeesABadNumberAtEveryPosition) {
  using Limits = std::numeric_limits<float>;
  const float bad[] = {Limits::infinity(), -Limits::infinity(),
                       std::bit_cast<float>(0x7FC00000u),
                       std::bit_cast<float>(0xFFC00000u),
                       std::bit_cast<float>(0x7F800001u)};
  ForEachTarget([&] {
    for (std::size_t count = kVirtualLanes; count <= kMaxCount;
         count += kVirtualLanes) {
      TestMatrix values = TestMatrix::Array(count, 3);
      for (std::size_t i = 0; i < count; ++i) {
        for (const float value : bad) {
          values.data()[i] = value;
          ASSERT_FALSE(AllFinite(values.data(), count)) << i << " of " << count;
        }
        values.data()[i] = 0.0f;
      }
    }
  });
}

// The guards around the array are NaN: reading too far would show, too.
TEST(AllFiniteTest, AcceptsEveryFiniteNumber) {
  using Limits = std::numeric_limits<float>;
  const float good[] = {0.0f,
                        -0.0f,
                        Limits::max(),
                        Limits::lowest(),
                        Limits::denorm_min(),
                        -Limits::min()};
  ForEachTarget([&] {
    for (std::size_t count = 0; count <= kMaxCount; count += kVirtualLanes) {
      TestMatrix values = TestMatrix::Array(count, 5);
      for (std::size_t i = 0; i < count; ++i) {
        values.data()[i] = good[i % std::size(good)];
      }
      EXPECT_TRUE(AllFinite(values.data(), count)) << count;
    }
  });
}

}  // namespace
}  // namespace microgpt
