#include "model/parallel.h"

#include <limits>

namespace microgpt {
namespace {

// Handing a part over costs a few microseconds; below these sizes it would
// be a large part of the work.
constexpr double kMinTileFlops = 1e6;
constexpr std::size_t kMinPartFloats = std::size_t{64} << 10;
// More parts than workers, for workers that are held up.
constexpr std::size_t kPartsPerWorker = 4;
// A common multiple of the kernels' row blocks 4, 6, 8 and 12.
constexpr std::size_t kTileRows = 24;

// A part of the output of a product.
struct Tile {
  RowRange rows;
  RowRange cols;

  MatrixView Of(MatrixView y) const {
    return y.Rows(rows.begin, rows.count).Cols(cols.begin, cols.count);
  }
};

// Calls body(tile) for every tile of y, or once if that is not worth while.
template <class Body>
void ForEachTile(Executor& executor, const MatrixView& y, std::size_t inner,
                 Body body) {
  const TileGrid grid = GridFor(
      y.rows, y.cols, inner, static_cast<std::size_t>(executor.num_workers()));
  if (grid.count() == 1) {
    body(Tile{{0, y.rows}, {0, y.cols}});
    return;
  }
  executor.ForEachWithAffinity(grid.count(), [&](int /*worker*/,
                                                 std::size_t index) {
    body(Tile{
        PartOf(y.rows, kTileRows, grid.row_parts, index / grid.col_parts),
        PartOf(y.cols, kVirtualLanes, grid.col_parts, index % grid.col_parts)});
  });
}

}  // namespace

std::size_t PartsFor(double flops, std::size_t workers) {
  for (std::size_t each = kPartsPerWorker; each > 0; --each) {
    const std::size_t parts = each * workers;
    if (flops >= kMinTileFlops * static_cast<double>(parts)) return parts;
  }
  return 1;
}

TileGrid GridFor(std::size_t rows, std::size_t cols, std::size_t inner,
                 std::size_t workers) {
  const double flops = 2.0 * static_cast<double>(rows) *
                       static_cast<double>(cols) * static_cast<double>(inner);
  const std::size_t max_rows = CeilDiv(rows, kTileRows);
  const std::size_t max_cols = CeilDiv(cols, kVirtualLanes);
  // Fewer parts for each worker where the shape allows no better.
  std::size_t tiles = workers == 1 ? 1 : PartsFor(flops, workers);
  for (; tiles > 1; tiles = tiles > workers ? tiles - workers : 1) {
    TileGrid best;
    double least = std::numeric_limits<double>::max();
    for (std::size_t row_parts = 1; row_parts <= tiles; ++row_parts) {
      const std::size_t col_parts = tiles / row_parts;
      if (row_parts * col_parts != tiles) continue;
      if (row_parts > max_rows || col_parts > max_cols) continue;
      // What a tile reads.
      const double sides =
          static_cast<double>(rows) / static_cast<double>(row_parts) +
          static_cast<double>(cols) / static_cast<double>(col_parts);
      if (sides < least) {
        least = sides;
        best = {row_parts, col_parts};
      }
    }
    if (best.count() > 1) return best;
  }
  return {};
}

RowRange PartOf(std::size_t total, std::size_t unit, std::size_t parts,
                std::size_t index) {
  const std::size_t units = CeilDiv(total, unit);
  const std::size_t begin = units * index / parts * unit;
  const std::size_t end = units * (index + 1) / parts * unit;
  return {begin, std::min(end, total) - begin};
}

std::size_t RowParts(std::size_t rows, std::size_t row_floats,
                     std::size_t workers) {
  const std::size_t worth = rows * row_floats / kMinPartFloats;
  const std::size_t most =
      std::min(CeilDiv(rows, kVirtualLanes), kPartsPerWorker * workers);
  if (worth < 2 || most < 2) return 1;
  return std::min(worth, most);
}

void SplitMatMul(Executor& executor, ConstMatrixView x, ConstMatrixView w,
                 MatrixView y, Write write) {
  if (executor.num_workers() == 1) {
    MatMul(x, w, y, write);
    return;
  }
  ForEachTile(executor, y, w.rows, [&](const Tile& tile) {
    MatMul(x.Rows(tile.rows.begin, tile.rows.count),
           w.Cols(tile.cols.begin, tile.cols.count), tile.Of(y), write);
  });
}

void SplitWeightGradient(Executor& executor, ConstMatrixView dy,
                         ConstMatrixView x, MatrixView dw, Write write) {
  if (executor.num_workers() == 1) {
    MatMulWeightGradient(dy, x, dw, write);
    return;
  }
  ForEachTile(executor, dw, x.rows, [&](const Tile& tile) {
    MatMulWeightGradient(dy.Cols(tile.rows.begin, tile.rows.count),
                         x.Cols(tile.cols.begin, tile.cols.count), tile.Of(dw),
                         write);
  });
}

}  // namespace microgpt
