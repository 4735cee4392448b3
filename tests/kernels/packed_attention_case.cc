#include "tests/kernels/packed_attention_case.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "kernels/packed_attention.h"

namespace microgpt {
namespace {

TestMatrix NanMatrix(TestMatrix matrix) {
  const ConstMatrixView view = matrix.view();
  matrix.Assign(std::vector<float>(view.rows * view.cols,
                                   std::numeric_limits<float>::quiet_NaN()));
  return matrix;
}

// One row before every document and one after the last.
std::size_t RowsWithGaps(const std::vector<std::size_t>& lengths) {
  return std::accumulate(lengths.begin(), lengths.end(), lengths.size() + 1);
}

void CopyRows(const TestMatrix& from, RowRange to_rows, TestMatrix& to) {
  const ConstMatrixView in = from.view();
  const MatrixView out = to.view().Rows(to_rows.begin, to_rows.count);
  for (std::size_t t = 0; t < in.rows; ++t) {
    std::copy_n(in.Row(t), in.cols, out.Row(t));
  }
}

void Append(const std::vector<float>& values, std::vector<float>& to) {
  for (const float value : values) to.push_back(value + 0.0f);
}

}  // namespace

PackedAttentionCase::PackedAttentionCase(const PackedAttentionShape& shape,
                                         Placement placement,
                                         TestRandom& random)
    : shape_(shape),
      rows_(shape.lengths.size()),
      num_rows_(RowsWithGaps(shape.lengths)),
      qkv_(NanMatrix(TestMatrix::Inside(num_rows_, 3 * width(), 3))),
      dout_(NanMatrix(TestMatrix::Inside(num_rows_, width(), 5))) {
  const std::size_t count = shape.lengths.size();
  std::size_t next = 1;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t document =
        placement == Placement::kSame ? i : count - 1 - i;
    rows_[document] = {next, shape.lengths[document]};
    next += shape.lengths[document] + 1;
  }
  documents_.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    longest_ = std::max(longest_, shape.lengths[i]);
    documents_.emplace_back(
        AttentionShape{shape.lengths[i], shape.n_head, shape.head_size},
        random);
    CopyRows(documents_[i].qkv(), rows_[i], qkv_);
    CopyRows(documents_[i].dout(), rows_[i], dout_);
  }
}

PackedAttentionResult PackedAttentionCase::Run() const {
  const std::size_t saved_size =
      PackedAttentionSavedFloats(rows_.size(), longest_, width(), shape_.n_head)
          .value();
  const std::size_t scratch_size =
      PackedAttentionScratchFloats(longest_, width(), shape_.n_head).value();
  TestMatrix saved = NanMatrix(TestMatrix::Array(saved_size, 7));
  TestMatrix scratch = NanMatrix(TestMatrix::Array(scratch_size, 9));
  TestMatrix out = NanMatrix(TestMatrix::Inside(num_rows_, width(), 1));
  TestMatrix dqkv = NanMatrix(TestMatrix::Inside(num_rows_, 3 * width(), 11));

  PackedAttentionForward(qkv_.view(), width(), shape_.n_head, rows_,
                         saved.data(), scratch.data(), out.view());
  EXPECT_TRUE(saved.GuardsIntact());
  EXPECT_TRUE(scratch.GuardsIntact());
  EXPECT_TRUE(out.GuardsIntact());
  ExpectGapsAreNan(out);

  // Other calls use the scratch in between.
  TestMatrix new_scratch = NanMatrix(TestMatrix::Array(scratch_size, 13));
  PackedAttentionBackward(dout_.view(), width(), shape_.n_head, rows_,
                          saved.data(), new_scratch.data(), dqkv.view());
  EXPECT_TRUE(new_scratch.GuardsIntact());
  EXPECT_TRUE(dqkv.GuardsIntact());
  ExpectGapsAreNan(dqkv);
  return {Gather(out), Gather(dqkv)};
}

PackedAttentionResult PackedAttentionCase::Alone() const {
  PackedAttentionResult result;
  for (const AttentionCase& document : documents_) {
    const AttentionForwardResult forward = document.Forward();
    Append(forward.out.Values(), result.out);
    Append(document.Backward(forward.saved).Values(), result.dqkv);
  }
  return result;
}

std::vector<Bounded> PackedAttentionCase::ReferenceOut() const {
  std::vector<Bounded> all;
  for (const AttentionCase& document : documents_) {
    const std::vector<Bounded> out = document.ReferenceOut();
    all.insert(all.end(), out.begin(), out.end());
  }
  return all;
}

std::vector<Bounded> PackedAttentionCase::ReferenceDqkv() const {
  std::vector<Bounded> all;
  for (const AttentionCase& document : documents_) {
    const std::vector<Bounded> dqkv = document.ReferenceDqkv();
    all.insert(all.end(), dqkv.begin(), dqkv.end());
  }
  return all;
}

void PackedAttentionCase::Spoil(std::size_t document) {
  for (TestMatrix* matrix : {&qkv_, &dout_}) {
    const auto [begin, count] = rows_[document];
    const MatrixView rows = matrix->view().Rows(begin, count);
    for (std::size_t t = 0; t < rows.rows; ++t) {
      std::fill_n(rows.Row(t), rows.cols,
                  std::numeric_limits<float>::quiet_NaN());
    }
  }
}

RowRange PackedAttentionCase::OutRange(std::size_t document) const {
  RowRange range;
  for (std::size_t i = 0; i < document; ++i) range.begin += rows_[i].count;
  range.begin *= width();
  range.count = rows_[document].count * width();
  return range;
}

std::vector<float> PackedAttentionCase::Gather(const TestMatrix& matrix) const {
  std::vector<float> values;
  for (const auto& [begin, count] : rows_) {
    const ConstMatrixView rows = matrix.view().Rows(begin, count);
    for (std::size_t t = 0; t < count; ++t) {
      values.insert(values.end(), rows.Row(t), rows.Row(t) + rows.cols);
    }
  }
  return values;
}

void PackedAttentionCase::ExpectGapsAreNan(const TestMatrix& matrix) const {
  std::vector<bool> gap(num_rows_, true);
  for (const auto& [begin, count] : rows_) {
    std::fill_n(gap.begin() + static_cast<std::ptrdiff_t>(begin), count, false);
  }
  for (std::size_t row = 0; row < num_rows_; ++row) {
    if (!gap[row]) continue;
    for (std::size_t i = 0; i < matrix.view().cols; ++i) {
      EXPECT_TRUE(std::isnan(matrix.at(row, i))) << row << ", " << i;
    }
  }
}

}  // namespace microgpt
