// Kernels on all workers of an executor. Outputs are cut, chains are not: the
// bits are those of one call.
#ifndef MICROGPT_MODEL_PARALLEL_H_
#define MICROGPT_MODEL_PARALLEL_H_

#include <algorithm>
#include <cstddef>

#include "base/executor.h"
#include "kernels/matmul.h"
#include "kernels/matrix.h"

namespace microgpt {

// The cut of a matrix into a grid of parts.
struct TileGrid {
  std::size_t row_parts = 1;
  std::size_t col_parts = 1;

  std::size_t count() const { return row_parts * col_parts; }
};

// For a product with `inner` terms per element: near-square tiles, whole cache
// lines wide and a common multiple of the kernels' row blocks high, the same
// number for every worker where the shape allows; one for a product that is too
// small to share.
TileGrid GridFor(std::size_t rows, std::size_t cols, std::size_t inner,
                 std::size_t workers);

// Part `index` of `parts` near-equal ones, which begin at multiples of `unit`.
// REQUIRES: parts <= CeilDiv(total, unit).
RowRange PartOf(std::size_t total, std::size_t unit, std::size_t parts,
                std::size_t index);

// How many parts of equal work are worth their hand-over; several for every
// worker where there is enough of it.
std::size_t PartsFor(double flops, std::size_t workers);

// How many parts of rows are worth their hand-over, `row_floats` being what a
// simple kernel goes through per row.
std::size_t RowParts(std::size_t rows, std::size_t row_floats,
                     std::size_t workers);

// Calls body(rows) for parts of [0, rows).
template <class Body>
void ForEachRows(Executor& executor, std::size_t rows, std::size_t row_floats,
                 Body body) {
  std::size_t parts = 1;
  if (executor.num_workers() > 1) {
    parts = RowParts(rows, row_floats,
                     static_cast<std::size_t>(executor.num_workers()));
  }
  if (parts == 1) {
    body(RowRange{0, rows});
    return;
  }
  executor.ForEachWithAffinity(parts, [&](int /*worker*/, std::size_t index) {
    body(PartOf(rows, kVirtualLanes, parts, index));
  });
}

// MatMul and MatMulWeightGradient of kernels/matmul.h.
void SplitMatMul(Executor& executor, ConstMatrixView x, ConstMatrixView w,
                 MatrixView y, Write write);
void SplitWeightGradient(Executor& executor, ConstMatrixView dy,
                         ConstMatrixView x, MatrixView dw, Write write);

}  // namespace microgpt

#endif  // MICROGPT_MODEL_PARALLEL_H_
