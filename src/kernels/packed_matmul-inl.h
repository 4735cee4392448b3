// Cache-blocked products of large matrices, with the chains of matmul-inl.h.
// Included once per SIMD target.
#include "hwy/highway.h"

#if defined(MICROGPT_KERNELS_PACKED_MATMUL_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef MICROGPT_KERNELS_PACKED_MATMUL_INL_H_
#undef MICROGPT_KERNELS_PACKED_MATMUL_INL_H_
#else
#define MICROGPT_KERNELS_PACKED_MATMUL_INL_H_
#endif

#include <algorithm>

#include "kernels/matmul-inl.h"

HWY_BEFORE_NAMESPACE();
namespace microgpt {
namespace HWY_NAMESPACE {

// A strip of columns is copied to where it stays in the first-level cache while
// all rows of a block pass by; a block of rows is copied to where it stays in
// the second-level cache while all strips pass by. Read in place, a strip and a
// transposed tile would touch a page for every inner index.
inline constexpr std::size_t kStripFloats = 6144;      // 24 KiB
inline constexpr std::size_t kRowBlockFloats = 49152;  // 192 KiB
inline constexpr std::size_t kMaxInnerBlock = 256;
inline constexpr std::size_t kLinePadding = 16;  // for reads beyond the end

// Where a large product goes. Only its first block of the inner dimension may
// begin at zero.
struct BlockSink {
  float* HWY_RESTRICT y;
  std::size_t stride;
  bool accumulate;

  template <std::size_t kRows>
  HWY_INLINE void BeginTile(std::size_t /*row*/, std::size_t /*col*/,
                            std::size_t /*cols*/, std::size_t /*inner*/) const {
  }
  template <std::size_t kVectors>
  HWY_INLINE void BeginStep(const float* /*weights*/, std::size_t /*n*/) const {
  }
  template <class D>
  HWY_INLINE hn::Vec<D> Begin(D d, std::size_t row, std::size_t col) const {
    return accumulate ? hn::LoadU(d, y + row * stride + col) : hn::Zero(d);
  }
  template <class D>
  HWY_INLINE void End(D d, std::size_t row, std::size_t col,
                      hn::Vec<D> value) const {
    hn::StoreU(value, d, y + row * stride + col);
  }
};

// Copies of operands, one of each per thread.
struct PackBuffers {
  alignas(64) float strip[kStripFloats + kLinePadding];
  alignas(64) float rows[kRowBlockFloats + kLinePadding];
};
HWY_INLINE PackBuffers& ThreadPackBuffers() {
  static thread_local PackBuffers buffers;
  return buffers;
}

// Copies rows [begin, begin + count) and inner indices [k, k + inner) of the
// left operand in tiles of kTileRows rows; element (r, k) of a tile is tile[k *
// kTileRows + r], and tiles follow each other.
inline constexpr std::size_t kTileRows = TallTile::kRows;

HWY_INLINE void PackRows(LeftOperand<true> x, std::size_t begin,
                         std::size_t count, std::size_t k, std::size_t inner,
                         float* HWY_RESTRICT to) {
  const float* HWY_RESTRICT from = x.data + k * x.stride + begin;
  for (std::size_t i = 0; i < inner; ++i, from += x.stride) {
    float* HWY_RESTRICT at = to + i * kTileRows;
    std::size_t row = 0;
    for (; row + kTileRows <= count;
         row += kTileRows, at += inner * kTileRows) {
      for (std::size_t r = 0; r < kTileRows; ++r) at[r] = from[row + r];
    }
    for (std::size_t r = 0; row + r < count; ++r) at[r] = from[row + r];
  }
}

HWY_INLINE void PackRows(LeftOperand<false> x, std::size_t begin,
                         std::size_t count, std::size_t k, std::size_t inner,
                         float* HWY_RESTRICT to) {
  for (std::size_t row = 0; row < count; row += kTileRows) {
    const std::size_t rows = std::min(kTileRows, count - row);
    TransposeBlock({x.Row(begin + row) + k, rows, inner, x.stride},
                   {to + row * inner, inner, rows, kTileRows});
  }
}

// Columns [col, col + kVectors * Lanes) of rows [row, row + rows) of y.
template <std::size_t kVectors, class D>
HWY_INLINE void PackedStrip(D d, const float* HWY_RESTRICT x, std::size_t rows,
                            const float* HWY_RESTRICT w, std::size_t w_stride,
                            std::size_t inner, const BlockSink& sink,
                            std::size_t row, std::size_t col,
                            float* HWY_RESTRICT strip) {
  constexpr std::size_t kRows = kTileRows;
  const std::size_t n = hn::Lanes(d);
  for (std::size_t k = 0; k < inner; ++k) {
    // The next strip: hardware prefetchers do not follow jumps over pages.
    __builtin_prefetch(w + k * w_stride + kVectors * n, 0, 2);
    for (std::size_t v = 0; v < kVectors; ++v) {
      hn::StoreU(hn::LoadU(d, w + k * w_stride + v * n), d,
                 strip + (k * kVectors + v) * n);
    }
  }
  std::size_t i = 0;
  for (; i + kRows <= rows; i += kRows) {
    MatMulTile<kRows, kVectors>(d, LeftOperand<true>{x + i * inner, kTileRows},
                                strip, kVectors * n, inner, sink, row + i, col);
  }
  switch (rows - i) {
#define MICROGPT_TILE_CASE(r)                                                  \
  case r:                                                                      \
    if constexpr (r < kRows) {                                                 \
      MatMulTile<r, kVectors>(d, LeftOperand<true>{x + i * inner, kTileRows},  \
                              strip, kVectors * n, inner, sink, row + i, col); \
    }                                                                          \
    break;
    MICROGPT_TILE_CASE(1)
    MICROGPT_TILE_CASE(2)
    MICROGPT_TILE_CASE(3)
    MICROGPT_TILE_CASE(4)
    MICROGPT_TILE_CASE(5)
    MICROGPT_TILE_CASE(6)
    MICROGPT_TILE_CASE(7)
#undef MICROGPT_TILE_CASE
    default:
      break;
  }
}

// All columns that whole vectors cover, of one block of rows; returns the first
// one left.
HWY_INLINE std::size_t PackedStrips(const float* HWY_RESTRICT x,
                                    std::size_t rows, const ConstMatrixView& w,
                                    std::size_t cols, std::size_t k,
                                    std::size_t inner, const BlockSink& sink,
                                    std::size_t row, float* strip) {
  const F32 d;
  const std::size_t n = hn::Lanes(d);
  std::size_t col = 0;
  while (col + n <= cols) {
    const float* from = w.Row(k) + col;
    const std::size_t vectors = (cols - col) / n;
    // Four vectors run as 2 + 2, not 3 + 1.
    if (TallTile::kVectors > 2 && vectors > 2 && vectors != 4) {
      PackedStrip<TallTile::kVectors>(d, x, rows, from, w.stride, inner, sink,
                                      row, col, strip);
      col += TallTile::kVectors * n;
    } else if (vectors > 1) {
      PackedStrip<2>(d, x, rows, from, w.stride, inner, sink, row, col, strip);
      col += 2 * n;
    } else {
      PackedStrip<1>(d, x, rows, from, w.stride, inner, sink, row, col, strip);
      col += n;
    }
  }
  return col;
}

// y (+)= x w. x [y.rows, w.rows], w [w.rows, y.cols].
template <bool kTransposed>
HWY_NOINLINE void PackedMatMul(LeftOperand<kTransposed> x,
                               const ConstMatrixView& w, const MatrixView& y,
                               Write write) {
  PackBuffers& buffers = ThreadPackBuffers();
  const std::size_t widest = TallTile::kVectors * hn::Lanes(F32());
  const std::size_t inner_blocks =
      CeilDiv(w.rows, std::min(kMaxInnerBlock, kStripFloats / widest));
  const std::size_t inner_block = CeilDiv(w.rows, inner_blocks);
  const std::size_t most_rows =
      kRowBlockFloats / inner_block / TallTile::kRows * TallTile::kRows;
  std::size_t col = 0;
  for (std::size_t k = 0; k < w.rows; k += inner_block) {
    const std::size_t inner = std::min(inner_block, w.rows - k);
    const BlockSink sink{y.data, y.stride,
                         k > 0 || write == Write::kAccumulate};
    for (std::size_t row = 0; row < y.rows; row += most_rows) {
      const std::size_t rows = std::min(most_rows, y.rows - row);
      PackRows(x, row, rows, k, inner, buffers.rows);
      col = PackedStrips(buffers.rows, rows, w, y.cols, k, inner, sink, row,
                         buffers.strip);
    }
  }
  if (col == y.cols) return;
  const ConstMatrixView w_rest = w.Cols(col, y.cols - col);
  const MatrixView y_rest = y.Cols(col, y.cols - col);
  if (write == Write::kAccumulate) {
    MatMulBlock<kTransposed, Write::kAccumulate>(x, w_rest, y_rest);
  } else {
    MatMulBlock<kTransposed, Write::kOverwrite>(x, w_rest, y_rest);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace microgpt
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
