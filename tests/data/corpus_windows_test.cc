// Texts and long lines in windows of block_size predictions: golden ids.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "microgpt/corpus.h"
#include "tests/base/error_of.h"
#include "tests/data/documents.h"

namespace microgpt {
namespace {

struct Golden {
  std::string_view name;
  std::string_view text;
  int block_size;
  std::vector<Ids> documents;
};

void Check(const std::vector<Golden>& cases,
           CorpusOptions (*options)(int block_size)) {
  for (const Golden& golden : cases) {
    SCOPED_TRACE(golden.name);
    const Corpus corpus = Corpus::FromText(std::string(golden.text), "text",
                                           options(golden.block_size));
    EXPECT_EQ(AllIds(corpus), golden.documents);
    for (std::size_t i = 0; i < corpus.num_documents(); ++i) {
      EXPECT_EQ(corpus.Document(i),
                corpus.tokenizer().Decode(golden.documents.at(i)));
    }
  }
}

TEST(TextModeTest, Windows) {
  Check(
      {
          {"last one shorter", "abcd", 3, {{0, 1, 2, 3}, {3, 4, 0}}},
          {"exactly full", "abcde", 3, {{0, 1, 2, 3}, {3, 4, 5, 0}}},
          {"BOS alone is predicted", "abc", 3, {{0, 1, 2, 3}, {3, 0}}},
          {"one window", "ab", 3, {{0, 1, 2, 0}}},
          {"larger than the text", "ab", 100, {{0, 1, 2, 0}}},
          {"one character", "a", 8, {{0, 1, 0}}},
          {"one character, windows of one", "a", 1, {{0, 1}, {1, 0}}},
          {"windows of one", "aba", 1, {{0, 1}, {1, 2}, {2, 1}, {1, 0}}},
      },
      TextMode);
}

TEST(TextModeTest, LineEnds) {
  Check(
      {
          {"LF", "a\nb\n", 4, {{0, 2, 1, 3, 1}, {1, 0}}},
          {"CRLF is LF", "a\r\nb\r\n", 4, {{0, 2, 1, 3, 1}, {1, 0}}},
          {"CRLF at a border", "a\r\nb", 2, {{0, 2, 1}, {1, 3, 0}}},
          {"CRLF before a border",
           "ab\r\nc",
           2,
           {{0, 2, 3}, {3, 1, 4}, {4, 0}}},
          {"empty lines stay", "\n\na\n", 8, {{0, 1, 1, 2, 1, 0}}},
          {"only a line end", "\n", 8, {{0, 1, 0}}},
          {"lone CR stays", "a\rb\r", 8, {{0, 2, 1, 3, 1, 0}}},
          {"CR CR LF", "a\r\r\nb", 8, {{0, 3, 2, 1, 4, 0}}},
          {"CR CR LF at a border",
           "a\r\r\nb",
           2,
           {{0, 3, 2}, {2, 1, 4}, {4, 0}}},
      },
      TextMode);
}

TEST(TextModeTest, Characters) {
  Check(
      {
          {"byte-order mark",
           "\xEF\xBB\xBF"
           "ab",
           1,
           {{0, 1}, {1, 2}, {2, 0}}},
          {"byte-order mark and CRLF", "\xEF\xBB\xBF\r\na", 8, {{0, 1, 2, 0}}},
          {"only the first mark goes",
           "\xEF\xBB\xBF\xEF\xBB\xBF"
           "a",
           8,
           {{0, 2, 1, 0}}},
          {"two bytes at borders", "éaé", 1, {{0, 2}, {2, 1}, {1, 2}, {2, 0}}},
          {"three bytes at borders", "日本語", 2, {{0, 1, 2}, {2, 3, 0}}},
          {"four bytes at borders",
           "🙂a🙂b",
           2,
           {{0, 3, 1}, {1, 3, 2}, {2, 0}}},
          {"NUL", std::string_view("\0a\0", 3), 2, {{0, 1, 2}, {2, 1, 0}}},
      },
      TextMode);
}

TEST(ChunkTest, Windows) {
  Check(
      {
          {"short lines stay", "ab\nb\n", 3, {{0, 1, 2, 0}, {0, 2, 0}}},
          {"last one shorter",
           "abcd\nda\n",
           3,
           {{0, 1, 2, 3}, {3, 4, 0}, {0, 4, 1, 0}}},
          {"BOS alone is predicted", "abc\n", 3, {{0, 1, 2, 3}, {3, 0}}},
          {"windows of one",
           "ab\r\na",
           1,
           {{0, 1}, {1, 2}, {2, 0}, {0, 1}, {1, 0}}},
          {"CRLF", "abc\r\n\r\nd", 2, {{0, 1, 2}, {2, 3, 0}, {0, 4, 0}}},
          {"empty lines", "\n\nabc\n\n", 2, {{0, 1, 2}, {2, 3, 0}}},
          {"several bytes", "é日🙂", 2, {{0, 1, 2}, {2, 3, 0}}},
          {"lone CR is a character", "a\rb", 2, {{0, 2, 1}, {1, 3, 0}}},
          {"CR at the end of a chunk",
           "a\r\r\nb",
           2,
           {{0, 2, 1}, {1, 0}, {0, 3, 0}}},
          {"byte-order mark",
           "\xEF\xBB\xBF"
           "abc",
           2,
           {{0, 1, 2}, {2, 3, 0}}},
      },
      Chunks);
}

// Whatever the block size, chunks side by side are the line.
TEST(ChunkTest, ConcatenationIsTheDocument) {
  const std::string text = "x\r\nčeš日🙂a\r\n\nlast line\nžž\r\r\n";
  const Corpus whole = Corpus::FromText(text, "text");
  for (int block_size = 1; block_size < 14; ++block_size) {
    const Corpus chunks = Corpus::FromText(text, "text", Chunks(block_size));
    std::vector<Ids> joined;
    for (const Ids& ids : AllIds(chunks)) {
      ASSERT_LE(ids.size(), static_cast<std::size_t>(block_size) + 1);
      if (ids.front() == Tokenizer::kBos) {
        joined.push_back(ids);
      } else {
        ASSERT_EQ(joined.back().back(), ids.front());
        joined.back().insert(joined.back().end(), ids.begin() + 1, ids.end());
      }
    }
    EXPECT_EQ(joined, AllIds(whole)) << block_size;
  }
}

TEST(TextModeTest, ConcatenationIsTheStream) {
  const std::string text = "x\nčeš日🙂a\n\nlast line\nžž\r\r";
  const Ids stream = AllIds(Corpus::FromText(text, "text", TextMode(1000)))[0];
  for (int block_size = 1; block_size < 30; ++block_size) {
    Ids joined = {Tokenizer::kBos};
    for (const Ids& ids :
         AllIds(Corpus::FromText(text, "text", TextMode(block_size)))) {
      ASSERT_EQ(ids.front(), joined.back());
      joined.insert(joined.end(), ids.begin() + 1, ids.end());
    }
    EXPECT_EQ(joined, stream) << block_size;
  }
}

TEST(TextModeTest, EncodeStopsAtEveryLength) {
  const Corpus corpus =
      Corpus::FromText("češ日🙂abc", "text", TextMode(5));
  for (std::size_t document = 0; document < 2; ++document) {
    const Ids whole = AllIds(corpus)[document];
    for (std::size_t size = 0; size <= whole.size() + 2; ++size) {
      Ids window(size + 2, -7);
      const std::size_t count =
          corpus.EncodeDocument(document, std::span(window).first(size));
      ASSERT_EQ(count, std::min(size, whole.size()));
      Ids expected(whole.begin(),
                   whole.begin() + static_cast<std::ptrdiff_t>(count));
      expected.resize(window.size(), -7);  // nothing written beyond
      ASSERT_EQ(window, expected);
    }
  }
}

TEST(TextModeTest, MemoryIsTextAndFourBytesPerWindow) {
  const std::string text(100'000, 'a');
  const Corpus corpus = Corpus::FromText(text, "text", TextMode(64));
  EXPECT_EQ(corpus.num_documents(), 1563u);
  EXPECT_EQ(corpus.memory_bytes(), text.size() + 4 * 1563u);
}

TEST(TextModeTest, TextWithoutCharacters) {
  for (const char* text : {"", "\xEF\xBB\xBF"}) {
    const Error error =
        ErrorOf([&] { Corpus::FromText(text, "some.txt", TextMode(8)); });
    EXPECT_EQ(error.kind(), ErrorKind::kInput);
    EXPECT_TRUE(Mentions(error, "some.txt: holds no character"))
        << error.what();
  }
}

TEST(TextModeTest, UnknownCharactersAreNamedWithTheirLine) {
  const Tokenizer vocabulary({U'\n', U'a'});
  const auto read = [&](const char* text) {
    Corpus::FromText(text, "the text", TextMode(8), vocabulary);
  };
  read("a\r\na\n");
  Error error = ErrorOf([&] { read("a\r\na\r\nxb"); });
  EXPECT_TRUE(Mentions(error, "the text: line 3: the character U+0062 'b'"))
      << error.what();
  error = ErrorOf([&] { read("a\na\r"); });
  EXPECT_TRUE(Mentions(error, "line 2: the character U+000D")) << error.what();
  // The line ends of a text are characters: a model of lines has none.
  error = ErrorOf([&] {
    Corpus::FromText("a\n", "the text", TextMode(8), Tokenizer({U'a'}));
  });
  EXPECT_TRUE(Mentions(error, "line 1: the character U+000A")) << error.what();
}

TEST(TextModeTest, FingerprintIsOfWhatIsTrainedOn) {
  const auto fingerprint = [](const char* text) {
    return Corpus::FromText(text, "text", TextMode(8)).Fingerprint();
  };
  EXPECT_EQ(fingerprint("a\nb"), fingerprint("a\r\nb"));
  EXPECT_NE(fingerprint("a\nb"), fingerprint("a\nb\n"));
  EXPECT_NE(fingerprint("a\nb"), fingerprint("ab"));
}

TEST(TruncationTest, CountsWhatIsNotUsed) {
  const Corpus lines =
      Corpus::FromText("abcd\r\nab\nabcdef\n日本語🙂\n", "text");
  const auto at = [&](int block_size) {
    const Truncation unused = lines.TruncatedAt(block_size);
    return std::pair(unused.documents, unused.tokens);
  };
  using Counts = std::pair<std::uint64_t, std::uint64_t>;
  EXPECT_EQ(at(1), Counts(4, 4 + 2 + 6 + 4));
  EXPECT_EQ(at(4), Counts(3, 1 + 3 + 1));
  EXPECT_EQ(at(5), Counts(1, 2));
  EXPECT_EQ(at(7), Counts(0, 0));
  const Corpus chunks = Corpus::FromText("abcdefgh\n", "text", Chunks(3));
  EXPECT_EQ(chunks.TruncatedAt(3).tokens, 0u);
}

TEST(ExpectOptionsTest, AnotherCutIsRefused) {
  const auto refuses = [](const CorpusOptions& options,
                          const CorpusOptions& wanted) {
    const Corpus corpus = Corpus::FromText("abcd", "text", options);
    const Error error = ErrorOf([&] { corpus.ExpectOptions(wanted); });
    EXPECT_EQ(error.kind(), ErrorKind::kUsage);
    return std::string(error.what());
  };
  EXPECT_NE(refuses(TextMode(8), TextMode(9)).find("--block-size 9"),
            std::string::npos);
  EXPECT_NE(refuses(Chunks(8), Chunks(9)).find("--block-size 8"),
            std::string::npos);
  EXPECT_NE(refuses(Chunks(8), TextMode(8)).find("--doc-mode text"),
            std::string::npos);
  EXPECT_NE(refuses({}, Chunks(8)).find("--long-docs chunk"),
            std::string::npos);
  // Whole lines fit every block size.
  Corpus::FromText("abcd", "text").ExpectOptions({.data = {}, .block_size = 3});
  Corpus::FromText("abcd", "text", TextMode(3)).ExpectOptions(TextMode(3));
}

}  // namespace
}  // namespace microgpt
