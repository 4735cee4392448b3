// Sums and checks of whole gradient buffers.
#ifndef MICROGPT_KERNELS_GRADIENT_H_
#define MICROGPT_KERNELS_GRADIENT_H_

#include "kernels/matrix.h"

namespace microgpt {

// sum += term.  sum, term [count]; count a multiple of kVirtualLanes.
// Concurrent calls are safe for disjoint sum. Never allocates.
void AddInto(float* sum, const float* term, std::size_t count) noexcept;

// The largest of at_least and all |values|; infinity counts as larger than
// numbers, NaN as larger than infinity. Reads whole rows with their padding.
//   values [R, N], at_least >= 0
float MaxAbs(ConstMatrixView values, float at_least) noexcept;

// Whether no element is an infinity or NaN. count as above.
bool AllFinite(const float* values, std::size_t count) noexcept;

}  // namespace microgpt

#endif  // MICROGPT_KERNELS_GRADIENT_H_
