// Every numeric flag against every kind of text that is not one of its values.
#include <algorithm>
#include <cctype>
#include <iterator>
#include <ostream>

#include "tests/cli/cli_fixture.h"

namespace microgpt {
namespace {

struct BadValue {
  std::string flag;
  std::string value;
  std::string allowed;  // words of the message
};

void PrintTo(const BadValue& bad, std::ostream* out) {
  *out << bad.flag << " '" << bad.value << "'";
}

struct IntegerFlag {
  const char* name;
  bool zero_allowed;
  const char* allowed;
};

constexpr IntegerFlag kIntegerFlags[] = {
    {"--n-embd", false, "from 1 to 1048576"},
    {"--n-layer", true, "from 0 to 10000"},
    {"--block-size", false, "from 1 to 1048576"},
    {"--n-head", false, "from 1 to 1048576"},
    {"--num-steps", true, "from 0 to 1000000000000"},
    {"--batch-size", false, "from 1 to 1048576"},
    {"--threads", false, "from 1 to 1024"},
    {"--seed", true, "from 0 to 18446744073709551615"},
    {"--num-samples", true, "from 0 to 1048576"},
    {"--top-k", true, "from 0 to 2147483647"},
    {"--log-every", true, "from 0 to 1000000000000"},
    {"--grad-accum", false, "from 1 to 1048576"},
    {"--warmup-steps", true, "from 0 to 1000000000000"},
    {"--vocab-size", false, "from 1 to 1048576"},
    {"--eval-every", true, "from 0 to 1000000000000"},
    {"--early-stop-patience", true, "from 0 to 1048576"},
    {"--save-every", true, "from 0 to 1000000000000"}};

struct RealFlag {
  const char* name;
  const char* allowed;
  std::vector<std::string> outside;  // numbers, but not for this flag
};

const std::vector<RealFlag>& RealFlags() {
  static const std::vector<RealFlag> kFlags = {
      {"--learning-rate", "from 0 to 1e6", {"-0.01", "1000001"}},
      {"--beta1", "from 0 up to, but not 1", {"1", "1.5"}},
      {"--beta2", "from 0 up to, but not 1", {"1", "5.5"}},
      {"--adam-eps", "from 1e-30 to 1", {"0", "1.1", "1e-31"}},
      {"--init-std", "from 0 to 1e6", {"-0.02", "1000001"}},
      {"--temperature", "from 0.001 to 1000", {"0.0009", "1001", "-0.5"}},
      {"--top-p", "from 0 (off) to 1", {"1.01", "-0.1", "5.5"}},
      {"--weight-decay", "from 0 to 1e6", {"-0.1", "1000001"}},
      {"--grad-clip", "from 0 to 1e30", {"-0.1", "1.1e30"}},
      {"--min-lr", "from 0 to --learning-rate, 0.01", {"-0.01", "0.011"}},
      {"--val-split", "from 0 up to, but not 1", {"1", "1.5", "-0.1"}}};
  return kFlags;
}

const std::vector<std::string>& NotNumbers() {
  static const std::vector<std::string> kTexts = {
      "12x", "x",   "nan", "inf",   "-inf", "",    " 5",          "5 ",
      "+5",  "0x1", "1,5", "1'000", "--5",  "5\n", "\xEF\xBC\x95"};
  return kTexts;
}

std::vector<BadValue> AllBadValues() {
  std::vector<BadValue> all;
  for (const IntegerFlag& flag : kIntegerFlags) {
    std::vector<std::string> values = NotNumbers();
    for (const char* more :
         {"-1", "1e99", "5.5", "1e1", "99999999999999999999"}) {
      values.emplace_back(more);
    }
    if (!flag.zero_allowed) values.emplace_back("0");
    for (const std::string& value : values) {
      all.push_back({flag.name, value, flag.allowed});
    }
  }
  for (const RealFlag& flag : RealFlags()) {
    for (const std::string& value : NotNumbers()) {
      all.push_back({flag.name, value, "number"});
    }
    std::vector<std::string> values = flag.outside;
    for (const char* more : {"-1", "1e99"}) values.emplace_back(more);
    for (const std::string& value : values) {
      all.push_back({flag.name, value, flag.allowed});
    }
  }
  all.push_back({"--threads", "1000000", "from 1 to 1024"});
  all.push_back({"--n-layer", "10001", "from 0 to 10000"});
  all.push_back({"--seed", "18446744073709551616", "18446744073709551615"});
  all.push_back({"--top-k", "2147483648", "from 0 to 2147483647"});
  return all;
}

class NumberFlagTest : public CliTest,
                       public testing::WithParamInterface<BadValue> {};

TEST_P(NumberFlagTest, NamesFlagAndRange) {
  const BadValue& bad = GetParam();
  EXPECT_TRUE(IsError(Run({bad.flag, bad.value}), 2, {bad.flag, bad.allowed}));
}

std::string NameOf(const testing::TestParamInfo<BadValue>& info) {
  std::string name;
  std::copy_if(info.param.flag.begin(), info.param.flag.end(),
               std::back_inserter(name),
               [](unsigned char c) { return std::isalnum(c) != 0; });
  return name + std::to_string(info.index);
}

INSTANTIATE_TEST_SUITE_P(All, NumberFlagTest, testing::ValuesIn(AllBadValues()),
                         NameOf);

class AnyNumberFlagTest : public CliTest,
                          public testing::WithParamInterface<std::string> {};

TEST_P(AnyNumberFlagTest, MissingValue) {
  EXPECT_TRUE(IsError(Run({GetParam()}), 2, {GetParam()}));
  EXPECT_TRUE(IsError(Run({GetParam(), "--quiet"}), 2, {GetParam()}));
}

TEST_P(AnyNumberFlagTest, Repeated) {
  const Arguments twice = {GetParam(), "1", GetParam(), "1"};
  EXPECT_TRUE(IsError(Run(twice), 2, {GetParam()}));
  EXPECT_TRUE(
      IsError(Run({GetParam() + "=1", GetParam() + "=1"}), 2, {GetParam()}));
}

std::vector<std::string> NumberFlags() {
  std::vector<std::string> names;
  for (const IntegerFlag& flag : kIntegerFlags) names.emplace_back(flag.name);
  for (const RealFlag& flag : RealFlags()) names.emplace_back(flag.name);
  return names;
}

INSTANTIATE_TEST_SUITE_P(All, AnyNumberFlagTest,
                         testing::ValuesIn(NumberFlags()),
                         [](const auto& test) {
                           return "Flag" + std::to_string(test.index);
                         });

}  // namespace
}  // namespace microgpt
