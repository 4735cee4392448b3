// Register-blocked matrix products. Every output element is one chain of fused
// multiply-adds in increasing inner index, so tiling never changes a bit.
// Included once per SIMD target.
#include "hwy/highway.h"

#if defined(MICROGPT_KERNELS_MATMUL_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef MICROGPT_KERNELS_MATMUL_INL_H_
#undef MICROGPT_KERNELS_MATMUL_INL_H_
#else
#define MICROGPT_KERNELS_MATMUL_INL_H_
#endif

#include "kernels/simd-inl.h"

HWY_BEFORE_NAMESPACE();
namespace microgpt {
namespace HWY_NAMESPACE {

// Left operand: element (row, k) is data[row * stride + k], or, transposed,
// data[k * stride + row].
template <bool kTransposed>
struct LeftOperand {
  const float* data;
  std::size_t stride;

  HWY_INLINE const float* Row(std::size_t row) const {
    return data + (kTransposed ? row : row * stride);
  }
  HWY_INLINE std::size_t Step() const { return kTransposed ? stride : 1; }
};

// 6 rows x 2 vectors: 12 accumulators hide the FMA latency and leave
// 16-register targets room for two weights and one broadcast.
inline constexpr std::size_t kTileRows = 6;

#define MICROGPT_FOR_EACH_TILE_ROW(M) M(0) M(1) M(2) M(3) M(4) M(5)

// y[r, 0..kVectors * Lanes) (+)= sum over k of x[r, k] * w[k, ...], r < kRows.
// Accumulators are named because SVE vectors cannot be array elements.
template <std::size_t kRows, std::size_t kVectors, bool kTransposed, class D>
HWY_INLINE void MatMulTile(D d, LeftOperand<kTransposed> x,
                           const float* HWY_RESTRICT w, std::size_t w_stride,
                           float* HWY_RESTRICT y, std::size_t y_stride,
                           std::size_t inner, Write write) {
  using V = hn::Vec<D>;
  const std::size_t n = hn::Lanes(d);
#define MICROGPT_TILE_BEGIN(r)                     \
  V a##r = hn::Zero(d);                            \
  V b##r = hn::Zero(d);                            \
  if constexpr (r < kRows) {                       \
    if (write == Write::kAccumulate) {             \
      a##r = hn::LoadU(d, y + r * y_stride);       \
      if constexpr (kVectors == 2) {               \
        b##r = hn::LoadU(d, y + r * y_stride + n); \
      }                                            \
    }                                              \
  }
  MICROGPT_FOR_EACH_TILE_ROW(MICROGPT_TILE_BEGIN)
#undef MICROGPT_TILE_BEGIN
  const std::size_t step = x.Step();
  for (std::size_t k = 0; k < inner; ++k) {
    const V w0 = hn::LoadU(d, w + k * w_stride);
    V w1 = w0;
    if constexpr (kVectors == 2) w1 = hn::LoadU(d, w + k * w_stride + n);
#define MICROGPT_TILE_STEP(r)                                         \
  if constexpr (r < kRows) {                                          \
    const V xr = hn::Set(d, x.Row(r)[k * step]);                      \
    a##r = FusedMulAdd(d, xr, w0, a##r);                              \
    if constexpr (kVectors == 2) b##r = FusedMulAdd(d, xr, w1, b##r); \
  }
    MICROGPT_FOR_EACH_TILE_ROW(MICROGPT_TILE_STEP)
#undef MICROGPT_TILE_STEP
    (void)w1;
  }
#define MICROGPT_TILE_END(r)                                                \
  if constexpr (r < kRows) {                                                \
    hn::StoreU(a##r, d, y + r * y_stride);                                  \
    if constexpr (kVectors == 2) hn::StoreU(b##r, d, y + r * y_stride + n); \
  }                                                                         \
  (void)a##r;                                                               \
  (void)b##r;
  MICROGPT_FOR_EACH_TILE_ROW(MICROGPT_TILE_END)
#undef MICROGPT_TILE_END
}

#undef MICROGPT_FOR_EACH_TILE_ROW

// One strip of kVectors * Lanes columns, rows in near-equal blocks of at most
// kTileRows (7 rows run as 4 + 3, not 6 + 1).
template <std::size_t kVectors, bool kTransposed, class D>
HWY_INLINE void MatMulStrip(D d, LeftOperand<kTransposed> x, std::size_t rows,
                            const float* HWY_RESTRICT w, std::size_t w_stride,
                            float* HWY_RESTRICT y, std::size_t y_stride,
                            std::size_t inner, Write write) {
  const std::size_t blocks = CeilDiv(rows, kTileRows);
  std::size_t row = 0;
  for (std::size_t block = 0; block < blocks; ++block) {
    const std::size_t count = (rows - row) / (blocks - block);
    const LeftOperand<kTransposed> part{x.Row(row), x.stride};
    float* HWY_RESTRICT out = y + row * y_stride;
    switch (count) {
#define MICROGPT_TILE_CASE(r)                                           \
  case r:                                                               \
    MatMulTile<r, kVectors>(d, part, w, w_stride, out, y_stride, inner, \
                            write);                                     \
    break;
      MICROGPT_TILE_CASE(1)
      MICROGPT_TILE_CASE(2)
      MICROGPT_TILE_CASE(3)
      MICROGPT_TILE_CASE(4)
      MICROGPT_TILE_CASE(5)
      MICROGPT_TILE_CASE(6)
#undef MICROGPT_TILE_CASE
      default:
        break;
    }
    row += count;
  }
}

// Columns from `col` on with vectors of at most kLanes lanes, then with halved
// vectors until all are done; no masks, nothing beyond cols is touched.
template <std::size_t kLanes, bool kTransposed>
HWY_INLINE void MatMulTail(LeftOperand<kTransposed> x, std::size_t rows,
                           ConstMatrixView w, MatrixView y, std::size_t col,
                           Write write) {
  const hn::CappedTag<float, kLanes> d;
  const std::size_t n = hn::Lanes(d);
  for (; col + n <= y.cols; col += n) {
    MatMulStrip<1>(d, x, rows, w.data + col, w.stride, y.data + col, y.stride,
                   w.rows, write);
  }
  if constexpr (kLanes > 1) {
    if (col < y.cols) {
      MatMulTail<kLanes / 2>(x, rows, w, y, col, write);
    }
  }
}

// y (+)= x w. x [y.rows, w.rows], w [w.rows, y.cols].
template <bool kTransposed>
HWY_NOINLINE void MatMulBlock(LeftOperand<kTransposed> x, ConstMatrixView w,
                              MatrixView y, Write write) {
  const F32 d;
  const std::size_t pair = 2 * hn::Lanes(d);
  std::size_t col = 0;
  for (; col + pair <= y.cols; col += pair) {
    MatMulStrip<2>(d, x, y.rows, w.data + col, w.stride, y.data + col, y.stride,
                   w.rows, write);
  }
  if (col < y.cols) {
    MatMulTail<kVirtualLanes>(x, y.rows, w, y, col, write);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace microgpt
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
