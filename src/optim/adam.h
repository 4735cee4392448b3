// Adam's moments.
#ifndef MICROGPT_OPTIM_ADAM_H_
#define MICROGPT_OPTIM_ADAM_H_

#include <cstddef>
#include <cstdint>

#include "base/aligned_buffer.h"
#include "kernels/adam.h"
#include "microgpt/config.h"

namespace microgpt {

// First and second moments of every weight. Thread-compatible; Update may run
// concurrently for disjoint ranges.
class Adam {
 public:
  // size: floats of the parameter arena. Throws Error(kResources).
  Adam(const AdamConfig& config, std::size_t size);

  // Scalars of step `step`, counted from 0, with the learning rate of that
  // step; gradients are multiplied by gradient_scale first.
  AdamScalars Scalars(std::int64_t step, double learning_rate,
                      double gradient_scale) const;

  // Updates weights [offset, offset + count) of the arena from gradients of the
  // same range. REQUIRES: multiples of kVirtualLanes.
  void Update(const AdamScalars& scalars, float* weights,
              const float* gradients, std::size_t offset,
              std::size_t count) noexcept;

  // The same for rows of a weight matrix that begin at `offset`, whose gradient
  // is dy^T x, and for their transposed copy. See kernels/adam.h.
  void UpdateFromProduct(const AdamScalars& scalars, MatrixView weights,
                         ConstMatrixView dy, ConstMatrixView x,
                         MatrixView transposed, std::size_t offset) noexcept;

  float* first_moments() { return first_.data(); }
  float* second_moments() { return second_.data(); }
  const float* first_moments() const { return first_.data(); }
  const float* second_moments() const { return second_.data(); }

 private:
  AdamConfig config_;
  AlignedBuffer<float> first_;
  AlignedBuffer<float> second_;
};

}  // namespace microgpt

#endif  // MICROGPT_OPTIM_ADAM_H_
