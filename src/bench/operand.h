// Matrices to run kernels on.
#ifndef MICROGPT_BENCH_OPERAND_H_
#define MICROGPT_BENCH_OPERAND_H_

#include <cstddef>

#include "base/aligned_buffer.h"
#include "kernels/matrix.h"

namespace microgpt {

// [rows, cols] padded and strided as in the model, filled with small numbers of
// both signs.
class Operand {
 public:
  Operand(std::size_t rows, std::size_t cols, PageSlot slot = PageSlot::kAny)
      : memory_(rows * RowStride(cols), slot),
        rows_(rows),
        cols_(PaddedCols(cols)),
        stride_(RowStride(cols)) {
    for (std::size_t i = 0; i < memory_.size(); ++i) {
      memory_.data()[i] = static_cast<float>(i * 7 % 13) / 13.0f - 0.4f;
    }
  }

  MatrixView view() { return {memory_.data(), rows_, cols_, stride_}; }
  float* data() { return memory_.data(); }
  std::size_t size() const { return memory_.size(); }

 private:
  AlignedBuffer<float> memory_;
  std::size_t rows_;
  std::size_t cols_;
  std::size_t stride_;
};

}  // namespace microgpt

#endif  // MICROGPT_BENCH_OPERAND_H_
