#include "kernels/attention.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/attention.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "hwy/highway.h"
#include "kernels/matmul-inl.h"
#include "kernels/softmax-inl.h"

HWY_BEFORE_NAMESPACE();
namespace microgpt {
namespace HWY_NAMESPACE {

// A row's chains run to the end of its block of this size, whatever the target,
// over probabilities that are zero beyond the row: every target adds the same
// zeros.
inline constexpr std::size_t kBlock = kVirtualLanes;
static_assert(kAttentionRows % kBlock == 0);

// Longer documents work on copies of k, dk and dv: rows of qkv that are pages
// apart miss in the TLB. What copying costs shows in shorter ones.
inline constexpr std::size_t kInPlacePositions = 256;

// Inner dimension of one call: so much of w stays in the first-level cache
// while all rows of a block read it.
inline constexpr std::size_t kInner = 256;

// y (+)= x w.
template <Write kWrite>
HWY_INLINE void Product(ConstMatrixView x, ConstMatrixView w, MatrixView y) {
  MatMulBlock<false, kWrite>({x.data, x.stride}, w, y);
}

// y += x^T w.
HWY_INLINE void AddTransposedProduct(ConstMatrixView x, ConstMatrixView w,
                                     MatrixView y) {
  MatMulBlock<true, Write::kAccumulate>({x.data, x.stride}, w, y);
}

HWY_INLINE void Clear(MatrixView view) {
  for (std::size_t r = 0; r < view.rows; ++r) {
    std::fill_n(view.Row(r), view.cols, 0.0f);
  }
}

HWY_INLINE void Copy(ConstMatrixView in, MatrixView out) {
  for (std::size_t r = 0; r < in.rows; ++r) {
    std::copy_n(in.Row(r), in.cols, out.Row(r));
  }
}

// Hands out the scratch of one head.
class Scratch {
 public:
  HWY_INLINE explicit Scratch(float* memory) : next_(memory) {}

  // in^T [HS, PaddedCols(T)], padding cleared.
  HWY_INLINE ConstMatrixView Transposed(ConstMatrixView in) {
    const MatrixView out =
        Take(in.cols, PaddedCols(in.rows), RowStride(in.rows));
    TransposeBlock(in, out);
    Clear(out.Cols(in.rows, out.cols - in.rows));
    return out;
  }
  // Scores of a block of rows, [min(T, kAttentionRows), PaddedCols(T)].
  HWY_INLINE MatrixView Scores(std::size_t positions) {
    return Take(std::min(positions, kAttentionRows), PaddedCols(positions),
                RowStride(positions));
  }
  // [T, HS] to work on instead of `original`, or that itself.
  HWY_INLINE MatrixView InsteadOf(MatrixView original) {
    if (original.rows <= kInPlacePositions) return original;
    return Take(original.rows, original.cols, PaddedCols(original.cols));
  }
  HWY_INLINE ConstMatrixView CopyOf(ConstMatrixView original) {
    if (original.rows <= kInPlacePositions) return original;
    const MatrixView copy =
        Take(original.rows, original.cols, PaddedCols(original.cols));
    Copy(original, copy);
    return copy;
  }

 private:
  HWY_INLINE MatrixView Take(std::size_t rows, std::size_t cols,
                             std::size_t stride) {
    float* data = next_;
    next_ += rows * stride;
    return {data, rows, cols, stride};
  }

  float* next_;
};

// The following work on rows [first, first + R) of a causal [T, T] matrix,
// each to the end of its block. All columns before `first` are one product.

// y = x w for any columns. x [R, HS], w [HS, T], y [R, T]
HWY_INLINE void CausalScores(ConstMatrixView x, ConstMatrixView w,
                             std::size_t first, MatrixView y) {
  if (first != 0) {
    Product<Write::kOverwrite>(x, w.Cols(0, first), y.Cols(0, first));
  }
  for (std::size_t t = 0; t < x.rows; t += kBlock) {
    const std::size_t count = std::min(kBlock, x.rows - t);
    Product<Write::kOverwrite>(x.Rows(t, count), w.Cols(first, t + kBlock),
                               y.Rows(t, count).Cols(first, t + kBlock));
  }
}

// y = p w. p [R, T], w [T, HS], y [R, HS]
HWY_INLINE void CausalProduct(ConstMatrixView p, ConstMatrixView w,
                              std::size_t first, MatrixView y) {
  Clear(y);
  for (std::size_t k = 0; k < first; k += kInner) {
    const std::size_t count = std::min(kInner, first - k);
    Product<Write::kAccumulate>(p.Cols(k, count), w.Rows(k, count), y);
  }
  for (std::size_t t = 0; t < p.rows; t += kBlock) {
    const std::size_t count = std::min(kBlock, p.rows - t);
    Product<Write::kAccumulate>(p.Rows(t, count).Cols(first, t + count),
                                w.Rows(first, t + count), y.Rows(t, count));
  }
}

// y += p^T x. p [R, T], x [R, HS], y [T, HS]
HWY_INLINE void AddCausalTransposed(ConstMatrixView p, ConstMatrixView x,
                                    std::size_t first, MatrixView y) {
  if (first != 0) AddTransposedProduct(p.Cols(0, first), x, y.Rows(0, first));
  for (std::size_t t = 0; t < p.rows; t += kBlock) {
    const std::size_t count = std::min(kBlock, p.rows - t);
    const std::size_t rest = p.rows - t;
    AddTransposedProduct(p.Rows(t, rest).Cols(first + t, count),
                         x.Rows(t, rest), y.Rows(first + t, count));
  }
}

// Columns of one head in a matrix of q, k and v.
template <class View>
struct HeadColumns {
  HWY_INLINE HeadColumns(View qkv, std::size_t width, std::size_t n_head,
                         std::size_t head)
      : q(Columns(qkv, width, n_head, head, 0)),
        k(Columns(qkv, width, n_head, head, 1)),
        v(Columns(qkv, width, n_head, head, 2)) {}

  View q;  // [T, HS]
  View k;  // [T, HS]
  View v;  // [T, HS]

 private:
  HWY_INLINE static View Columns(View qkv, std::size_t width,
                                 std::size_t n_head, std::size_t head,
                                 std::size_t part) {
    const std::size_t head_size = width / n_head;
    return qkv.Cols(part * width + head * head_size, head_size);
  }
};

// What a row's softmax subtracted and divided by, two floats per row.
HWY_INLINE void Save(const SoftmaxTerms& terms, float* saved) {
  saved[0] = terms.max;
  saved[1] = terms.sum;
}
HWY_INLINE SoftmaxTerms Saved(const float* saved) {
  return {saved[0], saved[1]};
}

// saved [T, 2]; out [T, HS]
void HeadForward(const HeadColumns<ConstMatrixView>& in, float* saved,
                 Scratch scratch, MatrixView out) {
  const std::size_t positions = out.rows;
  const float scale = AttentionScale(out.cols);
  const ConstMatrixView keys = scratch.Transposed(in.k);
  const ConstMatrixView values = scratch.CopyOf(in.v);
  const MatrixView scores = scratch.Scores(positions);
  for (std::size_t t = 0; t < positions; t += kAttentionRows) {
    const std::size_t count = std::min(kAttentionRows, positions - t);
    const MatrixView rows = scores.Rows(0, count);
    CausalScores(in.q.Rows(t, count), keys, t, rows);
    for (std::size_t i = 0; i < count; ++i) {
      Save(SoftmaxRow(rows.Row(i), t + i + 1, scale, kLeastAttentionExponent),
           saved + 2 * (t + i));
    }
    CausalProduct(rows, values, t, out.Rows(t, count));
  }
}

void AttentionForwardImpl(const ConstMatrixView& qkv, std::size_t width,
                          std::size_t n_head, HeadRange heads, float* saved,
                          float* scratch, const MatrixView& out) {
  const std::size_t head_size = width / n_head;
  for (std::size_t h = heads.begin; h < heads.end; ++h) {
    HeadForward(HeadColumns(qkv, width, n_head, h), saved + h * qkv.rows * 2,
                Scratch(scratch), out.Cols(h * head_size, head_size));
  }
}

// dout [T, HS], saved [T, 2]
void HeadBackward(ConstMatrixView dout, const HeadColumns<ConstMatrixView>& in,
                  const float* saved, Scratch scratch,
                  const HeadColumns<MatrixView>& din) {
  const std::size_t positions = dout.rows;
  const float scale = AttentionScale(dout.cols);
  const ConstMatrixView keys_transposed = scratch.Transposed(in.k);
  const ConstMatrixView values_transposed = scratch.Transposed(in.v);
  const ConstMatrixView keys = scratch.CopyOf(in.k);
  const MatrixView dkeys = scratch.InsteadOf(din.k);
  const MatrixView dvalues = scratch.InsteadOf(din.v);
  const MatrixView scores = scratch.Scores(positions);
  const MatrixView dscores = scratch.Scores(positions);
  Clear(dkeys);
  Clear(dvalues);
  for (std::size_t t = 0; t < positions; t += kAttentionRows) {
    const std::size_t count = std::min(kAttentionRows, positions - t);
    const MatrixView rows = scores.Rows(0, count);
    const MatrixView drows = dscores.Rows(0, count);
    CausalScores(in.q.Rows(t, count), keys_transposed, t, rows);
    CausalScores(dout.Rows(t, count), values_transposed, t, drows);
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t cols = t + i + 1;
      RepeatSoftmaxRow(rows.Row(i), cols, scale, kLeastAttentionExponent,
                       Saved(saved + 2 * (t + i)));
      SoftmaxBackwardRow(rows.Row(i), drows.Row(i), PaddedCols(cols), scale);
    }
    CausalProduct(drows, keys, t, din.q.Rows(t, count));
    AddCausalTransposed(rows, dout.Rows(t, count), t, dvalues);
    AddCausalTransposed(drows, in.q.Rows(t, count), t, dkeys);
  }
  if (dkeys.data != din.k.data) Copy(dkeys, din.k);
  if (dvalues.data != din.v.data) Copy(dvalues, din.v);
}

void AttentionBackwardImpl(const ConstMatrixView& dout,
                           const ConstMatrixView& qkv, std::size_t width,
                           std::size_t n_head, HeadRange heads,
                           const float* saved, float* scratch,
                           const MatrixView& dqkv) {
  const std::size_t head_size = width / n_head;
  for (std::size_t h = heads.begin; h < heads.end; ++h) {
    HeadBackward(dout.Cols(h * head_size, head_size),
                 HeadColumns(qkv, width, n_head, h), saved + h * qkv.rows * 2,
                 Scratch(scratch), HeadColumns(dqkv, width, n_head, h));
  }
}

void AttentionDecodeImpl(const float* qkv, std::size_t width,
                         std::size_t n_head, std::size_t position,
                         MatrixView keys, MatrixView values, float* scores,
                         float* out) {
  const std::size_t head_size = width / n_head;
  const std::size_t count = position + 1;
  const float scale = AttentionScale(head_size);
  for (std::size_t c = 0; c < width; ++c) {
    keys.Row(c)[position] = qkv[width + c];
    values.Row(position)[c] = qkv[2 * width + c];
  }
  const std::size_t padded = PaddedCols(count);
  const MatrixView row{scores, 1, padded, padded};
  for (std::size_t h = 0; h < n_head; ++h) {
    const std::size_t first = h * head_size;
    Product<Write::kOverwrite>(
        {qkv + first, 1, head_size, 0},
        ConstMatrixView(keys).Rows(first, head_size).Cols(0, padded), row);
    SoftmaxRow(scores, count, scale, kLeastAttentionExponent);
    Product<Write::kOverwrite>(
        row, ConstMatrixView(values).Cols(first, head_size).Rows(0, count),
        {out + first, 1, head_size, 0});
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace microgpt
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace microgpt {

HWY_EXPORT(AttentionForwardImpl);
HWY_EXPORT(AttentionBackwardImpl);
HWY_EXPORT(AttentionDecodeImpl);

void AttentionForward(ConstMatrixView qkv, std::size_t width,
                      std::size_t n_head, HeadRange heads, float* saved,
                      float* scratch, MatrixView out) noexcept {
  HWY_DYNAMIC_DISPATCH(AttentionForwardImpl)
  (qkv, width, n_head, heads, saved, scratch, out);
}

void AttentionBackward(ConstMatrixView dout, ConstMatrixView qkv,
                       std::size_t width, std::size_t n_head, HeadRange heads,
                       const float* saved, float* scratch,
                       MatrixView dqkv) noexcept {
  HWY_DYNAMIC_DISPATCH(AttentionBackwardImpl)
  (dout, qkv, width, n_head, heads, saved, scratch, dqkv);
}

void AttentionDecode(const float* qkv, std::size_t width, std::size_t n_head,
                     std::size_t position, MatrixView keys, MatrixView values,
                     float* scores, float* out) noexcept {
  HWY_DYNAMIC_DISPATCH(AttentionDecodeImpl)
  (qkv, width, n_head, position, keys, values, scores, out);
}

}  // namespace microgpt
#endif  // HWY_ONCE
