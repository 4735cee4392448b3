// How text becomes documents and tokens: golden ids for every rule.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "microgpt/corpus.h"
#include "tests/base/error_of.h"

namespace microgpt {
namespace {

using Ids = std::vector<std::int32_t>;
using std::string_view_literals::operator""sv;

struct Golden {
  std::string_view name;
  std::string_view text;
  std::vector<Ids> documents;
  int vocab_size;
};

std::vector<Golden> LineEnds() {
  return {
      {"LF", "ab\nba\n", {{0, 1, 2, 0}, {0, 2, 1, 0}}, 3},
      {"CRLF", "ab\r\nba\r\n", {{0, 1, 2, 0}, {0, 2, 1, 0}}, 3},
      {"mixed", "ab\r\nba\nb\r\n", {{0, 1, 2, 0}, {0, 2, 1, 0}, {0, 2, 0}}, 3},
      {"no final newline", "a\nb", {{0, 1, 0}, {0, 2, 0}}, 3},
      {"one character", "a", {{0, 1, 0}}, 2},
      {"empty lines", "\n\na\n\r\n\n\r\nb\n\n", {{0, 1, 0}, {0, 2, 0}}, 3},
      {"lone CR inside", "a\rb\n", {{0, 2, 1, 3, 0}}, 4},
      {"lone CR first", "\ra\n", {{0, 1, 2, 0}}, 3},
      {"CR CR LF", "a\r\r\n", {{0, 2, 1, 0}}, 3},
      {"line of one CR", "\r\r\n", {{0, 1, 0}}, 2},
      {"CR at end of file", "a\nb\r", {{0, 2, 0}, {0, 3, 1, 0}}, 4},
      {"only CR", "\r", {{0, 1, 0}}, 2},
      {"LF CR", "a\n\rb\n", {{0, 2, 0}, {0, 1, 3, 0}}, 4},
      {"other separators stay",
       "a\v\f\xC2\x85\xE2\x80\xA8\n",
       {{0, 3, 1, 2, 4, 5, 0}},
       6},
  };
}

std::vector<Golden> Characters() {
  return {
      {"byte-order mark",
       "\xEF\xBB\xBF"
       "ab\n",
       {{0, 1, 2, 0}},
       3},
      {"byte-order mark and CRLF", "\xEF\xBB\xBF\r\na", {{0, 1, 0}}, 2},
      {"only the first mark goes",
       "\xEF\xBB\xBF\xEF\xBB\xBF"
       "a",
       {{0, 2, 1, 0}},
       3},
      {"mark inside",
       "ab\n\xEF\xBB\xBF"
       "a\n",
       {{0, 1, 2, 0}, {0, 3, 1, 0}},
       4},
      {"NUL", "a\0b\n"sv, {{0, 2, 1, 3, 0}}, 4},
      {"NUL alone", "\0\n"sv, {{0, 1, 0}}, 2},
      {"tab", "b\ta\n", {{0, 3, 1, 2, 0}}, 4},
      {"spaces stay", " a  \n", {{0, 1, 2, 1, 1, 0}}, 3},
      {"line of spaces", "a\n  \n", {{0, 2, 0}, {0, 1, 1, 0}}, 3},
      {"accents", "éa\n", {{0, 2, 1, 0}}, 3},
      {"combining marks are characters",
       "\xC3\xA9\ne\xCC\x81\n",
       {{0, 2, 0}, {0, 1, 3, 0}},
       4},
      {"CJK", "日本\n本\n", {{0, 1, 2, 0}, {0, 2, 0}}, 3},
      {"emoji", "🙂日a\n", {{0, 3, 2, 1, 0}}, 4},
      {"joined emoji",
       "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA9\n",
       {{0, 2, 1, 2, 0}},
       3},
      {"ends of the ranges",
       "\x7F\xC2\x80\xDF\xBF\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBE"
       "\xEF\xBF\xBF\xF0\x90\x80\x80\xF4\x8F\xBF\xBF",
       {{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0}},
       11},
  };
}

void Check(const std::vector<Golden>& cases) {
  for (const Golden& golden : cases) {
    SCOPED_TRACE(golden.name);
    const Corpus corpus = Corpus::FromText(std::string(golden.text), "text");
    EXPECT_EQ(corpus.tokenizer().vocab_size(), golden.vocab_size);
    ASSERT_EQ(corpus.num_documents(), golden.documents.size());
    for (std::size_t i = 0; i < golden.documents.size(); ++i) {
      Ids ids(64, -7);
      ids.resize(corpus.EncodeDocument(i, ids));
      EXPECT_EQ(ids, golden.documents[i]) << "document " << i;
      EXPECT_EQ(corpus.tokenizer().Decode(ids), corpus.Document(i));
    }
  }
}

TEST(CorpusTextTest, LineEnds) { Check(LineEnds()); }

TEST(CorpusTextTest, Characters) { Check(Characters()); }

TEST(CorpusTextTest, TextWithoutDocuments) {
  for (const std::string_view text : {""sv, "\n"sv, "\r\n"sv, "\n\r\n\n"sv,
                                      "\xEF\xBB\xBF"sv, "\xEF\xBB\xBF\n"sv}) {
    const Error error =
        ErrorOf([&] { Corpus::FromText(std::string(text), "some.txt"); });
    EXPECT_EQ(error.kind(), ErrorKind::kInput);
    EXPECT_TRUE(Mentions(error, "some.txt: holds no document")) << error.what();
  }
}

constexpr std::string_view kInvalid[] = {
    // Overlong forms.
    "\xC0\x80"sv, "\xC1\xBF"sv, "\xE0\x80\x80"sv, "\xE0\x9F\xBF"sv,
    "\xF0\x80\x80\x80"sv, "\xF0\x8F\xBF\xBF"sv,
    // Surrogates, alone and in pairs.
    "\xED\xA0\x80"sv, "\xED\xBF\xBF"sv, "\xED\xA0\xBD\xED\xB9\x82"sv,
    // Above U+10FFFF, longer sequences, bytes that never occur.
    "\xF4\x90\x80\x80"sv, "\xF5\x80\x80\x80"sv, "\xF7\xBF\xBF\xBF"sv,
    "\xF8\x88\x80\x80\x80"sv, "\xFC\x84\x80\x80\x80\x80"sv, "\xFE"sv, "\xFF"sv,
    "\xFF\xFE"sv,
    // Lone continuation bytes.
    "\x80"sv, "\xBF"sv, "\x80\x80"sv,
    // Truncated sequences.
    "\xC3"sv, "\xE2"sv, "\xE2\x82"sv, "\xF0"sv, "\xF0\x9F"sv, "\xF0\x9F\x98"sv};

TEST(CorpusTextTest, InvalidUtf8IsReportedWithLineAndByte) {
  for (const std::string_view bytes : kInvalid) {
    for (const char* const after : {"", "\n", "x\n", "é", "\xF0"}) {
      for (const auto& [before, line] :
           {std::pair{"", 1}, {"ab", 1}, {"é日\n", 2}, {"a\r\n\n🙂\nb", 4}}) {
        std::string text = before;
        const std::string offset = std::to_string(text.size());
        text.append(bytes).append(after);
        const Error error =
            ErrorOf([&] { Corpus::FromText(std::move(text), "some.txt"); });
        EXPECT_EQ(error.kind(), ErrorKind::kInput);
        const std::string place = "some.txt: line " + std::to_string(line) +
                                  ", byte offset " + offset + ":";
        EXPECT_TRUE(Mentions(error, place)) << error.what() << "\n" << place;
      }
    }
  }
}

TEST(CorpusTextTest, OffsetsCountTheByteOrderMark) {
  const Error error = ErrorOf([] {
    Corpus::FromText(
        "\xEF\xBB\xBF"
        "a\xFF",
        "x");
  });
  EXPECT_TRUE(Mentions(error, "line 1, byte offset 4")) << error.what();
}

}  // namespace
}  // namespace microgpt
