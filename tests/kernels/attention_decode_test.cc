// Step-by-step attention against that of whole documents.
#include <limits>

#include "gtest/gtest.h"
#include "kernels/attention.h"
#include "tests/kernels/attention_case.h"
#include "tests/kernels/each_target.h"

namespace microgpt {
namespace {

constexpr std::size_t kMaxPositions = 50;

// head_size
class AttentionDecodeTest : public testing::TestWithParam<std::size_t> {
 protected:
  template <class Check>
  void ForEachShape(Check check) {
    TestRandom random(GetParam());
    for (std::size_t positions = 1; positions <= kMaxPositions; ++positions) {
      const AttentionShape shape{positions, 1 + positions % 3, GetParam()};
      check(AttentionCase(shape, random));
      ASSERT_FALSE(HasFailure()) << "T " << positions;
    }
  }
};

// Caches longer than the document that hold NaN where nothing was appended.
class DecodeCaches {
 public:
  explicit DecodeCaches(const AttentionShape& shape)
      : shape_(shape),
        block_(PaddedCols(shape.positions + 3)),
        keys_(TestMatrix::Padded(shape.width(), block_, 1)),
        values_(TestMatrix::Inside(block_, shape.width(), 3)) {
    constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
    const std::vector<float> nans(shape.width() * block_, kNan);
    keys_.Assign(nans);
    values_.Assign(nans);
  }

  // Output [C] of the next position; qkv [T, 3C].
  std::vector<float> Decode(const TestMatrix& qkv, std::size_t position) {
    TestMatrix scores = TestMatrix::Array(PaddedCols(position + 1), 5);
    TestMatrix out = TestMatrix::Array(shape_.width(), 7);
    AttentionDecode(qkv.view().Row(position), shape_.width(), shape_.n_head,
                    position, keys_.view(), values_.view(), scores.data(),
                    out.data());
    EXPECT_TRUE(keys_.GuardsIntact());
    EXPECT_TRUE(values_.GuardsIntact());
    EXPECT_TRUE(scores.GuardsIntact());
    EXPECT_TRUE(out.GuardsIntact());
    return out.Values();
  }

 private:
  AttentionShape shape_;
  std::size_t block_;
  TestMatrix keys_;    // [C, block]
  TestMatrix values_;  // [block, C]
};

// Equal as numbers: the forward pass adds zeros up to the end of its block,
// which turns -0 into 0.
TEST_P(AttentionDecodeTest, GivesTheSameNumbersAsForward) {
  ForEachShape([](const AttentionCase& attention) {
    ForEachTarget([&] {
      DecodeCaches caches(attention.shape());
      const TestMatrix out = attention.Forward().out;
      for (std::size_t t = 0; t < attention.shape().positions; ++t) {
        const std::vector<float> decoded = caches.Decode(attention.qkv(), t);
        for (std::size_t i = 0; i < decoded.size(); ++i) {
          ASSERT_EQ(decoded[i], out.at(t, i)) << "position " << t;
        }
      }
    });
  });
}

TEST_P(AttentionDecodeTest, EveryTargetGivesTheSameBits) {
  ForEachShape([](const AttentionCase& attention) {
    ExpectSameBitsOnEveryTarget([&] {
      DecodeCaches caches(attention.shape());
      std::vector<float> all;  // [T, C]
      for (std::size_t t = 0; t < attention.shape().positions; ++t) {
        const std::vector<float> out = caches.Decode(attention.qkv(), t);
        all.insert(all.end(), out.begin(), out.end());
      }
      return all;
    });
  });
}

INSTANTIATE_TEST_SUITE_P(HeadSizes, AttentionDecodeTest,
                         testing::Values(1, 3, 4, 5, 16, 20));

}  // namespace
}  // namespace microgpt
