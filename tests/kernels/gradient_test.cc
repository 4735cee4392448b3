// AddInto, SumPairwise, MaxAbs and AllFinite.
#include "kernels/gradient.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>

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

// Arrays of `count` floats each, as SumPairwise takes them.
class Terms {
 public:
  Terms(std::size_t terms, std::size_t count, TestRandom& random)
      : count_(count) {
    for (std::size_t i = 0; i < terms; ++i) {
      arrays_.push_back(TestMatrix::Array(count, 2 * i + 1));
      for (std::size_t k = 0; k < count; ++k) {
        const int exponent = static_cast<int>(random.Index(20)) - 10;
        arrays_.back().data()[k] = std::ldexp(random.Float(), exponent);
      }
    }
  }

  TestMatrix& operator[](std::size_t i) { return arrays_[i]; }

  bool Sum() {
    std::vector<float*> pointers;
    for (TestMatrix& array : arrays_) pointers.push_back(array.data());
    const bool finite = SumPairwise(pointers, count_);
    for (const TestMatrix& array : arrays_) EXPECT_TRUE(array.GuardsIntact());
    return finite;
  }

  std::vector<std::vector<float>> Values() const {
    std::vector<std::vector<float>> values;
    for (const TestMatrix& array : arrays_) values.push_back(array.Values());
    return values;
  }

 private:
  std::size_t count_;
  std::vector<TestMatrix> arrays_;
};

// Level by level, neighbours first; a last one without partner as it is.
std::vector<float> ScalarTree(std::vector<std::vector<float>> level) {
  while (level.size() > 1) {
    std::vector<std::vector<float>> next;
    for (std::size_t i = 0; i < level.size(); i += 2) {
      next.push_back(level[i]);
      if (i + 1 == level.size()) break;
      for (std::size_t k = 0; k < level[i].size(); ++k) {
        next.back()[k] += level[i + 1][k];
      }
    }
    level = std::move(next);
  }
  return level[0];
}

TEST(SumPairwiseTest, IsTheScalarTreeAndChangesNoOtherTerm) {
  TestRandom random(1);
  ForEachTarget([&] {
    for (std::size_t terms = 1; terms <= kMaxTerms; ++terms) {
      for (std::size_t count = 0; count <= kMaxCount; count += kVirtualLanes) {
        Terms sum(terms, count, random);
        std::vector<std::vector<float>> expected = sum.Values();
        expected[0] = ScalarTree(expected);
        EXPECT_TRUE(sum.Sum());
        for (std::size_t i = 0; i < terms; ++i) {
          ASSERT_TRUE(SameBits(sum[i].Values(), expected[i]))
              << "array " << i << " of " << terms << ", count " << count;
        }
      }
    }
  });
}

TEST(SumPairwiseTest, EveryTargetGivesTheSameBits) {
  for (std::size_t terms = 1; terms <= kMaxTerms; ++terms) {
    ExpectSameBitsOnEveryTarget([&] {
      TestRandom random(2);
      Terms sum(terms, kMaxCount, random);
      sum.Sum();
      return sum[0].Values();
    });
  }
}

TEST(SumPairwiseTest, SeesABadTermAtEveryPosition) {
  using Limits = std::numeric_limits<float>;
  const float bad[] = {Limits::infinity(), -Limits::infinity(),
                       Limits::quiet_NaN(), std::bit_cast<float>(0xFFC00001u)};
  constexpr std::size_t kCount = 3 * kVirtualLanes;
  TestRandom random(3);
  ForEachTarget([&] {
    for (std::size_t terms = 1; terms <= kMaxTerms; ++terms) {
      for (std::size_t at = 0; at < kCount; ++at) {
        for (std::size_t term = 0; term < terms; ++term) {
          Terms sum(terms, kCount, random);
          sum[term].data()[at] = bad[(at + term) % std::size(bad)];
          ASSERT_FALSE(sum.Sum())
              << "element " << at << " of term " << term << " of " << terms;
        }
      }
    }
  });
}

// Finite terms whose sum is not: at any node of the tree, in any direction, and
// where the halves cancel only after an overflow.
TEST(SumPairwiseTest, SeesASumThatOverflowsAtEveryPosition) {
  constexpr float kMax = std::numeric_limits<float>::max();
  constexpr std::size_t kCount = 2 * kVirtualLanes;
  TestRandom random(4);
  ForEachTarget([&] {
    for (std::size_t terms = 2; terms <= kMaxTerms; ++terms) {
      for (std::size_t at = 0; at < kCount; ++at) {
        const float large = at % 2 == 0 ? kMax : -kMax;
        for (std::size_t term = 1; term < terms; ++term) {
          Terms sum(terms, kCount, random);
          sum[0].data()[at] = large;
          sum[term].data()[at] = large;
          ASSERT_FALSE(sum.Sum()) << "element " << at << ", term " << term;
        }
        if (terms < 4) continue;
        Terms cancelling(terms, kCount, random);
        cancelling[0].data()[at] = large;
        cancelling[1].data()[at] = large;
        cancelling[2].data()[at] = -large;
        cancelling[3].data()[at] = -large;
        ASSERT_FALSE(cancelling.Sum()) << "element " << at;
      }
    }
  });
}

TEST(SumPairwiseTest, AcceptsTheLargestNumbers) {
  constexpr float kMax = std::numeric_limits<float>::max();
  ForEachTarget([&] {
    for (std::size_t terms = 1; terms <= kMaxTerms; ++terms) {
      TestRandom random(5);
      Terms sum(terms, kVirtualLanes, random);
      for (std::size_t i = 0; i < terms; ++i) {
        for (std::size_t k = 0; k < kVirtualLanes; ++k) {
          sum[i].data()[k] = i == k % terms ? (k % 2 == 0 ? kMax : -kMax) : 0;
        }
      }
      EXPECT_TRUE(sum.Sum()) << terms;
    }
  });
}

// Largest magnitude of random [rows, cols], one row apart from the next by more
// than its padding.
TEST(MaxAbsTest, IsTheLargestMagnitude) {
  TestRandom random(6);
  ForEachTarget([&] {
    for (std::size_t rows = 0; rows <= 4; ++rows) {
      for (std::size_t cols = 1; cols <= 3 * kVirtualLanes + 1; ++cols) {
        TestMatrix values = TestMatrix::Inside(rows, PaddedCols(cols), 3);
        float expected = 0.125f;
        for (std::size_t r = 0; r < rows; ++r) {
          for (std::size_t c = 0; c < cols; ++c) {
            values.view().Row(r)[c] = random.Float();
            expected = std::max(expected, std::abs(values.at(r, c)));
          }
        }
        ASSERT_EQ(MaxAbs(values.view().Cols(0, cols), 0.125f), expected)
            << rows << " x " << cols;
        ASSERT_EQ(MaxAbs(values.view().Cols(0, cols), 3.0f), 3.0f);
      }
    }
  });
}

TEST(MaxAbsTest, SeesTheLargestAtEveryPosition) {
  using Limits = std::numeric_limits<float>;
  constexpr std::size_t kRows = 3;
  constexpr std::size_t kCols = 2 * kVirtualLanes;
  ForEachTarget([&] {
    TestMatrix values = TestMatrix::Inside(kRows, kCols, 5);
    const auto with = [&](std::size_t i, float value) {
      float& element = values.view().Row(i / kCols)[i % kCols];
      const float before = std::exchange(element, value);
      const float largest = MaxAbs(values.view(), 1.0f);
      element = before;
      return largest;
    };
    for (std::size_t i = 0; i < kRows * kCols; ++i) {
      ASSERT_EQ(with(i, -2.0f), 2.0f) << i;
      ASSERT_EQ(with(i, Limits::lowest()), Limits::max()) << i;
      ASSERT_EQ(with(i, -Limits::infinity()), Limits::infinity()) << i;
      ASSERT_TRUE(std::isnan(with(i, Limits::quiet_NaN()))) << i;
      ASSERT_TRUE(std::isnan(with(i, -Limits::quiet_NaN()))) << i;
    }
  });
}

TEST(MaxAbsTest, NanIsLargerThanInfinity) {
  using Limits = std::numeric_limits<float>;
  ForEachTarget([&] {
    for (std::size_t i = 0; i < kVirtualLanes; ++i) {
      TestMatrix values = TestMatrix::Padded(1, kVirtualLanes, 1);
      for (std::size_t k = 0; k < kVirtualLanes; ++k) {
        values.data()[k] = k == i ? Limits::quiet_NaN() : Limits::infinity();
      }
      EXPECT_TRUE(std::isnan(MaxAbs(values.view(), 0.0f))) << i;
    }
    TestMatrix ones = TestMatrix::Padded(1, kVirtualLanes, 1);
    EXPECT_TRUE(std::isnan(MaxAbs(ones.view(), Limits::quiet_NaN())));
    EXPECT_EQ(MaxAbs(ones.view(), Limits::infinity()), Limits::infinity());
  });
}

TEST(MaxAbsTest, NegativeZeroIsZero) {
  ForEachTarget([] {
    TestMatrix values = TestMatrix::Padded(2, kVirtualLanes, 1);
    values.Assign(std::vector<float>(2 * kVirtualLanes, -0.0f));
    const float largest = MaxAbs(values.view(), 0.0f);
    EXPECT_EQ(std::bit_cast<std::uint32_t>(largest), 0u);
  });
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
