#include "base/random.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/scalar_math.h"

namespace microgpt {
namespace {

std::uint64_t SplitMix64(std::uint64_t& state) {
  state += 0x9E3779B97F4A7C15ull;
  std::uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  return z ^ (z >> 31);
}

}  // namespace

Random::Random(std::uint64_t seed) {
  for (std::uint64_t& word : state_) word = SplitMix64(seed);
}

Random Random::ForSample(std::uint64_t seed, std::uint64_t index) {
  // Two rounds of mixing keep neighbouring (seed, index) pairs apart; the
  // constant keeps sample 0 away from the training stream.
  std::uint64_t state = seed ^ 0x73616D706C657321ull;
  state = SplitMix64(state) + index;
  return Random(SplitMix64(state));
}

Random Random::ForSplit(std::uint64_t seed) {
  std::uint64_t state = seed ^ 0x64617461706C7473ull;
  return Random(SplitMix64(state));
}

std::uint64_t Random::Next() {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t t = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= t;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

double Random::Uniform() { return static_cast<double>(Next() >> 11) * 0x1p-53; }

double Random::Gauss(double std) {
  const double u1 = std::max(Uniform(), 1e-30);
  const double u2 = Uniform();
  return std * std::sqrt(-2 * Log(u1)) * CosTurns(u2);
}

std::size_t Random::Index(std::size_t count) {
  const auto index =
      static_cast<std::size_t>(Uniform() * static_cast<double>(count));
  return std::min(index, count - 1);
}

}  // namespace microgpt
