// Chooses the next token from logits.
#ifndef MICROGPT_GENERATE_SAMPLER_H_
#define MICROGPT_GENERATE_SAMPLER_H_

#include <cstdint>
#include <span>
#include <vector>

#include "base/random.h"
#include "microgpt/generator.h"

namespace microgpt {

// Temperature, then top-k, then top-p, then one draw. In double and in an order
// that depends on the logits alone. Single-threaded.
class Sampler {
 public:
  Sampler(const SampleOptions& options, int vocab_size);

  // logits [V]. Takes one uniform number, none at temperature 0.
  std::int32_t Choose(std::span<const float> logits, Random& random);

 private:
  struct Candidate {
    double weight;  // not normalised
    std::int32_t token;
  };

  double temperature_;
  std::size_t top_k_;
  double top_p_;
  std::vector<Candidate> candidates_;
};

}  // namespace microgpt

#endif  // MICROGPT_GENERATE_SAMPLER_H_
