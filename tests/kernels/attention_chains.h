// Attention one float at a time, with all probabilities in memory: the chains
// of fused multiply-adds that define every bit of the kernels' results.
#ifndef MICROGPT_TESTS_KERNELS_ATTENTION_CHAINS_H_
#define MICROGPT_TESTS_KERNELS_ATTENTION_CHAINS_H_

#include <vector>

#include "tests/kernels/attention_case.h"

namespace microgpt {

struct AttentionChains {
  std::vector<float> out;   // [T, C]
  std::vector<float> dqkv;  // [T, 3C]
};

AttentionChains RunAttentionChains(const AttentionCase& attention);

}  // namespace microgpt

#endif  // MICROGPT_TESTS_KERNELS_ATTENTION_CHAINS_H_
