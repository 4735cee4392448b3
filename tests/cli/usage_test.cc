// Command lines that cannot be understood, and prompts that cannot be used.
#include <ostream>

#include "tests/cli/cli_fixture.h"

namespace microgpt {
namespace {

struct UsageCase {
  std::string name;
  Arguments arguments;
  int exit_code;
  std::vector<std::string> words;
};

void PrintTo(const UsageCase& usage, std::ostream* out) {
  for (const std::string& argument : usage.arguments) *out << argument << ' ';
}

const std::vector<UsageCase>& Commands() {
  static const std::vector<UsageCase> kCases = {
      {"UnknownCommand", {"tarin"}, 2, {"'tarin'", "train", "info"}},
      {"EmptyCommand", {""}, 2, {"unknown command"}},
      {"CommandInCapitals", {"Train"}, 2, {"'Train'"}},
      {"CommandTwice", {"train", "train"}, 2, {"'train'"}},
      {"TwoCommands", {"train", "info"}, 2, {"'info'"}},
      {"StrayArgument", {"--num-steps", "1", "stray"}, 2, {"'stray'"}},
      {"StrayNumber", {"train", "5"}, 2, {"'5'"}},
      {"LoneDash", {"train", "-"}, 2, {"'-'"}},
      {"InfoStray", {"info", "here"}, 2, {"'here'"}},
      {"InfoQuiet", {"info", "--quiet"}, 2, {"--quiet"}},
      {"InfoSamples", {"info", "--num-samples", "1"}, 2, {"--num-samples"}}};
  return kCases;
}

const std::vector<UsageCase>& UnknownFlags() {
  static const std::vector<UsageCase> kCases = {
      {"Slip", {"--n-emb", "8"}, 2, {"--n-emb", "did you mean --n-embd"}},
      {"SlipWithEqualSign", {"--nlayer=1"}, 2, {"did you mean --n-layer"}},
      {"Underscore", {"--n_head", "1"}, 2, {"did you mean --n-head"}},
      {"Capitals", {"--Seed", "1"}, 2, {"did you mean --seed"}},
      {"Plural", {"--num-step", "1"}, 2, {"did you mean --num-steps"}},
      {"Swapped", {"--quite"}, 2, {"did you mean --quiet"}},
      {"NothingLikeIt", {"--frobnicate-all"}, 2, {"--frobnicate-all"}},
      {"ShortFlag", {"-z"}, 2, {"-z"}},
      {"Long", {"--" + std::string(5000, 'x')}, 2, {"--xxx"}},
      {"WithNewline", {"--a\nb"}, 2, {"--a"}},
      {"FirstOfSeveral", {"--zzzzzz", "1", "--yyyyyy"}, 2, {"--zzzzzz"}},
      {"AfterGoodFlags", {"--seed", "1", "--zzzzzz"}, 2, {"--zzzzzz"}}};
  return kCases;
}

const std::vector<UsageCase>& TextFlags() {
  static const std::vector<UsageCase> kCases = {
      {"Activation",
       {"--activation", "gelu"},
       2,
       {"--activation", "'gelu'", "relu2", "relu"}},
      {"ActivationCapitals", {"--activation", "RELU"}, 2, {"--activation"}},
      {"ActivationEmpty", {"--activation", ""}, 2, {"--activation"}},
      {"ActivationMissing",
       {"--activation"},
       2,
       {"--activation needs a value"}},
      {"ActivationTwice",
       {"--activation", "relu", "--activation", "relu"},
       2,
       {"--activation"}},
      {"Simd", {"--simd", "mmx"}, 2, {"--simd", "'mmx'", "use one of"}},
      {"SimdEmpty", {"--simd", ""}, 2, {"--simd"}},
      {"SimdOfInfo", {"info", "--simd", "mmx"}, 2, {"--simd", "'mmx'"}},
      {"SimdMissing", {"--simd"}, 2, {"--simd"}},
      {"InputEmpty", {"--input", ""}, 2, {"--input"}},
      {"InputMissing", {"--input"}, 2, {"--input"}},
      {"InputShortMissing", {"-i"}, 2, {"--input needs a value"}},
      {"InputTwice",
       {"-i", "a", "--input", "b"},
       2,
       {"--input is given more than once"}},
      {"InitFromEmpty", {"--init-from", ""}, 2, {"--init-from"}},
      {"InitFromMissing", {"--init-from"}, 2, {"--init-from"}},
      {"MetricsEmpty", {"--metrics", ""}, 2, {"--metrics"}},
      {"MetricsMissing", {"--metrics"}, 2, {"--metrics"}},
      {"MetricsTwice", {"--metrics", "a", "--metrics", "a"}, 2, {"--metrics"}},
      {"PromptMissing", {"--prompt"}, 2, {"--prompt"}},
      {"PromptTwice", {"--prompt", "a", "--prompt", "b"}, 2, {"--prompt"}},
      {"ThreadsShortZero", {"-t", "0"}, 2, {"--threads", "from 1 to 1024"}},
      {"ThreadsBothNames", {"-t", "1", "--threads", "1"}, 2, {"--threads"}},
      {"EmptyAfterEqualSign", {"--n-embd=", "8"}, 2, {"--n-embd="}},
      {"QuietWithValue", {"--quiet=false"}, 2, {"--quiet takes no value"}},
      {"NoShuffleWithValue", {"--no-shuffle=0"}, 2, {"no-shuffle"}},
      {"LoneDashes", {"--", "--quiet"}, 2, {"'--'"}},
      {"QuietTwice", {"--quiet", "--quiet"}, 2, {"--quiet"}},
      {"NoShuffleTwice", {"--no-shuffle", "--no-shuffle"}, 2, {"--no-shuffle"}},
      {"NotDivisible", {"--n-embd", "10"}, 2, {"--n-embd 10", "--n-head 4"}},
      {"MoreHeadsThanWidth",
       {"--n-head", "32"},
       2,
       {"--n-embd 16", "--n-head 32"}},
      {"InfoNotDivisible",
       {"info", "--n-head", "3"},
       2,
       {"--n-embd 16", "--n-head 3"}}};
  return kCases;
}

const std::vector<UsageCase>& Choices() {
  static const std::vector<UsageCase> kCases = {
      {"Schedule",
       {"--lr-schedule", "step"},
       2,
       {"--lr-schedule", "'step'", "linear, cosine or constant"}},
      {"ScheduleCapitals", {"--lr-schedule", "Cosine"}, 2, {"'Cosine'"}},
      {"ScheduleEmpty", {"--lr-schedule", ""}, 2, {"--lr-schedule"}},
      {"ScheduleMissing", {"--lr-schedule"}, 2, {"--lr-schedule"}},
      {"ScheduleTwice",
       {"--lr-schedule", "linear", "--lr-schedule", "linear"},
       2,
       {"--lr-schedule"}},
      {"DocMode",
       {"--doc-mode", "words"},
       2,
       {"--doc-mode", "'words'", "lines or text"}},
      // That is what --tokens is for.
      {"DocModeTokens", {"--doc-mode", "tokens"}, 2, {"lines or text"}},
      {"DocModeEmpty", {"--doc-mode", ""}, 2, {"--doc-mode"}},
      {"DocModeMissing", {"--doc-mode"}, 2, {"--doc-mode"}},
      {"LongDocs",
       {"--long-docs", "split"},
       2,
       {"--long-docs", "'split'", "truncate or chunk"}},
      {"LongDocsEmpty", {"--long-docs", ""}, 2, {"--long-docs"}},
      {"LongDocsMissing", {"--long-docs"}, 2, {"--long-docs"}},
      {"TokensEmpty", {"--tokens", ""}, 2, {"--tokens"}},
      {"TokensMissing", {"--tokens"}, 2, {"--tokens"}},
      {"TokensTwice", {"--tokens", "a", "--tokens", "a"}, 2, {"--tokens"}},
      {"ValInputEmpty", {"--val-input", ""}, 2, {"--val-input"}},
      {"ValInputMissing", {"--val-input"}, 2, {"--val-input"}},
      {"ValInputTwice",
       {"--val-input", "a", "--val-input", "b"},
       2,
       {"--val-input"}}};
  return kCases;
}

// Every flag alone would be fine; none of the files is looked for.
const std::vector<UsageCase>& Combinations() {
  static const std::vector<UsageCase> kCases = {
      {"TokensAndInput",
       {"--tokens", "t", "--vocab-size", "9", "--input", "i"},
       2,
       {"--input", "--tokens"}},
      {"TokensAndDocMode",
       {"--tokens", "t", "--vocab-size", "9", "--doc-mode", "lines"},
       2,
       {"--doc-mode", "--tokens"}},
      {"TokensAndLongDocs",
       {"--tokens", "t", "--vocab-size", "9", "--long-docs", "chunk"},
       2,
       {"--long-docs", "--tokens"}},
      {"TokensWithoutTheirNumber",
       {"--tokens", "t"},
       2,
       {"--tokens", "--vocab-size"}},
      {"VocabSizeOfText",
       {"--vocab-size", "9"},
       2,
       {"--vocab-size", "--tokens"}},
      {"LongDocsOfText",
       {"--doc-mode", "text", "--long-docs", "truncate"},
       2,
       {"--long-docs", "--doc-mode"}},
      {"TwoValidations",
       {"--val-split", "0.1", "--val-input", "v"},
       2,
       {"--val-split", "--val-input"}},
      {"EvalEveryOfNothing",
       {"--eval-every", "5"},
       2,
       {"--eval-every", "--val-split", "--val-input"}},
      {"PatienceWithoutInterval",
       {"--val-split", "0.1", "--early-stop-patience", "5"},
       2,
       {"--early-stop-patience", "--eval-every"}},
      {"MinLrOfAConstant",
       {"--lr-schedule", "constant", "--min-lr", "0"},
       2,
       {"--min-lr", "--lr-schedule constant"}},
      {"MinLrAboveTheRate",
       {"--learning-rate", "0.001", "--min-lr", "0.002"},
       2,
       {"--min-lr: 0.002", "--learning-rate, 0.001"}},
      {"TooManyDocumentsPerStep",
       {"--batch-size", "1048576", "--grad-accum", "17"},
       2,
       {"--batch-size 1048576", "--grad-accum 17"}}};
  return kCases;
}

const std::vector<UsageCase>& Prompts() {
  static const std::vector<UsageCase> kCases = {
      {"Unknown", {"--prompt", "\xC3\xA9"}, 3, {"--prompt", "U+00E9"}},
      {"UnknownCapital", {"--prompt", "annA"}, 3, {"--prompt", "U+0041 'A'"}},
      {"UnknownBeyondBmp",
       {"--prompt", "\xF0\x9F\x98\x80"},
       3,
       {"--prompt", "U+1F600"}},
      {"Control", {"--prompt", "\x1B[31m"}, 3, {"--prompt", "U+001B"}},
      {"Newline", {"--prompt", "a\nb"}, 3, {"--prompt", "U+000A"}},
      {"InvalidFirst",
       {"--prompt", "\xFF"},
       3,
       {"--prompt", "UTF-8", "offset 0"}},
      {"InvalidLater",
       {"--prompt", "ab\xC3"},
       3,
       {"--prompt", "UTF-8", "offset 2"}},
      {"Surrogate",
       {"--prompt", "a\xED\xA0\x80"},
       3,
       {"--prompt", "UTF-8", "offset 1"}},
      {"TooLong",
       {"--prompt", "abcdefghi"},
       3,
       {"--prompt", "9", "8", "--block-size"}},
      {"FarTooLong",
       {"--prompt", std::string(100'000, 'a')},
       3,
       {"--prompt", "100000", "--block-size"}},
      {"FlagAsValue", {"--prompt", "--quiet"}, 3, {"--prompt", "U+002D"}}};
  return kCases;
}

class UsageTest : public CliTest,
                  public testing::WithParamInterface<UsageCase> {};

TEST_P(UsageTest, OneLineSaysWhatIsWrong) {
  const UsageCase& usage = GetParam();
  EXPECT_TRUE(IsError(Run(usage.arguments), usage.exit_code, usage.words));
}

std::string NameOf(const testing::TestParamInfo<UsageCase>& info) {
  return info.param.name;
}

INSTANTIATE_TEST_SUITE_P(Commands, UsageTest, testing::ValuesIn(Commands()),
                         NameOf);
INSTANTIATE_TEST_SUITE_P(UnknownFlags, UsageTest,
                         testing::ValuesIn(UnknownFlags()), NameOf);
INSTANTIATE_TEST_SUITE_P(TextFlags, UsageTest, testing::ValuesIn(TextFlags()),
                         NameOf);
INSTANTIATE_TEST_SUITE_P(Choices, UsageTest, testing::ValuesIn(Choices()),
                         NameOf);
INSTANTIATE_TEST_SUITE_P(Combinations, UsageTest,
                         testing::ValuesIn(Combinations()), NameOf);
INSTANTIATE_TEST_SUITE_P(Prompts, UsageTest, testing::ValuesIn(Prompts()),
                         NameOf);

}  // namespace
}  // namespace microgpt
