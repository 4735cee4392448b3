// Code points to ids and back.
#include "microgpt/tokenizer.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "data/code_point.h"
#include "tests/base/error_of.h"

namespace microgpt {
namespace {

using Ids = std::vector<std::int32_t>;

// Ids 1 to 8; several pages of 256 code points, both ends of the range.
Tokenizer Mixed() {
  return Tokenizer({0, U' ', U'a', U'z', U'é', U'日', U'🙂', 0x10FFFF});
}

TEST(TokenizerTest, IdsFollowCodePointOrder) {
  const Tokenizer tokenizer = Mixed();
  EXPECT_EQ(tokenizer.vocab_size(), 9);
  std::int32_t id = 0;
  for (const char32_t c :
       {U'\0', U' ', U'a', U'z', U'é', U'日', U'🙂', char32_t{0x10FFFF}}) {
    EXPECT_EQ(tokenizer.IdOf(c), ++id);
  }
}

TEST(TokenizerTest, OtherCodePointsHaveNoId) {
  const Tokenizer tokenizer = Mixed();
  int known = 0;
  for (char32_t c = 0; c < 0x120000; ++c) {
    if (tokenizer.IdOf(c) != -1) ++known;
  }
  EXPECT_EQ(known, 8);
  EXPECT_EQ(tokenizer.IdOf(0xFFFFFFFF), -1);
}

TEST(TokenizerTest, EmptyVocabularyHasBosOnly) {
  const Tokenizer tokenizer({});
  EXPECT_EQ(tokenizer.vocab_size(), 1);
  EXPECT_EQ(tokenizer.IdOf(0), -1);
  EXPECT_EQ(tokenizer.Encode(""), Ids());
  EXPECT_EQ(tokenizer.Decode(Ids{0, 0}), "");
}

TEST(TokenizerTest, EncodesAndDecodes) {
  const Tokenizer tokenizer = Mixed();
  const std::string text("a é\0日🙂z", 13);
  const Ids ids = {3, 2, 5, 1, 6, 7, 4};
  EXPECT_EQ(tokenizer.Encode(text), ids);
  EXPECT_EQ(tokenizer.Decode(ids), text);
  EXPECT_EQ(tokenizer.Encode("\xF4\x8F\xBF\xBF"), Ids{8});
  EXPECT_EQ(tokenizer.Decode(Ids{8}), "\xF4\x8F\xBF\xBF");
}

TEST(TokenizerTest, BosDecodesToNothing) {
  EXPECT_EQ(Mixed().Decode(Ids{0, 3, 0, 4, 0}), "az");
}

TEST(TokenizerTest, EncodeNamesUnknownCharacters) {
  struct Case {
    const char* text;
    const char* name;
  };
  for (const Case& c :
       {Case{"ab", "U+0062 'b'"}, Case{"è", "U+00E8 'è'"},
        Case{"a🙃", "U+1F643 '🙃'"}, Case{"\n", "U+000A"}}) {
    const Error error = ErrorOf([&] { (void)Mixed().Encode(c.text); });
    EXPECT_EQ(error.kind(), ErrorKind::kInput);
    EXPECT_TRUE(Mentions(error, c.name)) << error.what();
    EXPECT_TRUE(Mentions(error, "vocabulary")) << error.what();
  }
}

TEST(TokenizerTest, EncodeReportsInvalidUtf8) {
  const Error error = ErrorOf([&] { (void)Mixed().Encode("aé\xE6\x97"); });
  EXPECT_EQ(error.kind(), ErrorKind::kInput);
  EXPECT_TRUE(Mentions(error, "byte offset 3")) << error.what();
}

TEST(IdTokenizerTest, TextsAreNumbersAndBlanks) {
  const Tokenizer tokenizer = Tokenizer::ForIds(50257);
  EXPECT_TRUE(tokenizer.is_ids());
  EXPECT_FALSE(Mixed().is_ids());
  EXPECT_EQ(tokenizer.vocab_size(), 50257);
  EXPECT_EQ(tokenizer.IdOf(U'a'), -1);
  EXPECT_EQ(tokenizer.Encode(" 50256  0\n11\t007 "), (Ids{50256, 0, 11, 7}));
  EXPECT_EQ(tokenizer.Encode(" \n"), Ids());
  EXPECT_EQ(tokenizer.Decode(Ids{50256, 0, 11}), "50256 0 11");
  EXPECT_EQ(tokenizer.Decode(Ids{}), "");
}

TEST(IdTokenizerTest, EverythingElseIsRefused) {
  for (const char* text :
       {"a", "1,2", "-1", "+1", "1.0", "0x1", "1e2", "50257", "99999999999",
        "18446744073709551617", "1 2 x", "\xFF", "é"}) {
    const Error error =
        ErrorOf([&] { (void)Tokenizer::ForIds(50257).Encode(text); });
    EXPECT_EQ(error.kind(), ErrorKind::kInput) << text;
    EXPECT_TRUE(Mentions(error, "0 to 50256")) << error.what();
  }
}

TEST(TokenizerTest, EqualIfEveryTextGetsTheSameIds) {
  EXPECT_EQ(Mixed(), Mixed());
  EXPECT_NE(Mixed(), Tokenizer({U'a'}));
  EXPECT_NE(Tokenizer({}), Tokenizer::ForIds(1));
  EXPECT_EQ(Tokenizer::ForIds(3), Tokenizer::ForIds(3));
  EXPECT_NE(Tokenizer::ForIds(3), Tokenizer::ForIds(4));
}

TEST(CodePointTest, Describes) {
  EXPECT_EQ(DescribeCodePoint(U'a'), "U+0061 'a'");
  EXPECT_EQ(DescribeCodePoint(U'é'), "U+00E9 'é'");
  EXPECT_EQ(DescribeCodePoint(U'🙂'), "U+1F642 '🙂'");
  EXPECT_EQ(DescribeCodePoint(0x10FFFF), "U+10FFFF '\xF4\x8F\xBF\xBF'");
  // Nothing that could move a cursor.
  EXPECT_EQ(DescribeCodePoint(0), "U+0000");
  EXPECT_EQ(DescribeCodePoint(0x1B), "U+001B");
  EXPECT_EQ(DescribeCodePoint(0x7F), "U+007F");
  EXPECT_EQ(DescribeCodePoint(0x9B), "U+009B");
}

}  // namespace
}  // namespace microgpt
