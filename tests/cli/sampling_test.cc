// Samples: prompts, temperature, and what they must not depend on.
#include <algorithm>
#include <set>

#include "tests/cli/cli_fixture.h"

namespace microgpt {
namespace {

class SamplingTest : public CliTest {
 protected:
  std::vector<std::string> Samples(const Arguments& flags) const {
    return SamplesOf(
        Output(Arguments{"--num-steps", "100", "--quiet"} + flags));
  }
};

TEST_F(SamplingTest, PromptBeginsEverySample) {
  const std::vector<std::string> samples =
      Samples({"--prompt", "mar", "--num-samples", "30"});
  ASSERT_EQ(samples.size(), 30u);
  for (const std::string& sample : samples) {
    EXPECT_TRUE(sample.starts_with("mar")) << sample;
    EXPECT_LE(sample.size(), 8u);
  }
}

TEST_F(SamplingTest, PromptAsLongAsTheBlockIsTheSample) {
  EXPECT_EQ(Samples({"--prompt", "abcdefgh", "--num-samples", "2"}),
            (std::vector<std::string>{"abcdefgh", "abcdefgh"}));
}

TEST_F(SamplingTest, EmptyPromptIsNone) {
  EXPECT_EQ(Samples({"--prompt", ""}), Samples({}));
}

// Characters that command-line parsers like to give a meaning to.
TEST_F(SamplingTest, PromptIsTakenLiterally) {
  const std::vector<std::string> prompts = {
      "[a]", "[",   "[]",     "{}", "%%",  "--",  "-", "\"a\"",
      "'a'", "a,b", "--help", "-t", "a=b", "\\n", "#", "\xC3\xA9"};
  std::string corpus;
  for (const std::string& prompt : prompts) corpus += prompt + "\n";
  Write("corpus", corpus);
  for (const std::string& prompt : prompts) {
    const Arguments flags = {"-i", "corpus", "--num-samples", "1"};
    for (const Arguments& spelled :
         {Arguments{"--prompt", prompt}, Arguments{"--prompt=" + prompt}}) {
      const std::vector<std::string> samples = Samples(flags + spelled);
      ASSERT_EQ(samples.size(), 1u);
      EXPECT_TRUE(samples[0].starts_with(prompt)) << samples[0];
    }
  }
}

TEST_F(SamplingTest, ZeroTemperatureAlwaysSaysTheSame) {
  const std::vector<std::string> samples = Samples({"--temperature", "0"});
  EXPECT_EQ(samples.size(), 20u);
  EXPECT_EQ(std::set(samples.begin(), samples.end()).size(), 1u);
  EXPECT_EQ(samples, Samples({"--temperature", "0", "--threads", "1"}));
  EXPECT_EQ(samples, Samples({"--top-k", "1"}));
}

TEST_F(SamplingTest, TemperatureMakesThemDiffer) {
  const std::vector<std::string> samples = Samples({"--temperature", "1"});
  EXPECT_GT(std::set(samples.begin(), samples.end()).size(), 10u);
}

TEST_F(SamplingTest, FewerSamplesAreTheFirstOnes) {
  std::vector<std::string> samples = Samples({"--num-samples", "20"});
  samples.resize(3);
  EXPECT_EQ(Samples({"--num-samples", "3"}), samples);
}

TEST_F(SamplingTest, SamplingDoesNotChangeTheDigest) {
  const Arguments flags = {"--num-steps", "10", "--quiet"};
  const std::string digest = DigestOf(Output(flags));
  for (const Arguments& sampling :
       {Arguments{"--num-samples", "0"}, Arguments{"--temperature", "2"},
        Arguments{"--top-p", "0.5"}, Arguments{"--prompt", "a"}}) {
    EXPECT_EQ(DigestOf(Output(flags + sampling)), digest) << sampling.front();
  }
}

TEST_F(SamplingTest, OffValuesOfTopKAndTopP) {
  const std::vector<std::string> samples = Samples({});
  EXPECT_EQ(Samples({"--top-k", "0"}), samples);
  EXPECT_EQ(Samples({"--top-p", "0"}), samples);
  EXPECT_EQ(Samples({"--top-p", "1"}), samples);
  EXPECT_EQ(Samples({"--top-k", "2147483647"}), samples);
}

}  // namespace
}  // namespace microgpt
