// What the program says of its own accord, and where it keeps silent.
#include "cli/advice.h"

#include <cmath>
#include <string>

#include "cli/loss_watch.h"
#include "microgpt/machine.h"
#include "microgpt/system.h"
#include "tests/cli/cli_fixture.h"

namespace microgpt {
namespace {

using std::string_literals::operator""s;

std::string Utf8(char32_t first, int count) {
  std::vector<char32_t> characters;
  std::vector<std::int32_t> ids;
  for (int i = 0; i < count; ++i) {
    characters.push_back(first + static_cast<char32_t>(i));
    ids.push_back(i + 1);
  }
  return Tokenizer(characters).Decode(ids);
}

class AdviceTest : public CliTest {
 protected:
  // stderr of a short run.
  std::string Advice(const Arguments& flags) const {
    const Outcome outcome =
        Run(Arguments{"--num-steps", "3", "--num-samples", "0"} + flags);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return outcome.err;
  }
};

TEST_F(AdviceTest, NothingIsSaidOfAnOrdinaryRun) {
  Write("input", "emma\nava\nmia\n");
  EXPECT_EQ(Advice({"--input", "input"}), "");
  EXPECT_EQ(Advice({"--input", "input", "--doc-mode", "text"}), "");
}

TEST_F(AdviceTest, ControlCharactersLookLikeABinaryFile) {
  Write("binary", "ab\0cd\x01\n"s);
  const std::string line =
      "microgpt: warning: the input holds control characters (U+0000): if it "
      "is a binary file, give a text; token ids go to --tokens\n";
  EXPECT_EQ(Advice({"--input", "binary"}), line);
  EXPECT_EQ(Advice({"--input", "binary", "--quiet"}), line);
  Write("delete", "ab\x7F\n");
  EXPECT_NE(Advice({"--input", "delete"}).find("U+007F"), std::string::npos);
}

TEST_F(AdviceTest, BlanksAreNoControlCharacters) {
  Write("blanks", "a\tb\rc\fd\n");
  EXPECT_EQ(Advice({"--input", "blanks", "--doc-mode", "text"}), "");
}

TEST_F(AdviceTest, CharactersThatOccurAFewTimesOnly) {
  const std::string alphabet = Utf8(0x4E00, 400);
  Write("few", alphabet + alphabet);
  const std::string advice = Advice({"--input", "few", "--doc-mode", "text"});
  EXPECT_NE(advice.find("400 different characters, and each occurs 2 times"),
            std::string::npos)
      << advice;
  std::string often;
  for (int i = 0; i < 10; ++i) often += alphabet;
  Write("often", often);
  EXPECT_EQ(Advice({"--input", "often", "--doc-mode", "text"}), "");
}

TEST_F(AdviceTest, SmallAlphabetsMayBeRare) {
  Write("small", Utf8(0x4E00, 256));
  EXPECT_EQ(Advice({"--input", "small", "--doc-mode", "text"}), "");
}

TEST_F(AdviceTest, ABlockThatCutsMostLinesIsWorthAWarning) {
  Write("long", "abcdefghijkl\nabcdefghijklm\nabc\n");
  const std::string line =
      "microgpt: warning: 2 of 3 documents are longer than --block-size 4, "
      "their last 19 tokens are not used; --long-docs chunk would use them, "
      "--block-size 16 all of 100%\n";
  EXPECT_EQ(Advice({"--input", "long", "--block-size", "4"}), line);
  EXPECT_EQ(Advice({"--input", "long", "--block-size", "4", "--quiet"}), line);
  EXPECT_EQ(
      Advice({"--input", "long", "--block-size", "4", "--long-docs", "chunk"}),
      "");
}

TEST_F(AdviceTest, ABlockThatCutsSomeLinesIsWorthANote) {
  Write("some", "abcdefghijkl\nabc\nabd\n");
  EXPECT_EQ(Advice({"--input", "some", "--block-size", "4"}),
            "microgpt: 1 of 3 documents are longer than --block-size 4, their "
            "last 9 tokens are not used; --long-docs chunk would use them\n");
  EXPECT_EQ(Advice({"--input", "some", "--block-size", "4", "--quiet"}), "");
}

TEST_F(AdviceTest, MoreThreadsThanCpus) {
  const int cpus = GetCpuBudget().logical_cpus;
  const std::string advice = Advice({"--threads", std::to_string(cpus + 1)});
  EXPECT_NE(advice.find("will be slower"), std::string::npos) << advice;
}

TEST_F(AdviceTest, AnOptimizedBuildIsKnown) {
#ifdef __OPTIMIZE__
  EXPECT_TRUE(GetBuildInfo().optimized);
#else
  EXPECT_FALSE(GetBuildInfo().optimized);
#endif
}

TEST_F(AdviceTest, ALossThatRisesIsToldOnce) {
  Write("input", "emma\nava\nmia\nnoah\nliam\nolivia\n");
  const std::string advice =
      Run({"--input", "input", "--num-steps", "1000", "--learning-rate", "1",
           "--num-samples", "0", "--log-every", "0"})
          .err;
  const std::size_t at = advice.find("warning: the loss is worse than guess");
  ASSERT_NE(at, std::string::npos) << advice;
  EXPECT_NE(advice.find("lower --learning-rate"), std::string::npos);
  EXPECT_EQ(advice.find("warning", at + 10), std::string::npos) << advice;
}

// A loss with noise that repeats after 7 steps.
double Noise(std::int64_t step) {
  return 0.3 * std::sin(static_cast<double>(step % 7));
}

// The step at which a loss is found to rise, 0 if it never is.
template <typename Loss>
std::int64_t StepOfAdvice(std::int64_t num_steps, Loss loss) {
  cli::LossWatch watch(num_steps, 27);
  std::int64_t told = 0;
  for (std::int64_t step = 1; step <= num_steps; ++step) {
    StepResult result;
    result.step = step;
    result.loss = loss(step);
    if (!watch.Add(result).empty()) {
      EXPECT_EQ(told, 0) << "told twice";
      told = step;
    }
  }
  return told;
}

TEST(LossWatchTest, FallingAndFlatLossesAreFine) {
  EXPECT_EQ(StepOfAdvice(5000,
                         [](std::int64_t s) {
                           return 3 - static_cast<double>(s) / 5000 + Noise(s);
                         }),
            0);
  EXPECT_EQ(StepOfAdvice(5000, [](std::int64_t s) { return 2 + Noise(s); }), 0);
  EXPECT_EQ(StepOfAdvice(5000, [](std::int64_t) { return 0.0; }), 0);
}

TEST(LossWatchTest, ARiseWithinTheNoiseIsNone) {
  EXPECT_EQ(StepOfAdvice(1000,
                         [](std::int64_t s) {
                           return 2 + 1e-5 * static_cast<double>(s) + Noise(s);
                         }),
            0);
}

TEST(LossWatchTest, ARiseIsFoundAfterThreeWindows) {
  const auto turns_at_500 = [](std::int64_t s) {
    return s <= 500 ? 2 + Noise(s) : 3 + Noise(s);
  };
  EXPECT_EQ(cli::LossWatch(1000, 27).window(), 50);
  EXPECT_EQ(StepOfAdvice(1000, turns_at_500), 650);
}

TEST(LossWatchTest, WorseThanGuessingFromTheStart) {
  const auto loss = [](std::int64_t s) { return 4 + Noise(s); };
  EXPECT_EQ(StepOfAdvice(1000, loss), 150);
  cli::LossWatch larger_vocabulary(1000, 100);
  for (std::int64_t step = 1; step <= 1000; ++step) {
    StepResult result;
    result.step = step;
    result.loss = loss(step);
    EXPECT_EQ(larger_vocabulary.Add(result), "");
  }
}

TEST(LossWatchTest, AShortPeakIsForgiven) {
  EXPECT_EQ(StepOfAdvice(1000,
                         [](std::int64_t s) {
                           return (s > 500 && s <= 600 ? 3 : 2) + Noise(s);
                         }),
            0);
}

TEST(LossWatchTest, WindowsGrowWithTheRun) {
  EXPECT_EQ(cli::LossWatch(10, 27).window(), 50);
  EXPECT_EQ(cli::LossWatch(4000, 27).window(), 200);
  EXPECT_EQ(cli::LossWatch(1'000'000, 27).window(), 1000);
}

}  // namespace
}  // namespace microgpt
