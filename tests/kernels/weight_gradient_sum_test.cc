// SumWeightGradients against the kernels whose bits it must have.
#include <algorithm>
#include <limits>
#include <vector>

#include "gtest/gtest.h"
#include "kernels/gradient.h"
#include "kernels/matmul.h"
#include "tests/kernels/compare.h"
#include "tests/kernels/each_target.h"
#include "tests/kernels/test_matrix.h"

namespace microgpt {
namespace {

// Products of 1 to 20 rows each, misaligned, with rows padded as in the model.
class SumCase {
 public:
  SumCase(std::size_t terms, std::size_t out, std::size_t in,
          TestRandom& random)
      : out_(out), in_(in) {
    for (std::size_t i = 0; i < terms; ++i) {
      const std::size_t rows = 1 + (7 * i + out + in) % 20;
      dy_.push_back(TestMatrix::Inside(rows, out, 3 + i));
      x_.push_back(TestMatrix::Padded(rows, in, 2 * i + 1));
      dy_.back().FillRandom(random);
      x_.back().FillRandom(random);
    }
  }

  TestMatrix& dy(std::size_t term) { return dy_[term]; }

  // [out, in], its padding behind it.
  std::vector<float> Compute(bool& finite) const {
    TestMatrix dw = TestMatrix::Padded(out_, in_, 5);
    finite = SumWeightGradients(Terms(), dw.view());
    EXPECT_TRUE(dw.GuardsIntact());
    return WithPadding(dw);
  }

  std::vector<float> StoredAndSummed() const {
    const std::size_t count = out_ * PaddedCols(in_);
    std::vector<TestMatrix> stored;
    std::vector<float*> arrays;
    stored.reserve(dy_.size());
    for (std::size_t i = 0; i < dy_.size(); ++i) {
      stored.push_back(TestMatrix::Padded(out_, in_, 0));
      MatMulWeightGradient(dy_[i].view(), x_[i].view(), stored.back().view(),
                           Write::kOverwrite);
      arrays.push_back(stored.back().data());
    }
    SumPairwise(arrays, count);
    return WithPadding(stored.front());
  }

  // A chain per term, then at most three additions.
  std::vector<Bounded> DoubleReference() const {
    std::vector<Bounded> expected;
    for (std::size_t o = 0; o < out_; ++o) {
      for (std::size_t i = 0; i < in_; ++i) expected.push_back(Element(o, i));
    }
    return expected;
  }

  std::vector<float> Values() const {
    TestMatrix dw = TestMatrix::Padded(out_, in_, 5);
    SumWeightGradients(Terms(), dw.view());
    return dw.Values();
  }

 private:
  static std::vector<float> WithPadding(const TestMatrix& matrix) {
    std::vector<float> all = matrix.Values();
    const std::vector<float> padding = matrix.Padding();
    all.insert(all.end(), padding.begin(), padding.end());
    return all;
  }

  std::vector<ProductGradient> Terms() const {
    std::vector<ProductGradient> terms;
    for (std::size_t i = 0; i < dy_.size(); ++i) {
      terms.push_back({dy_[i].view(), x_[i].view()});
    }
    return terms;
  }

  Bounded Element(std::size_t o, std::size_t i) const {
    double sum = 0;
    double magnitude = 0;
    std::size_t roundings = 3;
    for (std::size_t term = 0; term < dy_.size(); ++term) {
      const std::size_t rows = dy_[term].view().rows;
      roundings = std::max(roundings, rows + 3);
      for (std::size_t t = 0; t < rows; ++t) {
        const double product =
            static_cast<double>(dy_[term].at(t, o)) * x_[term].at(t, i);
        sum += product;
        magnitude += std::abs(product);
      }
    }
    return {sum, static_cast<double>(roundings) * kUnit * magnitude};
  }

  std::size_t out_;
  std::size_t in_;
  std::vector<TestMatrix> dy_;
  std::vector<TestMatrix> x_;
};

template <class Check>
void ForEachShape(Check check) {
  for (std::size_t terms = 1; terms <= kMaxTerms; ++terms) {
    for (const std::size_t out : {1u, 5u, 6u, 8u, 9u, 16u, 23u}) {
      for (const std::size_t in : {1u, 15u, 16u, 20u, 64u, 127u, 128u, 260u}) {
        SCOPED_TRACE(testing::Message()
                     << terms << " terms, " << out << " x " << in);
        check(terms, out, in);
      }
    }
  }
}

TEST(WeightGradientSumTest, HasTheBitsOfStoredGradients) {
  TestRandom random(1);
  ForEachShape([&](std::size_t terms, std::size_t out, std::size_t in) {
    const SumCase sum_case(terms, out, in, random);
    const std::vector<float> expected = sum_case.StoredAndSummed();
    ForEachTarget([&] {
      bool finite = false;
      EXPECT_TRUE(SameBits(sum_case.Compute(finite), expected));
      EXPECT_TRUE(finite);
    });
  });
}

TEST(WeightGradientSumTest, IsNearTheDoubleReference) {
  TestRandom random(2);
  ForEachShape([&](std::size_t terms, std::size_t out, std::size_t in) {
    const SumCase sum_case(terms, out, in, random);
    const std::vector<Bounded> expected = sum_case.DoubleReference();
    ForEachTarget([&] { EXPECT_TRUE(Within(sum_case.Values(), expected)); });
  });
}

TEST(WeightGradientSumTest, OneInfinityInAnyTermIsSeen) {
  TestRandom random(3);
  for (std::size_t term = 0; term < kMaxTerms; ++term) {
    SumCase sum_case(kMaxTerms, 20, 260, random);
    const MatrixView dy = sum_case.dy(term).view();
    dy.Row(dy.rows - 1)[19] = std::numeric_limits<float>::infinity();
    ForEachTarget([&] {
      bool finite = true;
      sum_case.Compute(finite);
      EXPECT_FALSE(finite) << "term " << term;
    });
  }
}

}  // namespace
}  // namespace microgpt
