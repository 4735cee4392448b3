// Size arithmetic and aligned buffers at their limits.
#include <gtest/gtest.h>

#include <cstdint>
#include <iterator>
#include <limits>
#include <utility>

#include "base/aligned_buffer.h"
#include "base/checked_math.h"
#include "tests/base/error_of.h"

namespace microgpt {
namespace {

constexpr std::uint64_t kMax = std::numeric_limits<std::int64_t>::max();

struct Operands {
  std::uint64_t a;
  std::uint64_t b;
};

TEST(CheckedSizeTest, ComputesWithinRange) {
  EXPECT_EQ((CheckedSize(6) * 7).value(), 42u);
  EXPECT_EQ((CheckedSize(kMax) * 1).value(), kMax);
  EXPECT_EQ((CheckedSize(kMax) * 0).value(), 0u);
  EXPECT_EQ((CheckedSize(kMax / 2) * 2).value(), kMax - 1);
  EXPECT_EQ((CheckedSize(kMax) + 0).value(), kMax);
  EXPECT_EQ((CheckedSize(kMax - 1) + 1).value(), kMax);
  EXPECT_EQ((CheckedSize(0) + 0).value(), 0u);
}

TEST(CheckedSizeTest, ReportsProductsThatWrap) {
  for (const Operands& x : {Operands{1ull << 62, 2},
                            {1ull << 32, 1ull << 32},
                            {1ull << 63, 2},
                            {kMax, kMax},
                            {kMax, 2},
                            {0x5555555555555556, 3}}) {
    const Error error = ErrorOf([&] { (void)(CheckedSize(x.a) * x.b); });
    EXPECT_EQ(error.kind(), ErrorKind::kResources);
    EXPECT_TRUE(Mentions(error, "63 bits"));
  }
}

TEST(CheckedSizeTest, ReportsSumsThatLeaveTheRange) {
  for (const Operands& x :
       {Operands{kMax, 1}, {1, kMax}, {kMax, kMax}, {1ull << 62, 1ull << 62}}) {
    EXPECT_EQ(ErrorOf([&] { (void)(CheckedSize(x.a) + x.b); }).kind(),
              ErrorKind::kResources);
  }
}

TEST(CheckedMathTest, RoundsUp) {
  EXPECT_EQ(RoundUp(0, 16), 0u);
  EXPECT_EQ(RoundUp(1, 16), 16u);
  EXPECT_EQ(RoundUp(16, 16), 16u);
  EXPECT_EQ(RoundUp(17, 16), 32u);
  EXPECT_EQ(CeilDiv(0, 3), 0u);
  EXPECT_EQ(CeilDiv(1, 3), 1u);
  EXPECT_EQ(CeilDiv(3, 3), 1u);
  EXPECT_EQ(CeilDiv(4, 3), 2u);
}

TEST(AlignedBufferTest, BeginsOnACacheLineAndIsZero) {
  for (std::size_t size = 0; size < 300; ++size) {
    AlignedBuffer<float> buffer(size);
    ASSERT_EQ(buffer.size(), size);
    ASSERT_EQ(reinterpret_cast<std::uintptr_t>(buffer.data()) % kCacheLineBytes,
              0u);
    for (std::size_t i = 0; i < size; ++i) {
      ASSERT_EQ(buffer.data()[i], 0.0f);
      buffer.data()[i] = 1;  // so that reused memory is not zero by chance
    }
  }
}

TEST(AlignedBufferTest, DefaultHoldsNothing) {
  const AlignedBuffer<double> buffer;
  EXPECT_EQ(buffer.size(), 0u);
  EXPECT_EQ(buffer.data(), nullptr);
}

TEST(AlignedBufferTest, MovesItsMemory) {
  AlignedBuffer<int> source(5);
  source.data()[4] = 7;
  const int* memory = source.data();
  AlignedBuffer<int> target = std::move(source);
  EXPECT_EQ(target.data(), memory);
  EXPECT_EQ(target.size(), 5u);
  EXPECT_EQ(target.data()[4], 7);
}

TEST(AlignedBufferTest, MovingLeavesTheSourceEmpty) {
  AlignedBuffer<int> source(5);
  const AlignedBuffer<int> target = std::move(source);
  EXPECT_EQ(source.data(), nullptr);  // NOLINT(bugprone-use-after-move)
  EXPECT_EQ(source.size(), 0u);
}

TEST(AlignedBufferTest, SlotsLieAtPlacesOfTheirOwnWithinThePage) {
  const PageSlot slots[] = {PageSlot::kFirst, PageSlot::kSecond,
                            PageSlot::kThird, PageSlot::kFourth,
                            PageSlot::kFifth};
  for (std::size_t i = 0; i < std::size(slots); ++i) {
    for (const std::size_t size : {0u, 1u, 300u, 5000u}) {
      AlignedBuffer<float> buffer(size, slots[i]);
      ASSERT_EQ(buffer.size(), size);
      const auto address = reinterpret_cast<std::uintptr_t>(buffer.data());
      EXPECT_EQ(address % kPageBytes, i * kPageSlotBytes);
      EXPECT_EQ(address % kCacheLineBytes, 0u);
      for (std::size_t k = 0; k < size; ++k) {
        ASSERT_EQ(buffer.data()[k], 0.0f);
        buffer.data()[k] = 1;
      }
    }
  }
  EXPECT_LE(std::size(slots) * kPageSlotBytes, kPageBytes);
}

TEST(AlignedBufferTest, SlotsMoveWithTheirMemory) {
  AlignedBuffer<int> source(5, PageSlot::kThird);
  source.data()[4] = 7;
  const int* memory = source.data();
  AlignedBuffer<int> target(3, PageSlot::kFirst);
  target = std::move(source);
  EXPECT_EQ(target.data(), memory);
  EXPECT_EQ(target.size(), 5u);
  EXPECT_EQ(target.data()[4], 7);
  EXPECT_EQ(source.data(), nullptr);  // NOLINT(bugprone-use-after-move)
  // And back into a buffer of another alignment.
  AlignedBuffer<int> any(2);
  any = std::move(target);
  EXPECT_EQ(any.data(), memory);
}

TEST(AlignedBufferTest, RefusesImpossibleSizes) {
  for (const std::uint64_t size : {std::uint64_t{1} << 60, kMax / 4,
                                   std::numeric_limits<std::uint64_t>::max(),
                                   (std::uint64_t{1} << 62) + 1}) {
    const Error error = ErrorOf([&] { AlignedBuffer<float> buffer(size); });
    EXPECT_EQ(error.kind(), ErrorKind::kResources) << size;
    const Error slot =
        ErrorOf([&] { AlignedBuffer<float> buffer(size, PageSlot::kFifth); });
    EXPECT_EQ(slot.kind(), ErrorKind::kResources) << size;
  }
}

}  // namespace
}  // namespace microgpt
