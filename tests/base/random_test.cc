// The random stream against an independent xoshiro256** and SplitMix64, which
// are themselves checked against published outputs.
#include "base/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <vector>

namespace microgpt {
namespace {

constexpr std::array<std::uint64_t, 6> kSeeds = {
    0, 1, 42, 1234567, 0x8000000000000000, 0xFFFFFFFFFFFFFFFF};

std::uint64_t Rotate(std::uint64_t x, int k) {
  return (x << k) | (x >> (64 - k));
}

struct SplitMix {
  std::uint64_t x;
  std::uint64_t Next() {
    x += 0x9e3779b97f4a7c15;
    std::uint64_t z = x;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
};

struct Xoshiro {
  std::array<std::uint64_t, 4> s;
  std::uint64_t Next() {
    const std::uint64_t result = Rotate(s[1] * 5, 7) * 9;
    const std::uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = Rotate(s[3], 45);
    return result;
  }
};

Xoshiro ReferenceStream(std::uint64_t seed) {
  SplitMix mix{seed};
  Xoshiro stream{};
  for (std::uint64_t& word : stream.s) word = mix.Next();
  return stream;
}

TEST(RandomTest, ReferencesGivePublishedOutputs) {
  SplitMix mix{1234567};
  for (const std::uint64_t expected :
       {6457827717110365317u, 3203168211198807973u, 9817491932198370423u,
        4593380528125082431u, 16408922859458223821u}) {
    EXPECT_EQ(mix.Next(), expected);
  }
  Xoshiro stream{{1, 2, 3, 4}};
  for (const std::uint64_t expected : std::initializer_list<std::uint64_t>{
           11520u, 0u, 1509978240u, 1215971899390074240u, 1216172134540287360u,
           607988272756665600u, 16172922978634559625u, 8476171486693032832u,
           10595114339597558777u, 2904607092377533576u}) {
    EXPECT_EQ(stream.Next(), expected);
  }
}

TEST(RandomTest, NextIsXoshiroSeededBySplitMix) {
  for (const std::uint64_t seed : kSeeds) {
    Random random(seed);
    Xoshiro expected = ReferenceStream(seed);
    for (int i = 0; i < 1000; ++i) {
      ASSERT_EQ(random.Next(), expected.Next()) << "seed " << seed << " " << i;
    }
  }
}

TEST(RandomTest, UniformTakesTheUpper53Bits) {
  for (const std::uint64_t seed : kSeeds) {
    Random random(seed);
    Xoshiro expected = ReferenceStream(seed);
    for (int i = 0; i < 1000; ++i) {
      const double value = random.Uniform();
      ASSERT_EQ(value,
                std::ldexp(static_cast<double>(expected.Next() >> 11), -53));
      ASSERT_GE(value, 0);
      ASSERT_LT(value, 1);
    }
  }
}

TEST(RandomTest, UniformIsUniform) {
  Random random(7);
  constexpr int kDraws = 100'000;
  std::array<int, 10> counts{};
  for (int i = 0; i < kDraws; ++i) {
    ++counts[static_cast<std::size_t>(random.Uniform() * 10)];
  }
  double chi_square = 0;
  for (const int count : counts) {
    const double off = count - kDraws / 10.0;
    chi_square += off * off / (kDraws / 10.0);
  }
  EXPECT_LT(chi_square, 33.7);  // 9 degrees of freedom, p = 1e-4
}

TEST(RandomTest, GaussIsBoxMuller) {
  constexpr double kTwoPi = 6.283185307179586476925286766559;
  for (const std::uint64_t seed : kSeeds) {
    Random random(seed);
    Random uniforms(seed);
    for (int i = 0; i < 20'000; ++i) {
      const double u1 = std::max(uniforms.Uniform(), 1e-30);
      const double u2 = uniforms.Uniform();
      const double expected =
          std::sqrt(-2 * std::log(u1)) * std::cos(kTwoPi * u2);
      ASSERT_NEAR(random.Gauss(1), expected, 1e-12);
    }
    EXPECT_EQ(random.Next(), uniforms.Next());
  }
}

TEST(RandomTest, GaussHasTheGivenMoments) {
  for (const double std : {0.02, 1.0, 30.0}) {
    Random random(42);
    constexpr int kDraws = 200'000;
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < kDraws; ++i) {
      const double value = random.Gauss(std) / std;
      sum += value;
      squares += value * value;
    }
    const double mean = sum / kDraws;
    // Five standard errors each.
    EXPECT_NEAR(mean, 0, 5 / std::sqrt(kDraws));
    EXPECT_NEAR(squares / kDraws - mean * mean, 1, 5 * std::sqrt(2.0 / kDraws));
  }
}

TEST(RandomTest, GaussWithoutDeviationIsZeroAndStillDraws) {
  Random random(3);
  Random skipped(3);
  EXPECT_EQ(random.Gauss(0), 0);
  skipped.Next();
  skipped.Next();
  EXPECT_EQ(random.Next(), skipped.Next());
}

TEST(RandomTest, IndexFollowsUniformAndStaysInRange) {
  for (const std::size_t count :
       {std::size_t{1}, std::size_t{2}, std::size_t{7}, std::size_t{32033},
        std::size_t{1} << 53, std::size_t{1} << 60}) {
    Random random(9);
    Random uniforms(9);
    for (int i = 0; i < 2000; ++i) {
      const std::size_t index = random.Index(count);
      ASSERT_LT(index, count);
      const double scaled = uniforms.Uniform() * static_cast<double>(count);
      ASSERT_EQ(index, std::min(static_cast<std::size_t>(scaled), count - 1));
    }
  }
}

TEST(RandomTest, IndexReachesEveryValueEvenly) {
  Random random(11);
  std::array<int, 7> counts{};
  for (int i = 0; i < 70'000; ++i) ++counts[random.Index(counts.size())];
  for (const int count : counts) EXPECT_NEAR(count, 10'000, 500);
}

TEST(RandomTest, SampleStreamsDiffer) {
  std::set<std::uint64_t> first;
  std::size_t streams = 0;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    first.insert(Random(seed).Next());
    ++streams;
    for (std::uint64_t index = 0; index < 200; ++index) {
      first.insert(Random::ForSample(seed, index).Next());
      ++streams;
    }
  }
  EXPECT_EQ(first.size(), streams);
}

TEST(RandomTest, SampleStreamsAreRepeatableAndUnrelated) {
  Random a = Random::ForSample(42, 3);
  Random b = Random::ForSample(42, 3);
  for (int i = 0; i < 100; ++i) ASSERT_EQ(a.Next(), b.Next());
  // Neighbouring streams: no correlation of their uniforms.
  constexpr int kStreams = 4000;
  double sum = 0;
  double products = 0;
  double last = 0;
  for (int i = 0; i < kStreams; ++i) {
    const double value =
        Random::ForSample(42, static_cast<std::uint64_t>(i)).Uniform() - 0.5;
    sum += value;
    products += value * last;
    last = value;
  }
  EXPECT_NEAR(sum / kStreams, 0, 5 * std::sqrt(1.0 / 12 / kStreams));
  EXPECT_NEAR(products / kStreams, 0, 5.0 / 12 / std::sqrt(kStreams));
}

}  // namespace
}  // namespace microgpt
