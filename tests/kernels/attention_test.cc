// Forward, backward and step-by-step attention against double references, over
// the borders of the 16-row blocks.
#include "kernels/attention.h"

#include <limits>

#include "gtest/gtest.h"
#include "tests/kernels/attention_case.h"
#include "tests/kernels/each_target.h"

namespace microgpt {
namespace {

constexpr std::size_t kMaxPositions = 40;

// head_size
class AttentionTest : public testing::TestWithParam<std::size_t> {
 protected:
  // Every T up to kMaxPositions with one, two or three heads.
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

TEST_P(AttentionTest, ForwardIsNearTheDoubleReference) {
  ForEachShape([](const AttentionCase& attention) {
    const AttentionForwardReference expected = attention.ReferenceForward();
    ForEachTarget([&] {
      const AttentionForwardResult actual = attention.Forward();
      EXPECT_TRUE(Within(attention.LowerTriangles(actual.probabilities),
                         expected.probabilities));
      EXPECT_TRUE(Within(actual.out.Values(), expected.out));
    });
  });
}

TEST_P(AttentionTest, BackwardIsNearTheDoubleReference) {
  ForEachShape([](const AttentionCase& attention) {
    const TestMatrix probabilities = attention.Forward().probabilities;
    const std::vector<Bounded> expected =
        attention.ReferenceBackward(probabilities);
    ForEachTarget([&] {
      EXPECT_TRUE(Within(attention.Backward(probabilities).Values(), expected));
    });
  });
}

TEST_P(AttentionTest, EveryTargetGivesTheSameBits) {
  ForEachShape([](const AttentionCase& attention) {
    ExpectSameBitsOnEveryTarget([&] {
      return attention.LowerTriangles(attention.Forward().probabilities);
    });
    ExpectSameBitsOnEveryTarget(
        [&] { return attention.Forward().out.Values(); });
    ExpectSameBitsOnEveryTarget([&] {
      return attention.Backward(attention.Forward().probabilities).Values();
    });
  });
}

// The weights of the future are exactly zero: they are multiplied, not skipped.
TEST_P(AttentionTest, ProbabilitiesOfLaterPositionsAreZero) {
  ForEachShape([](const AttentionCase& attention) {
    const std::size_t positions = attention.shape().positions;
    ForEachTarget([&] {
      const TestMatrix att = attention.Forward().probabilities;
      for (std::size_t row = 0; row < att.view().rows; ++row) {
        const std::size_t t = row % positions;
        for (std::size_t j = t + 1; j < RoundUp(t + 1, kVirtualLanes); ++j) {
          ASSERT_EQ(att.at(row, j), 0.0f) << "row " << row << ", col " << j;
        }
      }
    });
  });
}

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
TEST_P(AttentionTest, DecodeGivesTheSameNumbersAsForward) {
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

TEST_P(AttentionTest, EveryTargetDecodesTheSameBits) {
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

INSTANTIATE_TEST_SUITE_P(HeadSizes, AttentionTest,
                         testing::Values(1, 3, 4, 5, 16, 20));

}  // namespace
}  // namespace microgpt
