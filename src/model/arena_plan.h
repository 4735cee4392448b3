// Carves shaped views out of one allocation.
#ifndef MICROGPT_MODEL_ARENA_PLAN_H_
#define MICROGPT_MODEL_ARENA_PLAN_H_

#include <cstddef>

#include "base/checked_math.h"
#include "kernels/matrix.h"

namespace microgpt {

// Run a function that takes all its views from a plan once without memory to
// learn the size, then again with that much. Every piece begins on a cache line
// if the memory does. Throws Error(kResources) on overflow.
class ArenaPlan {
 public:
  explicit ArenaPlan(float* memory = nullptr) : memory_(memory) {}

  // [rows, cols] with padded rows; cols of the view are the padded ones.
  MatrixView TakeMatrix(std::size_t rows, std::size_t cols) {
    const std::size_t stride = RowStride(cols);
    return {Take(CheckedSize(rows) * stride), rows, PaddedCols(cols), stride};
  }

  // `size` floats, rounded up to whole cache lines.
  float* Take(CheckedSize size) {
    const std::size_t begin = used_.value();
    used_ = used_ + RoundUp(size.value(), kVirtualLanes);
    (void)(used_ * sizeof(float));
    return memory_ == nullptr ? nullptr : memory_ + begin;
  }

  std::size_t used() const { return used_.value(); }

 private:
  float* memory_;
  CheckedSize used_ = 0;
};

}  // namespace microgpt

#endif  // MICROGPT_MODEL_ARENA_PLAN_H_
