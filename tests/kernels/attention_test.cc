// Forward and backward attention against double references and, bit for bit,
// against chains one float at a time, over the borders of all blocks.
#include "kernels/attention.h"

#include <limits>
#include <vector>

#include "gtest/gtest.h"
#include "microgpt/error.h"
#include "tests/kernels/attention_case.h"
#include "tests/kernels/attention_chains.h"
#include "tests/kernels/each_target.h"

namespace microgpt {
namespace {

// Around the borders of the blocks of 16 and of kAttentionRows rows. 257 and
// 300 are long enough for copies of k, dk and dv.
constexpr std::size_t kPositions[] = {1,  2,  3,  8,  15,  16,  17,  31,
                                      32, 33, 47, 48, 49,  63,  64,  65,
                                      80, 95, 96, 97, 128, 130, 257, 300};

// head_size
class AttentionTest : public testing::TestWithParam<std::size_t> {
 protected:
  // One, two or three heads; the longest documents have one.
  template <class Check>
  void ForEachShape(Check check) {
    TestRandom random(GetParam());
    for (const std::size_t positions : kPositions) {
      const std::size_t n_head = positions > 100 ? 1 : 1 + positions % 3;
      check(AttentionCase({positions, n_head, GetParam()}, random));
      ASSERT_FALSE(HasFailure()) << "T " << positions;
    }
  }
};

TEST_P(AttentionTest, IsNearTheDoubleReference) {
  ForEachShape([](const AttentionCase& attention) {
    const std::vector<Bounded> out = attention.ReferenceOut();
    const std::vector<Bounded> dqkv = attention.ReferenceDqkv();
    ForEachTarget([&] {
      const AttentionForwardResult forward = attention.Forward();
      EXPECT_TRUE(Within(forward.out.Values(), out));
      EXPECT_TRUE(Within(attention.Backward(forward.saved).Values(), dqkv));
    });
  });
}

TEST_P(AttentionTest, HasTheBitsOfTheChains) {
  ForEachShape([](const AttentionCase& attention) {
    const AttentionChains expected = RunAttentionChains(attention);
    ForEachTarget([&] {
      const AttentionForwardResult forward = attention.Forward();
      EXPECT_TRUE(SameBits(forward.out.Values(), expected.out));
      EXPECT_TRUE(
          SameBits(attention.Backward(forward.saved).Values(), expected.dqkv));
    });
  });
}

INSTANTIATE_TEST_SUITE_P(HeadSizes, AttentionTest,
                         testing::Values(1, 3, 4, 16, 64));

// What a call for all heads wrote, but NaN for the heads outside a range.
std::vector<float> OfHeads(const TestMatrix& all, const AttentionShape& shape,
                           HeadRange heads) {
  std::vector<float> values = all.Values();
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t head = i % shape.width() / shape.head_size;
    if (head < heads.begin || head >= heads.end) {
      values[i] = std::numeric_limits<float>::quiet_NaN();
    }
  }
  return values;
}

TEST(AttentionHeadRangeTest, WritesTheseHeadsAloneWithTheSameBits) {
  TestRandom random(1);
  for (const std::size_t positions : {5u, 70u, 260u}) {
    const AttentionShape shape{positions, 4, 3};
    const AttentionCase attention(shape, random);
    ForEachTarget([&] {
      const AttentionForwardResult all = attention.Forward();
      const TestMatrix dqkv = attention.Backward(all.saved);
      for (std::size_t begin = 0; begin <= shape.n_head; ++begin) {
        for (std::size_t end = begin; end <= shape.n_head; ++end) {
          const HeadRange heads{begin, end};
          const AttentionForwardResult some = attention.Forward(heads);
          EXPECT_TRUE(
              SameBits(some.out.Values(), OfHeads(all.out, shape, heads)));
          EXPECT_TRUE(SameBits(attention.Backward(some.saved, heads).Values(),
                               OfHeads(dqkv, shape, heads)))
              << "heads " << begin << " to " << end;
        }
      }
    });
  }
}

TEST(AttentionMemoryTest, GrowsWithThePositionsNotTheirSquare) {
  for (const std::size_t positions : {64u, 256u, 2048u}) {
    EXPECT_EQ(AttentionSavedFloats(positions, 12).value(), 2 * 12 * positions);
  }
  for (const std::size_t head_size : {1u, 32u, 64u}) {
    const auto floats = [&](std::size_t positions) {
      return AttentionScratchFloats(positions, head_size).value();
    };
    const std::size_t rows = 2 * (head_size + kAttentionRows);
    for (std::size_t positions = 64; positions < 65536; positions *= 2) {
      // RowStride adds at most one block to each row.
      EXPECT_LE(floats(2 * positions),
                2 * floats(positions) + rows * kVirtualLanes)
          << "T " << positions << ", HS " << head_size;
    }
  }
}

TEST(AttentionMemoryTest, SizesThatDoNotFitAreErrors) {
  constexpr std::size_t kHuge = std::size_t{1} << 40;
  EXPECT_THROW(AttentionSavedFloats(kHuge, kHuge), Error);
  EXPECT_THROW(AttentionScratchFloats(kHuge, kHuge), Error);
}

}  // namespace
}  // namespace microgpt
