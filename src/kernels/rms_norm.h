// Root-mean-square normalisation without a learned scale (Zhang & Sennrich
// 2019, equation 4).
#ifndef MICROGPT_KERNELS_RMS_NORM_H_
#define MICROGPT_KERNELS_RMS_NORM_H_

#include "kernels/matrix.h"

namespace microgpt {

// y = x s, s = 1 / sqrt(mean(x^2) + 1e-5) per row. Overwrites y and scales.
//   x [T, C], y [T, C], scales [T]; width = C without padding
// y may be x. Concurrent calls are safe for disjoint outputs. Never allocates.
void RmsNormForward(ConstMatrixView x, std::size_t width, MatrixView y,
                    float* scales) noexcept;

// dx = base + s (dy - y mean(dy y)); base with data == nullptr counts as zero.
// y and scales are the forward pass's outputs.
//   dy, y, base, dx [T, C], scales [T]; width = C without padding
// dx may be dy or base. Concurrency as above.
void RmsNormBackward(ConstMatrixView dy, ConstMatrixView y, const float* scales,
                     std::size_t width, ConstMatrixView base,
                     MatrixView dx) noexcept;

}  // namespace microgpt

#endif  // MICROGPT_KERNELS_RMS_NORM_H_
