// Documents on demand, their order, and where a corpus comes from.
#include "microgpt/corpus.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include "base/random.h"
#include "tests/base/error_of.h"
#include "tests/base/temp_folder.h"
#include "tests/data/documents.h"

namespace microgpt {
namespace {

TEST(CorpusTest, EncodeStopsAtEveryLength) {
  const Corpus corpus = Corpus::FromText("x\r\nčeš日🙂a\r\nlast", "text");
  for (std::size_t document = 0; document < 3; ++document) {
    Ids whole(32, -7);
    whole.resize(corpus.EncodeDocument(document, whole));
    ASSERT_EQ(whole.back(), Tokenizer::kBos);
    for (std::size_t size = 0; size <= whole.size() + 3; ++size) {
      Ids window(size + 2, -7);
      const std::size_t count =
          corpus.EncodeDocument(document, std::span(window).subspan(0, size));
      const std::size_t kept = std::min(size, whole.size());
      ASSERT_EQ(count, kept);
      Ids expected(whole.begin(),
                   whole.begin() + static_cast<std::ptrdiff_t>(kept));
      expected.resize(window.size(), -7);  // nothing written beyond
      ASSERT_EQ(window, expected);
    }
  }
}

TEST(CorpusTest, EncodeOfALongDocumentReadsItsBeginningOnly) {
  const Corpus corpus =
      Corpus::FromText(std::string(1 << 20, 'a') + "\nb\n", "text");
  Ids window(4);
  EXPECT_EQ(corpus.EncodeDocument(0, window), 4u);
  EXPECT_EQ(window, (Ids{0, 1, 1, 1}));
}

// Numbered lines of very different lengths.
std::string NumberedLines(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) {
    text += std::to_string(i) +
            std::string(static_cast<std::size_t>(i % 13), '.') + "\n";
  }
  return text;
}

TEST(CorpusTest, ShuffleIsFisherYatesFromTheEnd) {
  for (const std::uint64_t seed : {1ull, 42ull, ~0ull}) {
    for (const int count : {1, 2, 3, 10, 1000}) {
      Corpus corpus = Corpus::FromText(NumberedLines(count), "text");
      std::vector<std::string> expected = Documents(corpus);
      Random random(seed);
      corpus.Shuffle(random);
      Random uniforms(seed);
      for (int i = count - 1; i >= 1; --i) {
        const int j =
            std::min(static_cast<int>(uniforms.Uniform() * (i + 1)), i);
        std::swap(expected[static_cast<std::size_t>(i)],
                  expected[static_cast<std::size_t>(j)]);
      }
      EXPECT_EQ(Documents(corpus), expected);
      EXPECT_EQ(random.Next(), uniforms.Next());
    }
  }
}

TEST(CorpusTest, ShuffleIsAPermutation) {
  Corpus corpus = Corpus::FromText(NumberedLines(500), "text");
  std::vector<std::string> before = Documents(corpus);
  Random random(5);
  corpus.Shuffle(random);
  std::vector<std::string> after = Documents(corpus);
  EXPECT_NE(before, after);
  std::sort(before.begin(), before.end());
  std::sort(after.begin(), after.end());
  EXPECT_EQ(before, after);
}

TEST(CorpusTest, MemoryIsTextAndFourBytesPerDocument) {
  for (const int count : {1, 10, 10'000}) {
    const std::string text = NumberedLines(count);
    const Corpus corpus = Corpus::FromText(text, "text");
    EXPECT_EQ(corpus.memory_bytes(),
              text.size() + 4 * static_cast<std::uint64_t>(count));
  }
}

TEST(CorpusTest, MillionsOfEmptyLinesCostOnlyTheirText) {
  std::string text(3'000'000, '\n');
  text += "a";
  const Corpus corpus = Corpus::FromText(text, "text");
  EXPECT_EQ(corpus.num_documents(), 1u);
  EXPECT_EQ(corpus.memory_bytes(), text.size() + 4);
}

TEST(CorpusTest, FileAndTextAreTheSame) {
  const TempFolder folder;
  const std::string text = "\xEF\xBB\xBFžlutý\r\n\nkůň \n日本";
  const Corpus file = Corpus::FromFile(folder.Write("corpus.txt", text));
  EXPECT_EQ(Documents(file), Documents(Corpus::FromText(text, "text")));
  EXPECT_EQ(Documents(file),
            (std::vector<std::string>{"žlutý", "kůň ", "日本"}));
}

TEST(CorpusTest, RefusesWhatIsNoRegularFile) {
  const TempFolder folder;
  const std::string fifo = folder.PathOf("fifo");
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  for (const std::string& path :
       {folder.path(), folder.PathOf("missing"), fifo, std::string("/dev/null"),
        folder.Write("empty", "")}) {
    const Error error = ErrorOf([&] { Corpus::FromFile(path); });
    EXPECT_EQ(error.kind(), ErrorKind::kInput) << path;
    EXPECT_TRUE(Mentions(error, path)) << error.what();
  }
}

TEST(CorpusTest, FileErrorsNameFileLineAndByte) {
  const TempFolder folder;
  const std::string path = folder.Write("bad.txt", "one\ntwo\nthr\xE9\x65\n");
  const Error error = ErrorOf([&] { Corpus::FromFile(path); });
  EXPECT_EQ(error.kind(), ErrorKind::kInput);
  EXPECT_TRUE(Mentions(error, path + ": line 3, byte offset 11:"))
      << error.what();
}

TEST(CorpusVocabularyTest, IdsAreThoseOfTheVocabulary) {
  const Tokenizer vocabulary({U'a', U'b', U'z'});
  const Corpus corpus = Corpus::FromText("zb\n", "text", vocabulary);
  EXPECT_EQ(corpus.tokenizer().vocab_size(), 4);
  Ids ids(4);
  EXPECT_EQ(corpus.EncodeDocument(0, ids), 4u);
  EXPECT_EQ(ids, (Ids{0, 3, 2, 0}));
}

// Line ends and a byte-order mark are no part of a document, though the same
// code points within one are.
TEST(CorpusVocabularyTest, TheFirstUnknownCharacterIsNamedWithItsLine) {
  const Tokenizer vocabulary({U'a', U'b'});
  const std::vector<std::array<std::string, 3>> cases = {
      {"abc\n", "line 1:", "U+0063 'c'"},
      {"\n\nab\r\nac\n", "line 4:", "U+0063 'c'"},
      {"a\r\nb\r\na\rb\r\n", "line 3:", "U+000D"},
      {"\xEF\xBB\xBF"
       "a\nb\xEF\xBB\xBF\n",
       "line 2:", "U+FEFF"},
      {"a\n\xC3\xA9"
       "b\n",
       "line 2:", "U+00E9"}};
  for (const auto& one : cases) {
    const Error error =
        ErrorOf([&] { Corpus::FromText(one[0], "the text", vocabulary); });
    EXPECT_EQ(error.kind(), ErrorKind::kInput);
    EXPECT_TRUE(Mentions(error, "the text: " + one[1])) << error.what();
    EXPECT_TRUE(Mentions(error, one[2])) << error.what();
  }
}

TEST(CorpusFingerprintTest, DependsOnTheTextAlone) {
  Corpus corpus = Corpus::FromText("anna\nbob\ncleo\n", "a");
  const std::string fingerprint = corpus.Fingerprint();
  EXPECT_EQ(fingerprint.size(), 32u);
  Random random(1);
  corpus.Shuffle(random);
  EXPECT_EQ(corpus.Fingerprint(), fingerprint);
  EXPECT_EQ(Corpus::FromText("anna\nbob\ncleo\n", "b").Fingerprint(),
            fingerprint);
  for (const char* text :
       {"anna\nbob\ncleo", "anna\ncleo\nbob\n", "anna\nbob\ncleO\n"}) {
    EXPECT_NE(Corpus::FromText(text, "c").Fingerprint(), fingerprint) << text;
  }
}

TEST(BuiltInCorpusTest, IsThousandsOfDistinctNames) {
  const std::vector<std::string> names = Documents(Corpus::BuiltIn());
  EXPECT_GE(names.size(), 3000u);
  EXPECT_EQ(std::set(names.begin(), names.end()).size(), names.size());
  for (const std::string& name : names) {
    EXPECT_TRUE(std::all_of(name.begin(), name.end(), [](char c) {
      return c >= 'a' && c <= 'z';
    })) << name;
  }
}

TEST(BuiltInCorpusTest, UsesTheWholeAlphabet) {
  const Corpus corpus = Corpus::BuiltIn();
  EXPECT_EQ(corpus.tokenizer().vocab_size(), 27);
  EXPECT_EQ(corpus.tokenizer().IdOf(U'a'), 1);
  EXPECT_EQ(corpus.tokenizer().IdOf(U'z'), 26);
  EXPECT_LT(corpus.memory_bytes(), 1u << 20);
}

}  // namespace
}  // namespace microgpt
