#include "kernels/attention.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/attention.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "hwy/highway.h"
#include "kernels/matmul-inl.h"

HWY_BEFORE_NAMESPACE();
namespace microgpt {
namespace HWY_NAMESPACE {

// Rows are taken in blocks of this size, whatever the target: a row's chains
// run to the end of its block, over probabilities that are zero beyond the row,
// so every target adds the same zeros.
inline constexpr std::size_t kBlock = kVirtualLanes;

// Transposes [T, width] into scratch and clears the padding.
HWY_INLINE ConstMatrixView TransposeInto(ConstMatrixView in, float* scratch) {
  const std::size_t stride = PaddedCols(in.rows);
  for (std::size_t c = 0; c < in.cols; ++c) {
    float* column = scratch + c * stride;
    for (std::size_t t = 0; t < in.rows; ++t) column[t] = in.Row(t)[c];
    for (std::size_t t = in.rows; t < stride; ++t) column[t] = 0;
  }
  return {scratch, in.cols, stride, stride};
}

// y (+)= x w for row-major x.
HWY_INLINE void Product(ConstMatrixView x, ConstMatrixView w, MatrixView y) {
  MatMulBlock<false, Write::kOverwrite>({x.data, x.stride}, w, y);
}

// y = x^T w.
HWY_INLINE void TransposedProduct(ConstMatrixView x, ConstMatrixView w,
                                  MatrixView y) {
  MatMulBlock<true, Write::kOverwrite>({x.data, x.stride}, w, y);
}

void AttentionForwardImpl(ConstMatrixView qkv, std::size_t width,
                          std::size_t n_head, float* probabilities,
                          float* scratch, MatrixView out) {
  const std::size_t positions = qkv.rows;
  const std::size_t head_size = width / n_head;
  const std::size_t stride = PaddedCols(positions);
  const float scale = AttentionScale(head_size);
  const ConstMatrixView keys = TransposeInto(qkv.Cols(width, width), scratch);
  for (std::size_t h = 0; h < n_head; ++h) {
    const std::size_t first = h * head_size;
    const MatrixView att{probabilities + h * positions * stride, positions,
                         stride, stride};
    const ConstMatrixView q = qkv.Cols(first, head_size);
    const ConstMatrixView v = qkv.Cols(2 * width + first, head_size);
    for (std::size_t t = 0; t < positions; t += kBlock) {
      const std::size_t end = std::min(t + kBlock, positions);
      const MatrixView rows = att.Rows(t, end - t);
      Product(q.Rows(t, end - t),
              keys.Rows(first, head_size).Cols(0, t + kBlock),
              rows.Cols(0, t + kBlock));
      for (std::size_t i = t; i < end; ++i) {
        SoftmaxRow(att.Row(i), i + 1, scale);
      }
      Product(rows, v.Rows(0, end),
              out.Rows(t, end - t).Cols(first, head_size));
    }
  }
}

// scores = probabilities * (dscores - sum(probabilities * dscores)) * scale,
// the gradient of the softmax and of the scale before it, in place.
HWY_INLINE void SoftmaxBackwardRow(const float* HWY_RESTRICT probabilities,
                                   float* HWY_RESTRICT row, std::size_t count,
                                   float scale) {
  const F32 d;
  const VF32 dot = hn::Set(d, Dot(probabilities, row, count));
  const VF32 factor = hn::Set(d, scale);
  for (std::size_t i = 0; i < count; i += hn::Lanes(d)) {
    const VF32 centred = hn::Sub(hn::LoadU(d, row + i), dot);
    const VF32 p = hn::Mul(hn::LoadU(d, probabilities + i), factor);
    hn::StoreU(hn::Mul(p, centred), d, row + i);
  }
}

void AttentionBackwardImpl(ConstMatrixView dout, ConstMatrixView qkv,
                           std::size_t width, std::size_t n_head,
                           const float* probabilities, float* scratch,
                           MatrixView dqkv) {
  const std::size_t positions = qkv.rows;
  const std::size_t head_size = width / n_head;
  const std::size_t stride = PaddedCols(positions);
  const float scale = AttentionScale(head_size);
  const ConstMatrixView values =
      TransposeInto(qkv.Cols(2 * width, width), scratch);
  const MatrixView ds{scratch + width * stride, positions, stride, stride};
  for (std::size_t h = 0; h < n_head; ++h) {
    const std::size_t first = h * head_size;
    const ConstMatrixView att{probabilities + h * positions * stride, positions,
                              stride, stride};
    const ConstMatrixView q = qkv.Cols(first, head_size);
    const ConstMatrixView k = qkv.Cols(width + first, head_size);
    const ConstMatrixView dhead = dout.Cols(first, head_size);
    const MatrixView dq = dqkv.Cols(first, head_size);
    const MatrixView dk = dqkv.Cols(width + first, head_size);
    const MatrixView dv = dqkv.Cols(2 * width + first, head_size);
    for (std::size_t t = 0; t < positions; t += kBlock) {
      const std::size_t end = std::min(t + kBlock, positions);
      const MatrixView rows = ds.Rows(t, end - t);
      Product(dhead.Rows(t, end - t),
              values.Rows(first, head_size).Cols(0, t + kBlock),
              rows.Cols(0, t + kBlock));
      for (std::size_t i = t; i < end; ++i) {
        SoftmaxBackwardRow(att.Row(i), ds.Row(i), t + kBlock, scale);
      }
      Product(rows, k.Rows(0, end), dq.Rows(t, end - t));
    }
    for (std::size_t t = 0; t < positions; t += kBlock) {
      const std::size_t end = std::min(t + kBlock, positions);
      const std::size_t rest = positions - t;
      TransposedProduct(att.Rows(t, rest).Cols(t, end - t), dhead.Rows(t, rest),
                        dv.Rows(t, end - t));
      TransposedProduct(ConstMatrixView(ds).Rows(t, rest).Cols(t, end - t),
                        q.Rows(t, rest), dk.Rows(t, end - t));
    }
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
    Product({qkv + first, 1, head_size, 0},
            ConstMatrixView(keys).Rows(first, head_size).Cols(0, padded), row);
    SoftmaxRow(scores, count, scale);
    Product(row, ConstMatrixView(values).Cols(first, head_size).Rows(0, count),
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
                      std::size_t n_head, float* probabilities, float* scratch,
                      MatrixView out) noexcept {
  HWY_DYNAMIC_DISPATCH(AttentionForwardImpl)
  (qkv, width, n_head, probabilities, scratch, out);
}

void AttentionBackward(ConstMatrixView dout, ConstMatrixView qkv,
                       std::size_t width, std::size_t n_head,
                       const float* probabilities, float* scratch,
                       MatrixView dqkv) noexcept {
  HWY_DYNAMIC_DISPATCH(AttentionBackwardImpl)
  (dout, qkv, width, n_head, probabilities, scratch, dqkv);
}

void AttentionDecode(const float* qkv, std::size_t width, std::size_t n_head,
                     std::size_t position, MatrixView keys, MatrixView values,
                     float* scores, float* out) noexcept {
  HWY_DYNAMIC_DISPATCH(AttentionDecodeImpl)
  (qkv, width, n_head, position, keys, values, scores, out);
}

}  // namespace microgpt
#endif  // HWY_ONCE
