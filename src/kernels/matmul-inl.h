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

#include <algorithm>

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

// A tile is at most kRows x kVectors accumulators: enough to hide the FMA
// latency, few enough to stay in registers beside its weights and a broadcast.
template <std::size_t kRowsIn, std::size_t kVectorsIn>
struct TileShape {
  static constexpr std::size_t kRows = kRowsIn;
  static constexpr std::size_t kVectors = kVectorsIn;
};

#if HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_SSE4 || \
    HWY_TARGET == HWY_SSSE3 || HWY_TARGET == HWY_SCALAR
// 16 registers.
using TallTile = TileShape<6, 2>;
using WideTile = TileShape<4, 3>;
#else  // 32 registers
using TallTile = TileShape<8, 3>;
using WideTile = TileShape<8, 3>;
#endif

#define MICROGPT_FOR_EACH_TILE_ROW(M) M(0) M(1) M(2) M(3) M(4) M(5) M(6) M(7)

// Where a product goes: y = x w or y += x w. The kind of write is a template
// parameter so that no address is needed before the sums are done. With
// kPrefetch, the weights of the next strip are fetched during the first rows of
// this one, and the output of a tile before it is needed: strips jump from row
// to row, which hardware prefetchers do not follow.
template <Write kWrite, bool kPrefetch>
struct MatrixSink {
  float* HWY_RESTRICT y;
  std::size_t stride;

  template <std::size_t kRows>
  HWY_INLINE void BeginTile(std::size_t row, std::size_t col, std::size_t cols,
                            std::size_t inner) const {
    if constexpr (kPrefetch && kWrite == Write::kOverwrite) {
      if (inner < kMinInner) return;  // it would cost more than it saves
      for (std::size_t r = 0; r < kRows; ++r) {
        for (std::size_t c = 0; c < cols; c += kLineFloats) {
          __builtin_prefetch(y + (row + r) * stride + col + c, 1, 2);
        }
      }
    }
  }
  // `weights`: as many as this step reads, `vectors` wide, one strip on.
  template <std::size_t kVectors>
  HWY_INLINE void BeginStep(const float* weights, std::size_t n) const {
    if constexpr (kPrefetch) {
      for (std::size_t c = 0; c < kVectors * n; c += kLineFloats) {
        __builtin_prefetch(weights + c, 0, 2);
      }
    }
  }
  template <class D>
  HWY_INLINE hn::Vec<D> Begin(D d, std::size_t row, std::size_t col) const {
    if constexpr (kWrite == Write::kAccumulate) {
      return hn::LoadU(d, y + row * stride + col);
    } else {
      return hn::Zero(d);
    }
  }
  template <class D>
  HWY_INLINE void End(D d, std::size_t row, std::size_t col,
                      hn::Vec<D> value) const {
    hn::StoreU(value, d, y + row * stride + col);
  }

 private:
  static constexpr std::size_t kLineFloats = 16;
  static constexpr std::size_t kMinInner = 16;
};

// Elements [row, row + kRows) x [col, col + kVectors * Lanes): sums over k of
// x[r, k] * w[k, ...], begun and ended by the sink. x and w begin at the tile.
// Accumulators are named because SVE vectors cannot be array elements.
template <std::size_t kRows, std::size_t kVectors, bool kTransposed, class D,
          class Sink>
HWY_INLINE void MatMulTile(D d, LeftOperand<kTransposed> x,
                           const float* HWY_RESTRICT w, std::size_t w_stride,
                           std::size_t inner, const Sink& sink, std::size_t row,
                           std::size_t col) {
  static_assert(kRows <= 8 && kVectors <= 3);
  using V = hn::Vec<D>;
  const std::size_t n = hn::Lanes(d);
#define MICROGPT_TILE_BEGIN(r)                                              \
  V a##r = hn::Zero(d);                                                     \
  V b##r = hn::Zero(d);                                                     \
  V c##r = hn::Zero(d);                                                     \
  if constexpr (r < kRows) {                                                \
    a##r = sink.Begin(d, row + r, col);                                     \
    if constexpr (kVectors > 1) b##r = sink.Begin(d, row + r, col + n);     \
    if constexpr (kVectors > 2) c##r = sink.Begin(d, row + r, col + 2 * n); \
  }
  MICROGPT_FOR_EACH_TILE_ROW(MICROGPT_TILE_BEGIN)
#undef MICROGPT_TILE_BEGIN
  const std::size_t step = x.Step();
  sink.template BeginTile<kRows>(row, col, kVectors * n, inner);
  for (std::size_t k = 0; k < inner; ++k) {
    const float* HWY_RESTRICT wk = w + k * w_stride;
    sink.template BeginStep<kVectors>(wk + kVectors * n, n);
    const V w0 = hn::LoadU(d, wk);
    V w1 = w0;
    V w2 = w0;
    if constexpr (kVectors > 1) w1 = hn::LoadU(d, wk + n);
    if constexpr (kVectors > 2) w2 = hn::LoadU(d, wk + 2 * n);
#define MICROGPT_TILE_STEP(r)                                        \
  if constexpr (r < kRows) {                                         \
    const V xr = hn::Set(d, x.Row(r)[k * step]);                     \
    a##r = FusedMulAdd(d, xr, w0, a##r);                             \
    if constexpr (kVectors > 1) b##r = FusedMulAdd(d, xr, w1, b##r); \
    if constexpr (kVectors > 2) c##r = FusedMulAdd(d, xr, w2, c##r); \
  }
    MICROGPT_FOR_EACH_TILE_ROW(MICROGPT_TILE_STEP)
#undef MICROGPT_TILE_STEP
    (void)w1;
    (void)w2;
  }
#define MICROGPT_TILE_END(r)                                             \
  if constexpr (r < kRows) {                                             \
    sink.End(d, row + r, col, a##r);                                     \
    if constexpr (kVectors > 1) sink.End(d, row + r, col + n, b##r);     \
    if constexpr (kVectors > 2) sink.End(d, row + r, col + 2 * n, c##r); \
  }                                                                      \
  (void)a##r;                                                            \
  (void)b##r;                                                            \
  (void)c##r;
  MICROGPT_FOR_EACH_TILE_ROW(MICROGPT_TILE_END)
#undef MICROGPT_TILE_END
}

#undef MICROGPT_FOR_EACH_TILE_ROW

// Rows cut into near-equal blocks (9 rows run as 5 + 4, not 8 + 1). Divides
// once for a whole product, and not at all for one block.
struct RowBlocks {
  HWY_INLINE RowBlocks(std::size_t rows, std::size_t most)
      : count(CeilDiv(rows, most)), size(rows) {
    if (count > 1) {
      size = rows / count;
      larger = rows % count;
    }
  }

  std::size_t count;
  std::size_t size;
  std::size_t larger = 0;  // so many have one row more
};

// One strip of kVectors * Lanes columns, in blocks of at most kRows rows.
template <std::size_t kRows, std::size_t kVectors, bool kTransposed, class D,
          class Sink>
HWY_INLINE void MatMulStrip(D d, LeftOperand<kTransposed> x,
                            const RowBlocks& rows, const ConstMatrixView& w,
                            const Sink& sink, std::size_t col) {
  std::size_t row = 0;
  for (std::size_t block = 0; block < rows.count; ++block) {
    const std::size_t count = rows.size + (block < rows.larger ? 1 : 0);
    const LeftOperand<kTransposed> part{x.Row(row), x.stride};
    switch (count) {
#define MICROGPT_TILE_CASE(r)                                                \
  case r:                                                                    \
    if constexpr (r <= kRows) {                                              \
      MatMulTile<r, kVectors>(d, part, w.data + col, w.stride, w.rows, sink, \
                              row, col);                                     \
    }                                                                        \
    break;
      MICROGPT_TILE_CASE(1)
      MICROGPT_TILE_CASE(2)
      MICROGPT_TILE_CASE(3)
      MICROGPT_TILE_CASE(4)
      MICROGPT_TILE_CASE(5)
      MICROGPT_TILE_CASE(6)
      MICROGPT_TILE_CASE(7)
      MICROGPT_TILE_CASE(8)
#undef MICROGPT_TILE_CASE
      default:
        break;
    }
    row += count;
  }
}

// All columns that whole vectors of D cover; returns the first one left.
template <class Shape, bool kTransposed, class D, class Sink>
HWY_INLINE std::size_t MatMulStrips(D d, LeftOperand<kTransposed> x,
                                    std::size_t num_rows,
                                    const ConstMatrixView& w, std::size_t cols,
                                    const Sink& sink) {
  const std::size_t n = hn::Lanes(d);
  const RowBlocks rows(num_rows, Shape::kRows);
  std::size_t col = 0;
  while (col + n <= cols) {
    const std::size_t vectors = (cols - col) / n;
    // Four vectors run as 2 + 2, not 3 + 1.
    if (Shape::kVectors > 2 && vectors > 2 && vectors != 4) {
      MatMulStrip<Shape::kRows, Shape::kVectors>(d, x, rows, w, sink, col);
      col += Shape::kVectors * n;
    } else if (vectors > 1) {
      MatMulStrip<Shape::kRows, 2>(d, x, rows, w, sink, col);
      col += 2 * n;
    } else {
      MatMulStrip<Shape::kRows, 1>(d, x, rows, w, sink, col);
      col += n;
    }
  }
  return col;
}

// Columns from `col` on with vectors of at most kLanes lanes, then with halved
// vectors until all are done; no masks, nothing beyond cols is touched.
template <std::size_t kLanes, bool kTransposed, class Sink>
HWY_INLINE void MatMulTail(LeftOperand<kTransposed> x, std::size_t num_rows,
                           const ConstMatrixView& w, std::size_t cols,
                           const Sink& sink, std::size_t col) {
  const RowBlocks rows(num_rows, TallTile::kRows);
  const hn::CappedTag<float, kLanes> d;
  const std::size_t n = hn::Lanes(d);
  for (; col + n <= cols; col += n) {
    MatMulStrip<TallTile::kRows, 1>(d, x, rows, w, sink, col);
  }
  if constexpr (kLanes > 1) {
    if (col < cols) MatMulTail<kLanes / 2>(x, num_rows, w, cols, sink, col);
  }
}

// All of y = x w, x [rows, w.rows], w [w.rows, cols], into a sink.
template <bool kTransposed, class Sink>
HWY_INLINE void MatMulInto(LeftOperand<kTransposed> x, std::size_t rows,
                           const ConstMatrixView& w, std::size_t cols,
                           const Sink& sink) {
  const F32 d;
  const std::size_t tall = CeilDiv(rows, TallTile::kRows);
  const std::size_t col =
      rows <= tall * WideTile::kRows
          ? MatMulStrips<WideTile>(d, x, rows, w, cols, sink)
          : MatMulStrips<TallTile>(d, x, rows, w, cols, sink);
  if (col < cols) {
    MatMulTail<kVirtualLanes / 2>(x, rows, w, cols, sink, col);
  }
}

// Operands beyond this size, in floats, do not stay in the second-level cache
// from one use to the next.
inline constexpr std::size_t kLargeOperand = 32768;

template <bool kTransposed, Write kWrite, bool kPrefetch>
HWY_NOINLINE void MatMulSized(LeftOperand<kTransposed> x,
                              const ConstMatrixView& w, const MatrixView& y) {
  const MatrixSink<kWrite, kPrefetch> sink{y.data, y.stride};
  MatMulInto(x, y.rows, w, y.cols, sink);
}

// y (+)= x w. x [y.rows, w.rows], w [w.rows, y.cols].
template <bool kTransposed, Write kWrite>
HWY_INLINE void MatMulBlock(LeftOperand<kTransposed> x,
                            const ConstMatrixView& w, const MatrixView& y) {
  if (std::max(w.rows * w.stride, y.rows * y.stride) < kLargeOperand) {
    MatMulSized<kTransposed, kWrite, false>(x, w, y);
  } else {
    MatMulSized<kTransposed, kWrite, true>(x, w, y);
  }
}

#if HWY_TARGET != HWY_SCALAR
// Blocks of 4 rows x 1 vector, of columns from `col` on, with vectors of at
// most kLanes lanes, then with halved ones; returns the first column left.
// Completes the rows of `out` that a block touches before the next: of long
// rows, few stay in the first-level cache.
template <std::size_t kLanes>
HWY_INLINE std::size_t TransposeQuads(const ConstMatrixView& in,
                                      const MatrixView& out, std::size_t rows,
                                      std::size_t col) {
  const hn::CappedTag<float, kLanes> d;
  const std::size_t n = hn::Lanes(d);
  if (n < 4) return col;
  for (; col + n <= in.cols; col += n) {
    for (std::size_t r = 0; r < rows; r += 4) {
      StoreTransposed(
          d, hn::LoadU(d, in.Row(r) + col), hn::LoadU(d, in.Row(r + 1) + col),
          hn::LoadU(d, in.Row(r + 2) + col), hn::LoadU(d, in.Row(r + 3) + col),
          out.stride, out.Row(col) + r);
    }
  }
  if constexpr (kLanes > 4) {
    if (col < in.cols) return TransposeQuads<kLanes / 2>(in, out, rows, col);
  }
  return col;
}
#endif

// Quads in registers, the rest element by element.
HWY_INLINE void TransposeBlock(ConstMatrixView in, MatrixView out) {
  const std::size_t rows = in.rows / 4 * 4;
  std::size_t cols = 0;
#if HWY_TARGET != HWY_SCALAR
  constexpr std::size_t kWidest = MICROGPT_QUADS ? kVirtualLanes : 4;
  cols = TransposeQuads<kWidest>(in, out, rows, 0);
#endif
  for (std::size_t r = 0; r < in.rows; ++r) {
    for (std::size_t c = r < rows ? cols : 0; c < in.cols; ++c) {
      out.Row(c)[r] = in.Row(r)[c];
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace microgpt
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
