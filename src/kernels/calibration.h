// Work that shows what one core can do: the numbers that all others are
// compared with.
#ifndef MICROGPT_KERNELS_CALIBRATION_H_
#define MICROGPT_KERNELS_CALIBRATION_H_

#include <cstddef>

namespace microgpt {

// Runs `rounds` rounds of independent float32 FMAs in registers, on the chosen
// SIMD target, and returns how many flops that were (2 per FMA and lane).
// Targets without FMA multiply and add.
double RunFmas(std::size_t rounds);

// out[i] = a[i] / (sqrt(b[i]) + c), which is what Adam cannot do without.
//   a, b, out [count]; count a multiple of 16
void RunDivideSqrt(const float* a, const float* b, float* out,
                   std::size_t count);

// Sum of all elements. count a multiple of 64.
float RunRead(const float* values, std::size_t count);

}  // namespace microgpt

#endif  // MICROGPT_KERNELS_CALIBRATION_H_
