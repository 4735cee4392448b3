// Adam for weights whose gradient is a matrix product. Square roots keep the
// divider busy for longer than the products of a tile take, and both can run at
// once, but only if they stand side by side: the schedulers do not look far
// ahead. So each tile's square roots are begun before the products of the next
// tile and used after them.
#include <algorithm>

#include "kernels/adam.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/adam_from_product.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "hwy/highway.h"
#include "kernels/adam-inl.h"
#include "kernels/matmul-inl.h"

HWY_BEFORE_NAMESPACE();
namespace microgpt {
namespace HWY_NAMESPACE {

// All that an update needs; see AdamUpdateFromProduct.
struct Update {
  AdamScalars scalars;
  ConstMatrixView dy;
  ConstMatrixView x;
  MatrixView p;
  float* m;
  float* v;
  MatrixView transposed;
};

inline constexpr std::size_t kUpdateTileRows = 4;

// Whether tiles are as wide as a cache line. They are then transposed in
// registers, all rows of a block for one line of columns before the next, so
// that lines of the transposed copy are complete soon. With narrower vectors
// too little of p, m and v would be on its way from distant caches: rows, which
// hardware prefetchers follow, come first, and a block is transposed at its
// end.
inline constexpr bool kWideTiles =
    MICROGPT_QUADS && hn::MaxLanes(F32()) == kVirtualLanes;

// A tile of 4 rows x 1 vector of a block of rows x cols.
struct TilePosition {
  std::size_t row;
  std::size_t col;

  HWY_INLINE void Next(std::size_t rows, std::size_t cols) {
    if (kWideTiles) {
      row += kUpdateTileRows;
      if (row < rows) return;
      row = 0;
      col += kVirtualLanes;
    } else {
      col += hn::Lanes(F32());
      if (col < cols) return;
      col = 0;
      row += kUpdateTileRows;
    }
  }
};

// How many columns are transposed in registers.
HWY_INLINE std::size_t WideTileCols(std::size_t cols) {
  return kWideTiles ? cols / kVirtualLanes * kVirtualLanes : 0;
}

#define MICROGPT_FOR_EACH_TILE_ROW(M) M(0) M(1) M(2) M(3)

// Rows [row, row + rows), all columns, in tiles.
// REQUIRES: rows is a multiple of kUpdateTileRows, and not 0.
HWY_INLINE void UpdateTiles(const Update& update, std::size_t row,
                            std::size_t rows) {
  const F32 d;
  const AdamScalars scalars = update.scalars;
  const std::size_t stride = update.p.stride;
  const std::size_t x_stride = update.x.stride;
  const std::size_t dy_stride = update.dy.stride;
  const std::size_t inner = update.dy.rows;
  const std::size_t cols = PaddedCols(update.p.cols);
  const std::size_t tiles = rows / kUpdateTileRows * (cols / hn::Lanes(d));
  [[maybe_unused]] const std::size_t wide_cols = WideTileCols(update.p.cols);
  TilePosition next{0, 0};    // whose products are due
  TilePosition before{0, 0};  // whose square roots have begun
#define MICROGPT_DECLARE(r) \
  VF32 g##r = hn::Zero(d);  \
  VF32 divisor##r = hn::Zero(d);
  MICROGPT_FOR_EACH_TILE_ROW(MICROGPT_DECLARE)
#undef MICROGPT_DECLARE
  for (std::size_t tile = 0; tile <= tiles; ++tile) {
    const std::size_t at = (row + before.row) * stride + before.col;
    if (tile > 0) {
#define MICROGPT_BEGIN_UPDATE(r)                                        \
  divisor##r = UpdateMoments(scalars, g##r, update.m + at + r * stride, \
                             update.v + at + r * stride);
      MICROGPT_FOR_EACH_TILE_ROW(MICROGPT_BEGIN_UPDATE)
#undef MICROGPT_BEGIN_UPDATE
    }
    if (tile < tiles) {
#define MICROGPT_CLEAR(r) g##r = hn::Zero(d);
      MICROGPT_FOR_EACH_TILE_ROW(MICROGPT_CLEAR)
#undef MICROGPT_CLEAR
      const float* HWY_RESTRICT dy = update.dy.data + row + next.row;
      const float* HWY_RESTRICT x = update.x.data + next.col;
      for (std::size_t k = 0; k < inner; ++k) {
        const VF32 xk = hn::LoadU(d, x + k * x_stride);
#define MICROGPT_STEP(r) \
  g##r = FusedMulAdd(d, hn::Set(d, dy[k * dy_stride + r]), xk, g##r);
        MICROGPT_FOR_EACH_TILE_ROW(MICROGPT_STEP)
#undef MICROGPT_STEP
      }
    }
    if (tile > 0) {
#define MICROGPT_END_UPDATE(r)                                       \
  [[maybe_unused]] const VF32 p##r =                                 \
      UpdateWeights(scalars, divisor##r, update.m + at + r * stride, \
                    update.p.data + at + r * stride);
      MICROGPT_FOR_EACH_TILE_ROW(MICROGPT_END_UPDATE)
#undef MICROGPT_END_UPDATE
#if MICROGPT_QUADS
      if (before.col < wide_cols) {
        StoreTransposed(d, p0, p1, p2, p3, update.transposed.stride,
                        update.transposed.Row(before.col) + row + before.row);
      }
#endif
    }
    before = next;
    next.Next(rows, cols);
  }
}

#undef MICROGPT_FOR_EACH_TILE_ROW

// The same for rows that fill no tile, one vector at a time.
HWY_INLINE void UpdateRow(const Update& update, std::size_t row) {
  const F32 d;
  const std::size_t stride = update.p.stride;
  for (std::size_t col = 0; col < PaddedCols(update.p.cols);
       col += hn::Lanes(d)) {
    VF32 g = hn::Zero(d);
    for (std::size_t k = 0; k < update.dy.rows; ++k) {
      g = FusedMulAdd(d, hn::Set(d, update.dy.Row(k)[row]),
                      hn::LoadU(d, update.x.Row(k) + col), g);
    }
    const std::size_t at = row * stride + col;
    UpdateVector(update.scalars, g, update.p.data + at, update.m + at,
                 update.v + at);
  }
}

// Of a block: whole cache lines of the transposed copy. What is not transposed
// in registers is still in the first-level cache.
inline constexpr std::size_t kUpdateRows = 4 * kUpdateTileRows;

void AdamUpdateFromProductImpl(const AdamScalars& scalars, ConstMatrixView dy,
                               ConstMatrixView x, MatrixView p, float* m,
                               float* v, MatrixView transposed) {
  const Update update{scalars, dy, x, p, m, v, transposed};
  const std::size_t cols = WideTileCols(p.cols);
  for (std::size_t row = 0; row < p.rows; row += kUpdateRows) {
    const std::size_t count = std::min(kUpdateRows, p.rows - row);
    const std::size_t tiled = count / kUpdateTileRows * kUpdateTileRows;
    if (tiled > 0) UpdateTiles(update, row, tiled);
    for (std::size_t i = tiled; i < count; ++i) UpdateRow(update, row + i);
    const auto transpose = [&](std::size_t begin, std::size_t end,
                               std::size_t col) HWY_ATTR {
      TransposeBlock(
          p.Rows(row + begin, end - begin).Cols(col, p.cols - col),
          transposed.Rows(col, p.cols - col).Cols(row + begin, end - begin));
    };
    if (cols < p.cols) transpose(0, tiled, cols);
    if (tiled < count) transpose(tiled, count, 0);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace microgpt
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace microgpt {

HWY_EXPORT(AdamUpdateFromProductImpl);

void AdamUpdateFromProduct(const AdamScalars& scalars, ConstMatrixView dy,
                           ConstMatrixView x, MatrixView p, float* m, float* v,
                           MatrixView transposed) noexcept {
  HWY_DYNAMIC_DISPATCH(AdamUpdateFromProductImpl)
  (scalars, dy, x, p, m, v, transposed);
}

}  // namespace microgpt
#endif  // HWY_ONCE
