// AdamUpdateFromProduct against MatMulWeightGradient, AdamUpdate and Transpose,
// bit for bit, and against a double reference.
#include <cmath>
#include <vector>

#include "gtest/gtest.h"
#include "kernels/adam.h"
#include "kernels/matmul.h"
#include "tests/kernels/each_target.h"
#include "tests/kernels/test_matrix.h"

namespace microgpt {
namespace {

constexpr AdamScalars kScalars{0.9f,  0.95f, 0.0125f, 0.05f / 64.0f,
                               0.02f, 3e-9f, 0.875f};

// p [out, in] and its gradient, a sum over `rows`.
struct Shape {
  std::size_t rows;
  std::size_t out;
  std::size_t in;
};

// [rows, cols] with zero padding that may be read and rewritten, inside a wider
// matrix of guards.
TestMatrix PaddedInside(std::size_t rows, std::size_t cols, std::size_t begin) {
  return TestMatrix::Inside(rows, PaddedCols(cols), begin);
}

void FillWithoutPadding(TestMatrix& matrix, std::size_t cols,
                        TestRandom& random, float offset) {
  const MatrixView view = matrix.view();
  for (std::size_t r = 0; r < view.rows; ++r) {
    for (std::size_t c = 0; c < cols; ++c) {
      view.Row(r)[c] = random.Float(0.2f) + offset;
    }
  }
}

// A weight matrix with everything that an update reads and writes. m and v lie
// as p does.
class UpdateCase {
 public:
  UpdateCase(const Shape& shape, std::uint64_t seed)
      : shape_(shape),
        dy_(TestMatrix::Inside(shape.rows, shape.out, 5)),
        x_(PaddedInside(shape.rows, shape.in, 1)),
        p_(PaddedInside(shape.out, shape.in, 3)),
        m_(PaddedInside(shape.out, shape.in, 3)),
        v_(PaddedInside(shape.out, shape.in, 3)),
        transposed_(TestMatrix::Inside(shape.in, shape.out, 7)) {
    TestRandom random(seed);
    dy_.FillRandom(random);
    FillWithoutPadding(x_, shape.in, random, 0);
    FillWithoutPadding(p_, shape.in, random, 0);
    FillWithoutPadding(m_, shape.in, random, 0);
    FillWithoutPadding(v_, shape.in, random, 0.25f);
    transposed_.FillRandom(random);
  }

  // Rows [begin, begin + count) of p.
  void UpdateFromProduct(std::size_t begin, std::size_t count) {
    const std::size_t at = begin * p_.view().stride;
    AdamUpdateFromProduct(
        kScalars, dy_.view().Cols(begin, count), x_.view().Cols(0, shape_.in),
        p_.view().Rows(begin, count).Cols(0, shape_.in), m_.data() + at,
        v_.data() + at, transposed_.view().Cols(begin, count));
    ExpectGuardsIntact();
  }

  void UpdateStepByStep(std::size_t begin, std::size_t count) {
    TestMatrix g = TestMatrix::Padded(count, shape_.in, 9);
    MatMulWeightGradient(dy_.view().Cols(begin, count), x_.view(),
                         {g.data(), count, g.view().stride, g.view().stride},
                         Write::kOverwrite);
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t row = begin + i;
      AdamUpdate(kScalars, p_.view().Row(row), m_.view().Row(row),
                 v_.view().Row(row), g.view().Row(i), g.view().stride);
    }
    Transpose(p_.view().Rows(begin, count).Cols(0, shape_.in),
              transposed_.view().Cols(begin, count));
    ExpectGuardsIntact();
  }

  // All that an update writes, with the padding.
  std::vector<float> State() const {
    std::vector<float> all;
    for (const TestMatrix* part : {&p_, &m_, &v_, &transposed_}) {
      const std::vector<float> values = part->Values();
      all.insert(all.end(), values.begin(), values.end());
    }
    return all;
  }

  const Shape& shape() const { return shape_; }
  float dy(std::size_t t, std::size_t o) const { return dy_.at(t, o); }
  float x(std::size_t t, std::size_t i) const { return x_.at(t, i); }
  float p(std::size_t o, std::size_t i) const { return p_.at(o, i); }
  float m(std::size_t o, std::size_t i) const { return m_.at(o, i); }
  float v(std::size_t o, std::size_t i) const { return v_.at(o, i); }
  float transposed(std::size_t i, std::size_t o) const {
    return transposed_.at(i, o);
  }

 private:
  void ExpectGuardsIntact() const {
    for (const TestMatrix* part : {&dy_, &x_, &p_, &m_, &v_, &transposed_}) {
      EXPECT_TRUE(part->GuardsIntact());
    }
  }

  Shape shape_;
  TestMatrix dy_;          // [T, out]
  TestMatrix x_;           // [T, in], padding zero
  TestMatrix p_;           // [out, in], padding zero
  TestMatrix m_;           // [out, in], padding zero
  TestMatrix v_;           // [out, in], padding zero
  TestMatrix transposed_;  // [in, out]
};

// The bits of the three kernels, on every target.
void ExpectSameBitsAsStepByStep(const Shape& shape) {
  UpdateCase separate(shape, 1);
  separate.UpdateStepByStep(0, shape.out);
  const std::vector<float> expected = separate.State();
  ForEachTarget([&] {
    UpdateCase fused(shape, 1);
    fused.UpdateFromProduct(0, shape.out);
    EXPECT_TRUE(SameBits(fused.State(), expected));
  });
  ASSERT_FALSE(testing::Test::HasFailure())
      << shape.rows << " rows, out " << shape.out << ", in " << shape.in;
}

TEST(AdamUpdateFromProductTest, GivesTheBitsOfThreeKernels) {
  for (std::size_t out = 1; out <= 40; ++out) {
    for (std::size_t in = 1; in <= 40; ++in) {
      ExpectSameBitsAsStepByStep({1 + (7 * out + 3 * in) % 20, out, in});
    }
  }
}

TEST(AdamUpdateFromProductTest, AnyNumberOfRows) {
  for (std::size_t rows = 1; rows <= 20; ++rows) {
    for (const std::size_t out : {1u, 4u, 7u, 16u, 23u}) {
      ExpectSameBitsAsStepByStep({rows, out, 5});
      ExpectSameBitsAsStepByStep({rows, out, 32});
    }
  }
}

TEST(AdamUpdateFromProductTest, LargerMatrices) {
  for (const Shape& shape :
       {Shape{9, 67, 48}, Shape{16, 130, 70}, Shape{8, 64, 256},
        Shape{3, 256, 64}, Shape{130, 20, 80}}) {
    ExpectSameBitsAsStepByStep(shape);
  }
}

TEST(AdamUpdateFromProductTest, OtherRowsAreLeftAlone) {
  constexpr Shape kShape{5, 40, 19};
  for (const auto& [begin, count] :
       {RowRange{0, 16}, RowRange{16, 24}, RowRange{3, 7}, RowRange{39, 1},
        RowRange{20, 0}}) {
    UpdateCase separate(kShape, 2);
    separate.UpdateStepByStep(begin, count);
    const std::vector<float> expected = separate.State();
    ForEachTarget([&, first = begin, rows = count] {
      UpdateCase fused(kShape, 2);
      fused.UpdateFromProduct(first, rows);
      EXPECT_TRUE(SameBits(fused.State(), expected)) << first << ", " << rows;
    });
  }
}

// Blocks of rows may be updated by different threads.
TEST(AdamUpdateFromProductTest, BlocksGiveTheBitsOfTheWhole) {
  constexpr Shape kShape{11, 37, 21};
  ForEachTarget([&] {
    UpdateCase whole(kShape, 3);
    whole.UpdateFromProduct(0, kShape.out);
    for (const std::size_t size : {1u, 5u, 16u}) {
      UpdateCase blocks(kShape, 3);
      for (std::size_t row = 0; row < kShape.out; row += size) {
        blocks.UpdateFromProduct(row, std::min(size, kShape.out - row));
      }
      EXPECT_TRUE(SameBits(blocks.State(), whole.State())) << size;
    }
  });
}

// What becomes of one weight.
struct Expected {
  Bounded p, m, v;
};

Expected DoubleReference(const UpdateCase& start, std::size_t o,
                         std::size_t i) {
  double g = 0;
  double magnitude = 0;
  for (std::size_t t = 0; t < start.shape().rows; ++t) {
    const double term = static_cast<double>(start.dy(t, o)) * start.x(t, i);
    g += term;
    magnitude += std::abs(term);
  }
  const double g_bound =
      static_cast<double>(start.shape().rows) * kUnit * magnitude;
  const double beta1 = kScalars.beta1;
  const double beta2 = kScalars.beta2;
  const double gradient_factor = kScalars.gradient_factor;
  const double square_factor = kScalars.square_factor;
  const double step_size = kScalars.step_size;
  const double m = beta1 * start.m(o, i) + gradient_factor * g;
  const double v = beta2 * start.v(o, i) + square_factor * g * g;
  const double m_bound =
      gradient_factor * g_bound +
      3 * kUnit *
          (std::abs(beta1 * start.m(o, i)) + std::abs(gradient_factor * g));
  const double v_bound =
      square_factor * g_bound * (2 * std::abs(g) + g_bound) + 4 * kUnit * v;
  const double root = std::sqrt(v);
  const double step =
      step_size * m / (root + static_cast<double>(kScalars.eps));
  const double kept = static_cast<double>(kScalars.decay) * start.p(o, i);
  const double p = kept - step;
  // The root is half as wrong as v; five more roundings.
  const double step_bound =
      step_size * m_bound / root + std::abs(step) * (v_bound / v + 5 * kUnit);
  return {{p, step_bound + kUnit * (std::abs(p) + std::abs(kept))},
          {m, m_bound},
          {v, v_bound}};
}

TEST(AdamUpdateFromProductTest, IsNearTheDoubleReference) {
  for (const Shape& shape :
       {Shape{1, 1, 1}, Shape{8, 16, 16}, Shape{13, 21, 37}, Shape{20, 7, 64},
        Shape{64, 33, 5}}) {
    const UpdateCase start(shape, 4);
    ForEachTarget([&] {
      UpdateCase updated(shape, 4);
      updated.UpdateFromProduct(0, shape.out);
      std::vector<float> actual;
      std::vector<Bounded> expected;
      for (std::size_t o = 0; o < shape.out; ++o) {
        for (std::size_t i = 0; i < shape.in; ++i) {
          const Expected weight = DoubleReference(start, o, i);
          actual.insert(actual.end(),
                        {updated.p(o, i), updated.m(o, i), updated.v(o, i)});
          expected.insert(expected.end(), {weight.p, weight.m, weight.v});
          ASSERT_EQ(updated.transposed(i, o), updated.p(o, i));
        }
      }
      EXPECT_TRUE(Within(actual, expected));
    });
  }
}

}  // namespace
}  // namespace microgpt
