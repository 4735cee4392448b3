#include "tests/kernels/attention_chains.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

#include "kernels/attention.h"

namespace microgpt {
namespace {

float Exp(float x) {
  constexpr float kMagic = 12582912.0f;
  const float shifted = std::fma(x, 1.44269504088896341f, kMagic);
  const float n = shifted - kMagic;
  float r = std::fma(n, -0.693145751953125f, x);
  r = std::fma(n, -1.42860682030941723e-6f, r);
  float p = 1.0f / 5040;
  for (const float c :
       {1.0f / 720, 1.0f / 120, 1.0f / 24, 1.0f / 6, 0.5f, 1.0f, 1.0f}) {
    p = std::fma(p, r, c);
  }
  if (x < -40.0f) return 0;
  return std::bit_cast<float>(std::bit_cast<std::uint32_t>(p) +
                              (std::bit_cast<std::uint32_t>(shifted) << 23));
}

// Element i goes to lane i % 16: lane = add(lane, i); then the tree.
template <class Add>
float ReduceLanes(std::size_t count, Add add) {
  std::array<float, kVirtualLanes> lanes{};
  for (std::size_t i = 0; i < count; ++i) {
    float& lane = lanes[i % kVirtualLanes];
    lane = add(lane, i);
  }
  for (std::size_t half = kVirtualLanes / 2; half != 0; half /= 2) {
    for (std::size_t i = 0; i < half; ++i) lanes[i] += lanes[i + half];
  }
  return lanes[0];
}

// One head. Matrices [T, HS] are functions of row and column, which give zeros
// beyond the last row; square ones are [T, PaddedCols(T)].
class HeadChains {
 public:
  HeadChains(const AttentionCase& attention, std::size_t head)
      : attention_(attention),
        positions_(attention.shape().positions),
        head_size_(attention.shape().head_size),
        first_(head * head_size_),
        stride_(PaddedCols(positions_)),
        att_(positions_ * stride_),
        ds_(positions_ * stride_) {}

  void Run(AttentionChains& result) {
    const std::size_t width = attention_.shape().width();
    for (std::size_t t = 0; t < positions_; ++t) {
      Probabilities(t);
      ScoreGradients(t);
      for (std::size_t i = 0; i < head_size_; ++i) {
        result.out[t * width + first_ + i] = RowChain(att_, t, 2, i);
        result.dqkv[t * 3 * width + first_ + i] = RowChain(ds_, t, 1, i);
      }
    }
    for (std::size_t t = 0; t < positions_; ++t) {
      for (std::size_t i = 0; i < head_size_; ++i) {
        float* row = result.dqkv.data() + t * 3 * width + first_ + i;
        row[width] =
            ColumnChain(ds_, t, [&](std::size_t r) { return In(0, r, i); });
        row[2 * width] =
            ColumnChain(att_, t, [&](std::size_t r) { return Dout(r, i); });
      }
    }
  }

 private:
  // q, k, v: part 0, 1, 2.
  float In(std::size_t part, std::size_t t, std::size_t i) const {
    if (t >= positions_) return 0;
    return attention_.qkv().at(t,
                               part * attention_.shape().width() + first_ + i);
  }
  float Dout(std::size_t t, std::size_t i) const {
    return attention_.dout().at(t, first_ + i);
  }
  static std::size_t BlockBegin(std::size_t t) {
    return t / kVirtualLanes * kVirtualLanes;
  }

  void Probabilities(std::size_t t) {
    const float scale = AttentionScale(head_size_);
    float* row = att_.data() + t * stride_;
    for (std::size_t j = 0; j <= t; ++j) {
      float score = 0;
      for (std::size_t i = 0; i < head_size_; ++i) {
        score = std::fma(In(0, t, i), In(1, j, i), score);
      }
      row[j] = score * scale;
    }
    const float max = *std::max_element(row, row + t + 1);
    const float inverse =
        1.0f / ReduceLanes(t + 1, [&](float sum, std::size_t j) {
          row[j] = Exp(row[j] - max);
          return sum + row[j];
        });
    for (std::size_t j = 0; j <= t; ++j) row[j] *= inverse;
  }

  void ScoreGradients(std::size_t t) {
    const std::size_t end = PaddedCols(t + 1);
    const float scale = AttentionScale(head_size_);
    const float* att = att_.data() + t * stride_;
    float* row = ds_.data() + t * stride_;
    const float dot = ReduceLanes(end, [&](float sum, std::size_t j) {
      for (std::size_t i = 0; i < head_size_; ++i) {
        row[j] = std::fma(Dout(t, i), In(2, j, i), row[j]);
      }
      return std::fma(att[j], row[j], sum);
    });
    for (std::size_t j = 0; j < end; ++j) {
      row[j] = att[j] * scale * (row[j] - dot);
    }
  }

  // Over columns, to the end of the row's block.
  float RowChain(const std::vector<float>& square, std::size_t t,
                 std::size_t part, std::size_t i) const {
    float sum = 0;
    const std::size_t end = std::min(PaddedCols(t + 1), positions_);
    for (std::size_t j = 0; j < end; ++j) {
      sum = std::fma(square[t * stride_ + j], In(part, j, i), sum);
    }
    return sum;
  }

  // Over rows, from the beginning of the column's block.
  template <class Value>
  float ColumnChain(const std::vector<float>& square, std::size_t column,
                    Value value) const {
    float sum = 0;
    for (std::size_t r = BlockBegin(column); r < positions_; ++r) {
      sum = std::fma(square[r * stride_ + column], value(r), sum);
    }
    return sum;
  }

  const AttentionCase& attention_;
  std::size_t positions_;
  std::size_t head_size_;
  std::size_t first_;
  std::size_t stride_;
  std::vector<float> att_;  // [T, PaddedCols(T)] probabilities
  std::vector<float> ds_;   // [T, PaddedCols(T)] gradients of scores
};

}  // namespace

AttentionChains RunAttentionChains(const AttentionCase& attention) {
  const std::size_t size =
      attention.shape().positions * attention.shape().width();
  AttentionChains result{std::vector<float>(size),
                         std::vector<float>(3 * size)};
  for (std::size_t h = 0; h < attention.shape().n_head; ++h) {
    HeadChains(attention, h).Run(result);
  }
  return result;
}

}  // namespace microgpt
