#include "tests/kernels/attention_case.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace microgpt {
namespace {

TestMatrix NanMatrix(TestMatrix matrix) {
  const ConstMatrixView view = matrix.view();
  matrix.Assign(std::vector<float>(view.rows * view.cols,
                                   std::numeric_limits<float>::quiet_NaN()));
  return matrix;
}

// Adds a product of two numbers that have errors already to a sum that will
// have `roundings` roundings.
void AddProduct(Bounded& sum, const Bounded& a, const Bounded& b,
                double roundings) {
  sum.value += a.value * b.value;
  sum.bound +=
      (a.bound + roundings * kUnit * std::abs(a.value)) * std::abs(b.value) +
      (std::abs(a.value) + a.bound) * b.bound;
}

void AddProduct(Bounded& sum, const Bounded& a, double b, double roundings) {
  AddProduct(sum, a, Bounded{b, 0}, roundings);
}

// Most roundings that meet in one lane of a reduction over `count` elements
// and in the tree after it.
double LaneRoundings(std::size_t count) {
  return static_cast<double>(CeilDiv(count, kVirtualLanes)) + 8;
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

AttentionForwardResult AttentionCase::Forward(HeadRange heads) const {
  const auto [positions, n_head, head_size] = shape_;
  AttentionForwardResult result{
      NanMatrix(TestMatrix::Array(
          AttentionSavedFloats(positions, n_head).value(), 3)),
      NanMatrix(TestMatrix::Inside(positions, shape_.width(), 7))};
  TestMatrix scratch = NanMatrix(TestMatrix::Array(
      AttentionScratchFloats(positions, head_size).value(), 5));
  AttentionForward(qkv_.view(), shape_.width(), n_head, heads,
                   result.saved.data(), scratch.data(), result.out.view());
  EXPECT_TRUE(result.saved.GuardsIntact());
  EXPECT_TRUE(scratch.GuardsIntact());
  EXPECT_TRUE(result.out.GuardsIntact());
  return result;
}

TestMatrix AttentionCase::Backward(const TestMatrix& saved,
                                   HeadRange heads) const {
  const auto [positions, n_head, head_size] = shape_;
  TestMatrix dqkv =
      NanMatrix(TestMatrix::Inside(positions, 3 * shape_.width(), 1));
  TestMatrix scratch = NanMatrix(TestMatrix::Array(
      AttentionScratchFloats(positions, head_size).value(), 5));
  AttentionBackward(dout_.view(), qkv_.view(), shape_.width(), n_head, heads,
                    saved.data(), scratch.data(), dqkv.view());
  EXPECT_TRUE(scratch.GuardsIntact());
  EXPECT_TRUE(dqkv.GuardsIntact());
  return dqkv;
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
    const double roundings = LaneRoundings(t + 1) + max - score;
    row.push_back({p, p * (2 * score_bound + kUnit * roundings)});
  }
  return row;
}

std::vector<Bounded> AttentionCase::ReferenceOut() const {
  const auto [positions, n_head, head_size] = shape_;
  std::vector<Bounded> out(positions * shape_.width(), {0, 0});
  for (std::size_t h = 0; h < n_head; ++h) {
    for (std::size_t t = 0; t < positions; ++t) {
      const std::vector<Bounded> row = ReferenceRow(h, t);
      for (std::size_t j = 0; j <= t; ++j) {
        for (std::size_t i = 0; i < head_size; ++i) {
          AddProduct(out[t * shape_.width() + h * head_size + i], row[j],
                     V(h, j, i), static_cast<double>(t + 1));
        }
      }
    }
  }
  return out;
}

std::vector<Bounded> AttentionCase::ReferenceScoreGradient(
    std::size_t h, std::size_t t, const std::vector<Bounded>& att) const {
  const auto roundings = static_cast<double>(shape_.head_size);
  std::vector<Bounded> row;
  Bounded dot{0, 0};
  for (std::size_t j = 0; j <= t; ++j) {
    Bounded dp{0, 0};
    for (std::size_t i = 0; i < shape_.head_size; ++i) {
      AddProduct(dp, {Dout(h, t, i), 0}, V(h, j, i), roundings);
    }
    row.push_back(dp);
    AddProduct(dot, dp, att[j], LaneRoundings(t + 1));
  }
  for (std::size_t j = 0; j <= t; ++j) {
    const Bounded p{att[j].value * Scale(), att[j].bound * Scale()};
    const double magnitude = std::abs(row[j].value) + std::abs(dot.value);
    const Bounded centred{row[j].value - dot.value,
                          row[j].bound + dot.bound + kUnit * magnitude};
    row[j] = {0, 0};
    AddProduct(row[j], centred, p, 4);
  }
  return row;
}

std::vector<Bounded> AttentionCase::ReferenceDqkv() const {
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
      const std::vector<Bounded> att = ReferenceRow(h, t);
      const std::vector<Bounded> ds = ReferenceScoreGradient(h, t, att);
      for (std::size_t j = 0; j <= t; ++j) {
        for (std::size_t i = 0; i < head_size; ++i) {
          AddProduct(gradient(0, t, i), ds[j], K(h, j, i), roundings);
          AddProduct(gradient(1, j, i), ds[j], Q(h, t, i), roundings);
          AddProduct(gradient(2, j, i), att[j], Dout(h, t, i), roundings);
        }
      }
    }
  }
  return dqkv;
}

}  // namespace microgpt
