// Lists of settings in TOML: what is read, and that nothing is passed over.
#include "cli/toml.h"

#include <string>
#include <vector>

#include "cli/toml_string.h"
#include "gtest/gtest.h"
#include "microgpt/error.h"

namespace microgpt::cli {
namespace {

struct Value {
  std::string line;
  TomlKind kind;
  std::string text;
};

TEST(TomlTest, Values) {
  const std::vector<Value> values = {
      {"k=1", TomlKind::kInteger, "1"},
      {"  k\t=  -12  ", TomlKind::kInteger, "-12"},
      {"k = +7 # seven", TomlKind::kInteger, "7"},
      {"k = 1_000_000#", TomlKind::kInteger, "1000000"},
      {"k = 0", TomlKind::kInteger, "0"},
      {"k = 0.5", TomlKind::kReal, "0.5"},
      {"k = 1e-08", TomlKind::kReal, "1e-08"},
      {"k = -1_0.2_5E+3", TomlKind::kReal, "-10.25e+3"},
      {"k = inf", TomlKind::kReal, "inf"},
      {"k = -nan", TomlKind::kReal, "-nan"},
      {"k = true", TomlKind::kBoolean, "true"},
      {"k = false", TomlKind::kBoolean, "false"},
      {"k = \"\"", TomlKind::kString, ""},
      {"k = \"a # b, [c] = 'd'\" # e", TomlKind::kString, "a # b, [c] = 'd'"},
      {"k = 'C:\\new'", TomlKind::kString, "C:\\new"},
      {"k = \"\\b\\t\\n\\f\\r\\\"\\\\\"", TomlKind::kString, "\b\t\n\f\r\"\\"},
      {"k = \"\\u00e9\\u20AC\\U0001F600\"", TomlKind::kString,
       "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"},
      {"k = \"\xC3\xA9\"", TomlKind::kString, "\xC3\xA9"},
      {"\"k\" = 1", TomlKind::kInteger, "1"},
      {"'k' = 1", TomlKind::kInteger, "1"}};
  for (const Value& value : values) {
    const std::vector<TomlEntry> entries = ParseToml(value.line, "f");
    ASSERT_EQ(entries.size(), 1u) << value.line;
    EXPECT_EQ(entries[0].key, "k") << value.line;
    EXPECT_EQ(entries[0].kind, value.kind) << value.line;
    EXPECT_EQ(entries[0].text, value.text) << value.line;
  }
}

TEST(TomlTest, Lines) {
  const std::vector<TomlEntry> entries = ParseToml(
      "\xEF\xBB\xBF# head\r\n\r\na=1\r\n   \n\t# more\nb-c = 2\nd_e=3", "f");
  ASSERT_EQ(entries.size(), 3u);
  EXPECT_EQ(entries[0].key, "a");
  EXPECT_EQ(entries[0].line, 3);
  EXPECT_EQ(entries[1].key, "b_c");
  EXPECT_EQ(entries[1].line, 6);
  EXPECT_EQ(entries[2].key, "d_e");
  EXPECT_TRUE(ParseToml("", "f").empty());
  EXPECT_TRUE(ParseToml("\xEF\xBB\xBF", "f").empty());
  EXPECT_TRUE(ParseToml("#\n\n#\r\n", "f").empty());
}

struct Wrong {
  std::string text;
  std::string message;  // a part of it
};

TEST(TomlTest, SaysWhatIsWrongAndWhere) {
  const std::vector<Wrong> cases = {
      {"k", "f: line 1: '=' is missing after 'k'"},
      {"\n\nk 1", "f: line 3: '=' is missing"},
      {"k =", "has no value"},
      {"k = # 1", "has no value"},
      {"= 1", "is no setting"},
      {"[model]", "tables are not used"},
      {"[[model]]", "tables are not used"},
      {"model.k = 1", "keys with dots"},
      {"k = [1, 2]", "is an array"},
      {"k = {a = 1}", "is a table"},
      {"k = 1 2", "'2' after the value"},
      {"k = 1,2", "1,2 is no value"},
      {"k = relu", "a text stands in quotes"},
      {"k = True", "True is no value"},
      {"k = yes", "yes is no value"},
      {"k = 007", "007 is no value"},
      {"k = 0x10", "0x10 is no value"},
      {"k = 1__0", "1__0 is no value"},
      {"k = _1", "_1 is no value"},
      {"k = 1_", "1_ is no value"},
      {"k = 1.", "1. is no value"},
      {"k = .5", ".5 is no value"},
      {"k = 1e", "1e is no value"},
      {"k = --1", "--1 is no value"},
      {"k = +-1", "+-1 is no value"},
      {"k = 2026-11-29", "is no value"},
      {"k = \"a", "closing \""},
      {"k = \"a\\\"", "closing \""},
      {"k = 'a", "closing '"},
      {"k = \"\"\"a\"\"\"", "several lines"},
      {"k = '''a'''", "several lines"},
      {"k = \"\\x41\"", "escapes"},
      {"k = \"\\u00\"", "escapes"},
      {"k = \"\\uD800\"", "escapes"},
      {"k = \"\\u0000\"", "escapes"},
      {"k = \"\\U00110000\"", "escapes"},
      {"k = \"a\" \"b\"", "after the value"},
      {"k = 1\nk = 1", "f: line 2: 'k' has a value already, in line 1"},
      {"a-b = 1\n\na_b = 2", "f: line 3: 'a_b' has a value already, in line 1"},
      {"\xC3\xA9 = 1", "is no setting"},
      {"k = \"\xFF\"", "f: line 1: not UTF-8"},
      {"# \xC3", "not UTF-8"},
      {std::string("k = 1\n\0", 7), "f: line 2: a control character"},
      {"k = \"\x1B[31m\"", "a control character, byte 0x1b"},
      {"k = 1\rl = 2", "a control character, byte 0x0d"},
      {R"("a\nb" 1)", "'=' is missing after 'a?b'"},
      {R"("a\n" = 1 2)", "'2' after the value of 'a?'"},
      {R"("a\n" =)", "'a?' has no value"},
      {R"("a\n" = [])", "'a?' is an array"},
      {R"("a\n" = x)", "a?: x is no value"},
      {"'a\t' = 1\n\"a\\t\" = 1", "'a?' has a value already"},
      {"k = " + std::string(100'000, 'x'), "..."}};
  for (const Wrong& wrong : cases) {
    try {
      ParseToml(wrong.text, "f");
      ADD_FAILURE() << "accepted: " << wrong.text;
    } catch (const Error& error) {
      const std::string message = error.what();
      EXPECT_EQ(error.kind(), ErrorKind::kUsage);
      EXPECT_NE(message.find(wrong.message), std::string::npos) << message;
      EXPECT_LT(message.size(), 300u);
    }
  }
}

TEST(TomlTest, StringsReadBackExactly) {
  std::string every;
  for (char letter = 1; letter < 0x7F; ++letter) every += letter;
  for (const std::string& text :
       {std::string(), every, std::string("\x7F"), std::string("a#b,'c'\\"),
        std::string("\xC3\xA9\xF0\x9F\x98\x80"), std::string("\"\"\"")}) {
    const std::vector<TomlEntry> entries =
        ParseToml("k = " + TomlString(text), "f");
    ASSERT_EQ(entries.size(), 1u);
    EXPECT_EQ(entries[0].text, text);
  }
}

}  // namespace
}  // namespace microgpt::cli
