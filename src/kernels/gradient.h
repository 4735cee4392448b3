// Sums and checks of whole gradient buffers.
#ifndef MICROGPT_KERNELS_GRADIENT_H_
#define MICROGPT_KERNELS_GRADIENT_H_

#include <array>
#include <span>

#include "kernels/matrix.h"

namespace microgpt {

// sum += term.  sum, term [count]; count a multiple of kVirtualLanes.
// Concurrent calls are safe for disjoint sum. Never allocates.
void AddInto(float* sum, const float* term, std::size_t count) noexcept;

// The most arrays that SumPairwise adds.
inline constexpr std::size_t kMaxTerms = 8;

// terms[0] = the sum of all arrays by a pairwise tree: neighbours, then
// neighbouring sums, a last one without partner as it is. Returns whether no
// element of the sum is an infinity or NaN.
//   terms: 1 to kMaxTerms arrays [count]; count a multiple of kVirtualLanes
// Concurrent calls are safe for disjoint terms[0]. Never allocates.
bool SumPairwise(std::span<float* const> terms, std::size_t count) noexcept;

// A sum in progress, in virtual lanes.
using LaneSums = std::array<double, kVirtualLanes>;

// sums[i mod kVirtualLanes] += values[i]^2, in double and in increasing i.
//   values [count]; count a multiple of kVirtualLanes
// Concurrent calls are safe for different sums. Never allocates.
void AddSquares(const float* values, std::size_t count,
                LaneSums& sums) noexcept;

// The total: lane i and i + 8 first, then i + 4, i + 2, i + 1.
double Fold(const LaneSums& sums) noexcept;

// values *= factor. count as above.
// Concurrent calls are safe for disjoint values. Never allocates.
void Scale(float* values, float factor, std::size_t count) noexcept;

// The largest of at_least and all |values|; infinity counts as larger than
// numbers, NaN as larger than infinity. Reads whole rows with their padding.
//   values [R, N], at_least >= 0
float MaxAbs(ConstMatrixView values, float at_least) noexcept;

// Whether no element is an infinity or NaN. count as above.
bool AllFinite(const float* values, std::size_t count) noexcept;

}  // namespace microgpt

#endif  // MICROGPT_KERNELS_GRADIENT_H_
