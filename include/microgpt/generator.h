// Samples text from a model.
#ifndef MICROGPT_GENERATOR_H_
#define MICROGPT_GENERATOR_H_

#include <cstdint>
#include <string>
#include <vector>

#include "microgpt/config.h"
#include "microgpt/export.h"
#include "microgpt/model.h"
#include "microgpt/tokenizer.h"

namespace microgpt {

// What Generate draws. Validate() checks the ranges.
struct SampleOptions {
  int num_samples = 20;  // 0 upward
  // Logits are divided by it before the softmax; 0 always takes the most
  // likely token (the lowest id of equals).
  double temperature = 0.5;
  int top_k = 0;       // keep the k most likely tokens; 0 = all
  double top_p = 0;    // keep the smallest set of at least this probability,
                       // (0, 1]; 0 = all (Holtzman et al. 2020)
  std::string prompt;  // UTF-8, or ids and blanks; beginning of every sample
  std::uint64_t seed = 42;  // of the random stream of every sample
  int threads = 0;          // 0 = DefaultThreads()
  ExecutorKind executor = ExecutorKind::kDefault;
};

// Checks the ranges above. Throws Error(kUsage) naming the option and its
// range. Thread-safe.
MICROGPT_EXPORT void Validate(const SampleOptions& options);

// Whether `prompt` can begin a sample; throws as Generate does. For callers
// that train first. Thread-safe.
MICROGPT_EXPORT void ValidatePrompt(const std::string& prompt,
                                    const Tokenizer& tokenizer,
                                    const ModelConfig& config);

// Text of every sample, prompt included, at most block_size characters each. Of
// a model of token ids: block_size + 1 ids, the prompt's first, or 0 without a
// prompt; nothing ends a sample before.
// Sample i depends on (weights, options, seed, i) only, not on the number of
// samples or threads. Thread-safe for a model that does not change.
// Throws Error(kInput) for a prompt that is not valid UTF-8, has a character or
// id outside the vocabulary or is longer than block_size, Error(kUsage) for
// options outside their ranges, Error(kResources). REQUIRES: a tokenizer of the
// size of the vocabulary; finite weights.
MICROGPT_EXPORT std::vector<std::string> Generate(const Model& model,
                                                  const Tokenizer& tokenizer,
                                                  const SampleOptions& options);

}  // namespace microgpt

#endif  // MICROGPT_GENERATOR_H_
