// Packed attention against double references and, bit for bit, against
// attention of each document alone, over every way in which heads of documents
// can be cut into vectors.
#include "kernels/packed_attention.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "gtest/gtest.h"
#include "tests/kernels/each_target.h"
#include "tests/kernels/packed_attention_case.h"

namespace microgpt {
namespace {

constexpr std::size_t kHeads[] = {1, 2, 3, 4, 5, 6, 8};
constexpr std::size_t kMaxDocuments = 9;

// Mixes of `count` documents: random, the longest first, the shortest first.
std::vector<std::size_t> Lengths(std::size_t count, std::size_t mix,
                                 TestRandom& random) {
  std::vector<std::size_t> lengths;
  for (std::size_t i = 0; i < count; ++i) {
    lengths.push_back(1 + random.Index(kMaxPackedPositions));
  }
  if (mix % 3 == 1) {
    std::sort(lengths.begin(), lengths.end(), std::greater<>());
  }
  if (mix % 3 == 2) std::sort(lengths.begin(), lengths.end());
  return lengths;
}

void ExpectBitsOfDocumentsAlone(const PackedAttentionCase& pack) {
  const PackedAttentionResult expected = pack.Alone();
  ForEachTarget([&] {
    const PackedAttentionResult actual = pack.Run();
    EXPECT_TRUE(SameBits(actual.out, expected.out));
    EXPECT_TRUE(SameBits(actual.dqkv, expected.dqkv));
  });
}

// head_size
class PackedAttentionTest : public testing::TestWithParam<std::size_t> {
 protected:
  template <class Check>
  void ForEachPack(Check check) {
    TestRandom random(GetParam());
    for (const std::size_t n_head : kHeads) {
      for (std::size_t count = 1; count <= kMaxDocuments; ++count) {
        const PackedAttentionShape shape{
            n_head, GetParam(), Lengths(count, count + n_head, random)};
        const Placement placement =
            count % 2 == 0 ? Placement::kReversed : Placement::kSame;
        check(PackedAttentionCase(shape, placement, random));
        ASSERT_FALSE(HasFailure())
            << "heads " << n_head << ", documents of "
            << testing::PrintToString(shape.lengths) << " positions";
      }
    }
  }
};

TEST_P(PackedAttentionTest, GivesTheBitsOfDocumentsAlone) {
  ForEachPack(ExpectBitsOfDocumentsAlone);
}

TEST_P(PackedAttentionTest, IsNearTheDoubleReference) {
  ForEachPack([](const PackedAttentionCase& pack) {
    const PackedAttentionResult actual = pack.Run();
    EXPECT_TRUE(Within(actual.out, pack.ReferenceOut()));
    EXPECT_TRUE(Within(actual.dqkv, pack.ReferenceDqkv()));
  });
}

// Every target too, for few documents: emulated vectors are slow.
TEST_P(PackedAttentionTest, EveryTargetIsNearTheDoubleReference) {
  TestRandom random(2);
  const PackedAttentionCase pack({3, GetParam(), {5, 16, 1, 9, 12}},
                                 Placement::kSame, random);
  const std::vector<Bounded> out = pack.ReferenceOut();
  const std::vector<Bounded> dqkv = pack.ReferenceDqkv();
  ForEachTarget([&] {
    const PackedAttentionResult actual = pack.Run();
    EXPECT_TRUE(Within(actual.out, out));
    EXPECT_TRUE(Within(actual.dqkv, dqkv));
  });
}

INSTANTIATE_TEST_SUITE_P(HeadSizes, PackedAttentionTest,
                         testing::Values(1, 2, 3, 4, 5, 7, 8, 12, 16, 20, 32));

TEST(PackedAttentionLengths, EveryLengthBesideTheLongest) {
  TestRandom random(3);
  for (std::size_t longest = 1; longest <= kMaxPackedPositions; ++longest) {
    for (std::size_t other = 1; other <= longest; ++other) {
      const PackedAttentionShape shape{
          2, 4, {other, longest, other, other, longest}};
      ExpectBitsOfDocumentsAlone(
          PackedAttentionCase(shape, Placement::kSame, random));
      ASSERT_FALSE(testing::Test::HasFailure()) << longest << ", " << other;
    }
  }
}

// More documents than any vector has lanes, several groups of every kind.
TEST(PackedAttentionLengths, ManyDocuments) {
  TestRandom random(4);
  for (const std::size_t n_head : {1u, 3u, 4u, 7u}) {
    for (const std::size_t head_size : {3u, 4u, 8u}) {
      const PackedAttentionShape shape{n_head, head_size,
                                       Lengths(43, n_head, random)};
      ExpectBitsOfDocumentsAlone(
          PackedAttentionCase(shape, Placement::kReversed, random));
    }
  }
}

TEST(PackedAttentionLengths, NoDocumentsWriteNothing) {
  TestRandom random(5);
  const PackedAttentionCase pack({2, 4, {}}, Placement::kSame, random);
  ForEachTarget([&] {
    const PackedAttentionResult actual = pack.Run();
    EXPECT_TRUE(actual.out.empty());
    EXPECT_TRUE(actual.dqkv.empty());
  });
}

// A document whose numbers went wrong spoils itself alone, so that the error
// message can name it.
TEST(PackedAttentionNan, StaysInItsDocument) {
  const PackedAttentionShape shape{2, 4, {7, 3, 16, 1, 5, 9}};
  const auto make_pack = [&] {
    TestRandom random(6);
    return PackedAttentionCase(shape, Placement::kSame, random);
  };
  const PackedAttentionCase clean = make_pack();
  for (std::size_t bad = 0; bad < shape.lengths.size(); ++bad) {
    PackedAttentionCase spoilt = make_pack();
    spoilt.Spoil(bad);
    const RowRange range = clean.OutRange(bad);
    ForEachTarget([&] {
      const std::vector<float> expected = clean.Run().out;
      const std::vector<float> actual = spoilt.Run().out;
      for (std::size_t i = 0; i < expected.size(); ++i) {
        if (i - range.begin < range.count) {
          EXPECT_TRUE(std::isnan(actual[i])) << bad << ", element " << i;
        } else {
          EXPECT_EQ(actual[i], expected[i]) << bad << ", element " << i;
        }
      }
    });
  }
}

}  // namespace
}  // namespace microgpt
