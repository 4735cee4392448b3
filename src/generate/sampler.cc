#include "generate/sampler.h"

#include <algorithm>

#include "base/scalar_math.h"

namespace microgpt {

Sampler::Sampler(const SampleOptions& options, int vocab_size)
    : temperature_(options.temperature),
      top_k_(static_cast<std::size_t>(options.top_k)),
      top_p_(options.top_p) {
  candidates_.reserve(static_cast<std::size_t>(vocab_size));
}

std::int32_t Sampler::Choose(std::span<const float> logits, Random& random) {
  const auto largest = std::max_element(logits.begin(), logits.end());
  if (temperature_ == 0) {
    return static_cast<std::int32_t>(largest - logits.begin());
  }
  candidates_.clear();
  for (std::size_t i = 0; i < logits.size(); ++i) {
    const double distance =
        static_cast<double>(logits[i]) - static_cast<double>(*largest);
    candidates_.push_back(
        {Exp(distance / temperature_), static_cast<std::int32_t>(i)});
  }
  const bool limit_k = top_k_ > 0 && top_k_ < candidates_.size();
  const bool limit_p = top_p_ > 0 && top_p_ < 1;
  if (limit_k || limit_p) {
    std::sort(candidates_.begin(), candidates_.end(),
              [](const Candidate& a, const Candidate& b) {
                return a.weight != b.weight ? a.weight > b.weight
                                            : a.token < b.token;
              });
  }
  if (limit_k) candidates_.resize(top_k_);
  double total = 0;
  for (const Candidate& candidate : candidates_) total += candidate.weight;
  if (limit_p) {
    double kept = 0;
    std::size_t count = 0;
    while (count < candidates_.size() && kept < top_p_ * total) {
      kept += candidates_[count++].weight;
    }
    candidates_.resize(std::max<std::size_t>(count, 1));
    total = kept;
  }
  double rest = random.Uniform() * total;
  for (const Candidate& candidate : candidates_) {
    rest -= candidate.weight;
    if (rest < 0) return candidate.token;
  }
  return candidates_.back().token;
}

}  // namespace microgpt
