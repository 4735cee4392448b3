#include "tests/kernels/attention_case.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/attention.h"

namespace microgpt {
namespace {

TestMatrix NanMatrix(TestMatrix matrix) {
  const ConstMatrixView view = matrix.view();
  matrix.Assign(std::vector<float>(view.rows * view.cols,
                                   std::numeric_limits<float>::quiet_NaN()));
  return matrix;
}

// Adds a product of two numbers, the first of which has an error already, to a
// sum that will have `roundings` roundings.
void AddProduct(Bounded& sum, const Bounded& a, double b, double roundings) {
  sum.value += a.value * b;
  sum.bound += (a.bound + roundings * kUnit * std::abs(a.value)) * std::abs(b);
}

}  // namespace

AttentionCase::AttentionCase(const AttentionShape& shape, TestRandom& random)
    : shape_(shape),
      qkv_(TestMatrix::Inside(shape.positions, 3 * shape.width(), 3)),
      dout_(TestMatrix::Inside(shape.positions, shape.width(), 5)) {
  qkv_.FillRandom(random, 2.0f);
  dout_.FillRandom(random);
}

double AttentionCase::Q(std::size_t h, std::size_t t, std::size_t i) const {
  return qkv_.at(t, h * shape_.head_size + i);
}
double AttentionCase::K(std::size_t h, std::size_t t, std::size_t i) const {
  return qkv_.at(t, shape_.width() + h * shape_.head_size + i);
}
double AttentionCase::V(std::size_t h, std::size_t t, std::size_t i) const {
  return qkv_.at(t, 2 * shape_.width() + h * shape_.head_size + i);
}
double AttentionCase::Dout(std::size_t h, std::size_t t, std::size_t i) const {
  return dout_.at(t, h * shape_.head_size + i);
}
double AttentionCase::Scale() const {
  return 1 / std::sqrt(static_cast<double>(shape_.head_size));
}

AttentionForwardResult AttentionCase::Forward() const {
  const std::size_t positions = shape_.positions;
  const std::size_t width = shape_.width();
  AttentionForwardResult result{
      NanMatrix(TestMatrix::Padded(shape_.n_head * positions,
                                   PaddedCols(positions), 1)),
      NanMatrix(TestMatrix::Inside(positions, width, 7))};
  TestMatrix scratch =
      NanMatrix(TestMatrix::Array(AttentionScratchFloats(positions, width), 5));
  AttentionForward(qkv_.view(), width, shape_.n_head,
                   result.probabilities.data(), scratch.data(),
                   result.out.view());
  EXPECT_TRUE(result.probabilities.GuardsIntact());
  EXPECT_TRUE(scratch.GuardsIntact());
  EXPECT_TRUE(result.out.GuardsIntact());
  return result;
}

TestMatrix AttentionCase::Backward(const TestMatrix& probabilities) const {
  const std::size_t positions = shape_.positions;
  const std::size_t width = shape_.width();
  TestMatrix dqkv = NanMatrix(TestMatrix::Inside(positions, 3 * width, 1));
  TestMatrix scratch =
      NanMatrix(TestMatrix::Array(AttentionScratchFloats(positions, width), 5));
  AttentionBackward(dout_.view(), qkv_.view(), width, shape_.n_head,
                    probabilities.data(), scratch.data(), dqkv.view());
  EXPECT_TRUE(scratch.GuardsIntact());
  EXPECT_TRUE(dqkv.GuardsIntact());
  return dqkv;
}

std::vector<float> AttentionCase::LowerTriangles(
    const TestMatrix& probabilities) const {
  std::vector<float> values;
  for (std::size_t row = 0; row < shape_.n_head * shape_.positions; ++row) {
    for (std::size_t j = 0; j < shape_.positions; ++j) {
      const bool visible = j <= row % shape_.positions;
      values.push_back(visible ? probabilities.at(row, j) : 0.0f);
    }
  }
  return values;
}

// A score is off by HS + 2 units of its terms' magnitudes, its exponential by
// that much and eight units more.
std::vector<Bounded> AttentionCase::ReferenceRow(std::size_t h,
                                                 std::size_t t) const {
  std::vector<double> scores;
  double score_bound = 0;
  for (std::size_t j = 0; j <= t; ++j) {
    Bounded score{0, 0};
    for (std::size_t i = 0; i < shape_.head_size; ++i) {
      AddProduct(score, {Q(h, t, i) * Scale(), 0}, K(h, j, i),
                 static_cast<double>(shape_.head_size + 2));
    }
    scores.push_back(score.value);
    score_bound = std::max(score_bound, score.bound);
  }
  const double max = *std::max_element(scores.begin(), scores.end());
  double sum = 0;
  for (const double score : scores) sum += std::exp(score - max);
  std::vector<Bounded> row;
  for (const double score : scores) {
    const double p = std::exp(score - max) / sum;
    row.push_back({p, p * (2 * score_bound + kUnit * (8 + max - score))});
  }
  return row;
}

AttentionForwardReference AttentionCase::ReferenceForward() const {
  const auto [positions, n_head, head_size] = shape_;
  AttentionForwardReference reference;
  reference.out.resize(positions * shape_.width(), {0, 0});
  for (std::size_t h = 0; h < n_head; ++h) {
    for (std::size_t t = 0; t < positions; ++t) {
      const std::vector<Bounded> row = ReferenceRow(h, t);
      for (std::size_t j = 0; j <= t; ++j) {
        for (std::size_t i = 0; i < head_size; ++i) {
          AddProduct(reference.out[t * shape_.width() + h * head_size + i],
                     row[j], V(h, j, i), static_cast<double>(t + 1));
        }
      }
      reference.probabilities.insert(reference.probabilities.end(), row.begin(),
                                     row.end());
      reference.probabilities.insert(reference.probabilities.end(),
                                     positions - 1 - t, {0, 0});
    }
  }
  return reference;
}

std::vector<Bounded> AttentionCase::ReferenceScoreGradient(
    std::size_t h, std::size_t t, const TestMatrix& att) const {
  const std::size_t att_row = h * shape_.positions + t;
  const auto roundings = static_cast<double>(shape_.head_size);
  std::vector<Bounded> row;
  Bounded dot{0, 0};
  for (std::size_t j = 0; j <= t; ++j) {
    Bounded dp{0, 0};
    for (std::size_t i = 0; i < shape_.head_size; ++i) {
      AddProduct(dp, {Dout(h, t, i), 0}, V(h, j, i), roundings);
    }
    row.push_back(dp);
    AddProduct(dot, dp, att.at(att_row, j), 8);
  }
  for (std::size_t j = 0; j <= t; ++j) {
    const double p = att.at(att_row, j) * Scale();
    const double magnitude = std::abs(row[j].value) + std::abs(dot.value);
    row[j].value = p * (row[j].value - dot.value);
    row[j].bound = p * (row[j].bound + dot.bound + 4 * kUnit * magnitude);
  }
  return row;
}

std::vector<Bounded> AttentionCase::ReferenceBackward(
    const TestMatrix& probabilities) const {
  const auto [positions, n_head, head_size] = shape_;
  const std::size_t width = shape_.width();
  const auto roundings = static_cast<double>(positions + kVirtualLanes);
  std::vector<Bounded> dqkv(positions * 3 * width, {0, 0});
  for (std::size_t h = 0; h < n_head; ++h) {
    // Part 0, 1, 2: the gradient of q, k, v.
    const auto gradient = [&, head = h](std::size_t part, std::size_t t,
                                        std::size_t i) -> Bounded& {
      return dqkv[(t * 3 + part) * width + head * shape_.head_size + i];
    };
    for (std::size_t t = 0; t < positions; ++t) {
      const std::vector<Bounded> ds =
          ReferenceScoreGradient(h, t, probabilities);
      for (std::size_t j = 0; j <= t; ++j) {
        const double p = probabilities.at(h * positions + t, j);
        for (std::size_t i = 0; i < head_size; ++i) {
          AddProduct(gradient(0, t, i), ds[j], K(h, j, i), roundings);
          AddProduct(gradient(1, j, i), ds[j], Q(h, t, i), roundings);
          AddProduct(gradient(2, j, i), {p, 0}, Dout(h, t, i), roundings);
        }
      }
    }
  }
  return dqkv;
}

}  // namespace microgpt
