// Heads from matrices to vectors that hold one head per lane, and back.
// Included once per SIMD target.
#include "hwy/highway.h"

#if defined(MICROGPT_KERNELS_LANE_TRANSFER_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef MICROGPT_KERNELS_LANE_TRANSFER_INL_H_
#undef MICROGPT_KERNELS_LANE_TRANSFER_INL_H_
#else
#define MICROGPT_KERNELS_LANE_TRANSFER_INL_H_
#endif

#include <algorithm>

#include "kernels/lane_groups-inl.h"

HWY_BEFORE_NAMESPACE();
namespace microgpt {
namespace HWY_NAMESPACE {

// Where the heads of four neighbouring lanes lie in a matrix. Named members:
// gcc turns arrays of pointers into vectors that it takes apart again.
template <class T>
struct Quad {
  template <class Matrix>
  HWY_INLINE Quad(const Group& group, std::size_t first, Matrix matrix)
      : stride(matrix.stride) {
    const auto set = [&](std::size_t i, T*& base, std::size_t& count) {
      const RowRange& rows = group.rows[first + i];
      base = matrix.Row(rows.begin) + group.columns[first + i];
      count = rows.count;
    };
    set(0, base0, count0);
    set(1, base1, count1);
    set(2, base2, count2);
    set(3, base3, count3);
  }

  std::size_t stride;

  T* base0;
  T* base1;
  T* base2;
  T* base3;
  std::size_t count0;
  std::size_t count1;
  std::size_t count2;
  std::size_t count3;
};

#if HWY_TARGET != HWY_SCALAR
// Four floats of every head that D has room for; the heads begin at `row`,
// head_size apart.
template <class D>
HWY_INLINE hn::Vec<D> LoadHeads(D d, const float* row, std::size_t head_size) {
  if constexpr (hn::MaxLanes(D()) <= 4) {
    return hn::LoadU(d, row);
  } else {
    if (head_size == 4) return hn::LoadU(d, row);
    const hn::Half<D> half;
    const float* upper = row + hn::Lanes(half) / 4 * head_size;
    return hn::Combine(d, LoadHeads(half, upper, head_size),
                       LoadHeads(half, row, head_size));
  }
}

template <class D>
HWY_INLINE void StoreHeads(D d, hn::Vec<D> heads, std::size_t head_size,
                           float* row) {
  if (head_size == 4) {
    hn::StoreU(heads, d, row);
  } else {
    StoreQuads(d, heads, head_size, row);
  }
}

// Whole blocks of 4 dims of the heads in the lanes of D, which begin at
// `first`, all positions; zero where a lane has no such position. Lane 4 i + j
// has head i of the document of lane j. Returns the first dim that is left.
template <class D>
HWY_INLINE std::size_t GatherBlocks(D d, const Group& group, std::size_t first,
                                    ConstMatrixView in,
                                    float* HWY_RESTRICT to) {
  const std::size_t n = group.n;
  const std::size_t size = group.head_size;
  const Quad<const float> quad(group, first, in);
  for (std::size_t t = 0; t < group.positions; ++t) {
    float* row = to + t * group.RowFloats() + first;
    const std::size_t at = t * in.stride;
    const auto load = [&](const float* base, std::size_t count,
                          std::size_t dim) HWY_ATTR {
      return t < count ? LoadHeads(d, base + at + dim, size) : hn::Zero(d);
    };
    for (std::size_t dim = 0; dim + 4 <= size; dim += 4) {
      TransposeBlocks(d, load(quad.base0, quad.count0, dim),
                      load(quad.base1, quad.count1, dim),
                      load(quad.base2, quad.count2, dim),
                      load(quad.base3, quad.count3, dim),
                      [&](std::size_t i, auto values) HWY_ATTR {
                        hn::StoreU(values, d, row + (dim + i) * n);
                      });
    }
  }
  return size / 4 * 4;
}

// The way back. Adds +0, which turns -0 into +0: the number of terms that were
// zero depends on the group, and so may the sign of a sum that is zero.
template <class D>
HWY_INLINE std::size_t ScatterBlocks(D d, const Group& group, std::size_t first,
                                     const float* HWY_RESTRICT from,
                                     MatrixView out) {
  const std::size_t n = group.n;
  const std::size_t size = group.head_size;
  const Quad<float> quad(group, first, out);
  for (std::size_t t = 0; t < group.positions; ++t) {
    const std::size_t at = t * out.stride;
    const auto store = [&](auto heads, float* base, std::size_t count,
                           std::size_t dim) HWY_ATTR {
      if (t >= count) return;
      StoreHeads(d, hn::Add(heads, hn::Zero(d)), size, base + at + dim);
    };
    for (std::size_t dim = 0; dim + 4 <= size; dim += 4) {
      const float* block = from + t * group.RowFloats() + first + dim * n;
      TransposeBlocks(d, hn::LoadU(d, block), hn::LoadU(d, block + n),
                      hn::LoadU(d, block + 2 * n), hn::LoadU(d, block + 3 * n),
                      [&](std::size_t i, auto heads) HWY_ATTR {
                        if (i == 0) store(heads, quad.base0, quad.count0, dim);
                        if (i == 1) store(heads, quad.base1, quad.count1, dim);
                        if (i == 2) store(heads, quad.base2, quad.count2, dim);
                        if (i == 3) store(heads, quad.base3, quad.count3, dim);
                      });
    }
  }
  return size / 4 * 4;
}
#endif

// Dims [dim, HS) of all lanes, one element at a time.
HWY_INLINE void GatherDims(const Group& group, std::size_t dim,
                           ConstMatrixView in, float* HWY_RESTRICT to) {
  for (; dim < group.head_size; ++dim) {
    for (std::size_t t = 0; t < group.positions; ++t) {
      float* row = to + t * group.RowFloats() + dim * group.n;
      for (std::size_t i = 0; i < group.n; ++i) {
        const RowRange& rows = group.rows[i];
        const std::size_t col = group.columns[i] + dim;
        row[i] = t < rows.count ? in.Row(rows.begin + t)[col] : 0;
      }
    }
  }
}

HWY_INLINE void ScatterDims(const Group& group, std::size_t dim,
                            const float* HWY_RESTRICT from, MatrixView out) {
  for (; dim < group.head_size; ++dim) {
    for (std::size_t t = 0; t < group.positions; ++t) {
      const float* row = from + t * group.RowFloats() + dim * group.n;
      for (std::size_t i = 0; i < group.n; ++i) {
        const RowRange& rows = group.rows[i];
        if (t >= rows.count) continue;
        out.Row(rows.begin + t)[group.columns[i] + dim] = row[i] + 0.0f;
      }
    }
  }
}

// Runs `blocks(d, first)` for all lanes of a group, with D as wide as the order
// of the lanes allows, and returns the first dim that it has left.
template <class D, class Blocks>
HWY_INLINE std::size_t ForEachQuad(D d, const Group& group, Blocks blocks) {
#if MICROGPT_QUADS
  if (group.quads) return blocks(d, 0);
#endif
#if HWY_TARGET != HWY_SCALAR
  const hn::CappedTag<float, 4> d4;
  if (hn::Lanes(d4) == 4) {
    std::size_t dim = 0;
    for (std::size_t first = 0; first < group.n; first += 4) {
      dim = blocks(d4, first);
    }
    return dim;
  }
#endif
  (void)d;
  (void)group;
  (void)blocks;
  return 0;
}

// Every lane's head of a matrix [R, heads side by side] to `to` [T, HS, n].
template <class D>
HWY_INLINE void Gather(D d, const Group& group, ConstMatrixView in,
                       float* HWY_RESTRICT to) {
  const std::size_t dim =
      ForEachQuad(d, group, [&](auto d_blocks, std::size_t first) HWY_ATTR {
        return GatherBlocks(d_blocks, group, first, in, to);
      });
  GatherDims(group, dim, in, to);
}

// And back; positions that a lane does not have stay as they are.
template <class D>
HWY_INLINE void Scatter(D d, const Group& group, const float* HWY_RESTRICT from,
                        MatrixView out) {
  const std::size_t dim =
      ForEachQuad(d, group, [&](auto d_blocks, std::size_t first) HWY_ATTR {
        return ScatterBlocks(d_blocks, group, first, from, out);
      });
  ScatterDims(group, dim, from, out);
}

}  // namespace HWY_NAMESPACE
}  // namespace microgpt
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
