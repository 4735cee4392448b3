// Non-linearities of the feed-forward block.
#ifndef MICROGPT_KERNELS_ACTIVATION_H_
#define MICROGPT_KERNELS_ACTIVATION_H_

#include "kernels/matrix.h"
#include "microgpt/config.h"

namespace microgpt {

// a = act(u) over whole rows. Overwrites a; a may be u. NaN passes.
//   u, a [T, 4C]
// Concurrent calls are safe for disjoint a. Never allocates.
void ActivationForward(Activation kind, ConstMatrixView u,
                       MatrixView a) noexcept;

// da = da * act'(u), in place: da becomes du.
//   u, da [T, 4C]
void ActivationBackward(Activation kind, ConstMatrixView u,
                        MatrixView da) noexcept;

}  // namespace microgpt

#endif  // MICROGPT_KERNELS_ACTIVATION_H_
