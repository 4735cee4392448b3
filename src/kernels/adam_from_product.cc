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
};

inline constexpr std::size_t kUpdateTileRows = 4;

#define MICROGPT_FOR_EACH_TILE_ROW(M) M(0) M(1) M(2) M(3)

// Rows [row, row + 4 tiles), all columns, in tiles of 4 rows x 1 vector.
HWY_INLINE void UpdateTiles(const Update& update, std::size_t row,
                            std::size_t tiles_of_rows) {
  const F32 d;
  const std::size_t n = hn::Lanes(d);
  const AdamScalars scalars = update.scalars;
  const std::size_t stride = update.p.stride;
  const std::size_t x_stride = update.x.stride;
  const std::size_t dy_stride = update.dy.stride;
  const std::size_t inner = update.dy.rows;
  const std::size_t cols = PaddedCols(update.p.cols);
  const std::size_t tiles = tiles_of_rows * (cols / n);
  const float* HWY_RESTRICT dy = update.dy.data + row;
  std::size_t at = row * stride;  // of the tile whose products are due
  std::size_t col = 0;
  std::size_t before = 0;  // the tile before that
#define MICROGPT_DECLARE(r) \
  VF32 g##r = hn::Zero(d);  \
  VF32 divisor##r = hn::Zero(d);
  MICROGPT_FOR_EACH_TILE_ROW(MICROGPT_DECLARE)
#undef MICROGPT_DECLARE
  for (std::size_t tile = 0; tile <= tiles; ++tile) {
    if (tile > 0) {
#define MICROGPT_BEGIN_UPDATE(r)                                            \
  divisor##r = UpdateMoments(scalars, g##r, update.m + before + r * stride, \
                             update.v + before + r * stride);
      MICROGPT_FOR_EACH_TILE_ROW(MICROGPT_BEGIN_UPDATE)
#undef MICROGPT_BEGIN_UPDATE
    }
    if (tile < tiles) {
#define MICROGPT_CLEAR(r) g##r = hn::Zero(d);
      MICROGPT_FOR_EACH_TILE_ROW(MICROGPT_CLEAR)
#undef MICROGPT_CLEAR
      const float* HWY_RESTRICT x = update.x.data + col;
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
  UpdateWeights(scalars, divisor##r, update.m + before + r * stride, \
                update.p.data + before + r * stride);
      MICROGPT_FOR_EACH_TILE_ROW(MICROGPT_END_UPDATE)
#undef MICROGPT_END_UPDATE
    }
    before = at;
    at += n;
    col += n;
    if (col == cols) {
      col = 0;
      at += kUpdateTileRows * stride - cols;
      dy += kUpdateTileRows;
    }
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

// Rows in blocks whose new weights are still in the first-level cache when they
// are transposed.
inline constexpr std::size_t kUpdateRows = 4 * kUpdateTileRows;

void AdamUpdateFromProductImpl(const AdamScalars& scalars, ConstMatrixView dy,
                               ConstMatrixView x, MatrixView p, float* m,
                               float* v, MatrixView transposed) {
  const Update update{scalars, dy, x, p, m, v};
  for (std::size_t row = 0; row < p.rows; row += kUpdateRows) {
    const std::size_t count = std::min(kUpdateRows, p.rows - row);
    const std::size_t tiles = count / kUpdateTileRows;
    if (tiles > 0) UpdateTiles(update, row, tiles);
    for (std::size_t i = tiles * kUpdateTileRows; i < count; ++i) {
      UpdateRow(update, row + i);
    }
    TransposeBlock(p.Rows(row, count), transposed.Cols(row, count));
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
