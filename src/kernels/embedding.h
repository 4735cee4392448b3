// Token and position embeddings.
#ifndef MICROGPT_KERNELS_EMBEDDING_H_
#define MICROGPT_KERNELS_EMBEDDING_H_

#include <cstdint>

#include "kernels/matrix.h"

namespace microgpt {

// x[t] = wte[tokens[t]] + wpe[t]. Overwrites x.
//   tokens [T], wte [V, C], wpe [block_size, C], x [T, C]
// Concurrent calls are safe for disjoint x. Never allocates.
void EmbeddingForward(const std::int32_t* tokens, ConstMatrixView wte,
                      ConstMatrixView wpe, MatrixView x) noexcept;

// dwte[tokens[t]] += dx[t], dwpe[t] += dx[t], in increasing t.
// Concurrent calls are safe for disjoint dwte and dwpe. Never allocates.
void EmbeddingBackward(const std::int32_t* tokens, ConstMatrixView dx,
                       MatrixView dwte, MatrixView dwpe) noexcept;

}  // namespace microgpt

#endif  // MICROGPT_KERNELS_EMBEDDING_H_
