// The random stream that fixes document order and initial weights.
#ifndef MICROGPT_BASE_RANDOM_H_
#define MICROGPT_BASE_RANDOM_H_

#include <array>
#include <cstddef>
#include <cstdint>

namespace microgpt {

// xoshiro256** (Blackman & Vigna 2018), its state filled by SplitMix64.
class Random {
 public:
  explicit Random(std::uint64_t seed);

  // Goes on where another stream stood.
  explicit Random(const std::array<std::uint64_t, 4>& state) : state_(state) {}
  const std::array<std::uint64_t, 4>& state() const { return state_; }

  // A stream of its own for sample `index`, unrelated to Random(seed).
  static Random ForSample(std::uint64_t seed, std::uint64_t index);

  // A stream of its own for dividing data, unrelated to the others.
  static Random ForSplit(std::uint64_t seed);

  std::uint64_t Next();
  // 53 bits in [0, 1).
  double Uniform();
  // N(0, std^2) by Box and Muller; takes two uniforms, keeps no spare.
  double Gauss(double std);
  // In [0, count). REQUIRES: count > 0.
  std::size_t Index(std::size_t count);

 private:
  std::array<std::uint64_t, 4> state_;
};

}  // namespace microgpt

#endif  // MICROGPT_BASE_RANDOM_H_
