// Files of token ids: formats, windows, and what is wrong with them.
#include "data/token_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/random.h"
#include "tests/base/error_of.h"
#include "tests/base/temp_folder.h"
#include "tests/data/documents.h"
#include "tests/data/token_bytes.h"

namespace microgpt {
namespace {

class TokenFileTest : public testing::Test {
 protected:
  Corpus Read(const std::string& content, int block_size = 3,
              int vocab_size = 50257) const {
    return Corpus::FromFile(folder_.Write("ids.bin", content),
                            TokenMode(block_size),
                            Tokenizer::ForIds(vocab_size));
  }
  // That the content is refused with a message about the file and `words`.
  void ExpectRefused(const std::string& content,
                     const std::vector<std::string>& words) const {
    const Error error = ErrorOf([&] { Read(content); });
    EXPECT_EQ(error.kind(), ErrorKind::kInput) << error.what();
    EXPECT_TRUE(Mentions(error, folder_.PathOf("ids.bin: ")));
    for (const std::string& word : words) {
      EXPECT_TRUE(Mentions(error, word)) << word << ": " << error.what();
    }
  }

  TempFolder folder_;
};

TEST_F(TokenFileTest, WindowsOfEveryFormat) {
  for (const std::string& content :
       {NanoGptFile({7, 0, 50256, 3, 1}), LlmcFile({7, 0, 50256, 3, 1}),
        WideLlmcFile({7, 0, 50256, 3, 1})}) {
    EXPECT_EQ(AllIds(Read(content, 2)),
              (std::vector<Ids>{{7, 0, 50256}, {50256, 3, 1}}));
    EXPECT_EQ(AllIds(Read(content, 3)),
              (std::vector<Ids>{{7, 0, 50256, 3}, {3, 1}}));
    EXPECT_EQ(AllIds(Read(content, 1)),
              (std::vector<Ids>{{7, 0}, {0, 50256}, {50256, 3}, {3, 1}}));
    EXPECT_EQ(AllIds(Read(content, 90)),
              (std::vector<Ids>{{7, 0, 50256, 3, 1}}));
    EXPECT_EQ(Read(content, 2).Document(1), "50256 3 1");
    EXPECT_EQ(Read(content, 2).tokenizer().vocab_size(), 50257);
  }
}

TEST_F(TokenFileTest, IdsOf32Bits) {
  const Corpus corpus = Read(WideLlmcFile({128255, 65536, 0}), 2, 128256);
  EXPECT_EQ(AllIds(corpus), (std::vector<Ids>{{128255, 65536, 0}}));
}

TEST_F(TokenFileTest, EncodeStopsAtEveryLength) {
  const Corpus corpus = Read(NanoGptFile({5, 6, 7, 8, 9}), 3);
  const std::vector<Ids> documents = AllIds(corpus);
  for (std::size_t i = 0; i < 2; ++i) {
    for (std::size_t size = 0; size < 7; ++size) {
      Ids window(9, -7);
      const std::size_t count =
          corpus.EncodeDocument(i, std::span(window).first(size));
      ASSERT_EQ(count, std::min(size, documents[i].size()));
      Ids expected(documents[i].begin(),
                   documents[i].begin() + static_cast<std::ptrdiff_t>(count));
      expected.resize(window.size(), -7);
      ASSERT_EQ(window, expected);
    }
  }
}

// More than is read at once.
TEST_F(TokenFileTest, LongWindows) {
  std::vector<std::uint16_t> ids(5000);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    ids[i] = static_cast<std::uint16_t>(i * 7 % 50257);
  }
  const Ids expected(ids.begin(), ids.end());
  for (const std::string& content : {NanoGptFile(ids), LlmcFile(ids)}) {
    const Corpus corpus = Read(content, 4096);
    Ids window(5000);
    ASSERT_EQ(corpus.EncodeDocument(0, window), 4097u);
    EXPECT_TRUE(
        std::equal(window.begin(), window.begin() + 4097, expected.begin()));
    ASSERT_EQ(corpus.EncodeDocument(1, window), 904u);
    EXPECT_TRUE(std::equal(window.begin(), window.begin() + 904,
                           expected.begin() + 4096));
  }
}

TEST_F(TokenFileTest, ShuffleIsThatOfLines) {
  Corpus tokens = Read(NanoGptFile({0, 1, 2, 3, 4, 5, 6, 7, 8, 9}), 1);
  Corpus lines = Corpus::FromText("0\n1\n2\n3\n4\n5\n6\n7\n8\n", "text");
  Random for_tokens(5);
  Random for_lines(5);
  tokens.Shuffle(for_tokens);
  lines.Shuffle(for_lines);
  for (std::size_t i = 0; i < 9; ++i) {
    EXPECT_EQ(tokens.Document(i).substr(0, 1), lines.Document(i));
  }
}

TEST_F(TokenFileTest, MemoryIsFourBytesPerWindow) {
  const Corpus corpus = Read(std::string(200'000, '\0'), 64);
  EXPECT_EQ(corpus.num_documents(), 1563u);
  EXPECT_EQ(corpus.memory_bytes(), 4 * 1563u);
}

TEST_F(TokenFileTest, FingerprintTellsContentsApart) {
  const std::string first = Read(NanoGptFile({1, 0, 2, 0})).Fingerprint();
  EXPECT_EQ(first.size(), 32u);
  EXPECT_EQ(Read(NanoGptFile({1, 0, 2, 0})).Fingerprint(), first);
  EXPECT_NE(Read(NanoGptFile({1, 0, 2, 1})).Fingerprint(), first);
  // The same bytes after the header, other ids.
  EXPECT_NE(Read(LlmcFile({1, 0, 2, 0})).Fingerprint(),
            Read(WideLlmcFile({1, 2})).Fingerprint());
}

TEST_F(TokenFileTest, FilesThatAreNone) {
  ExpectRefused("", {"0 tokens", "at least 2"});
  ExpectRefused("\1", {"odd number of bytes"});
  ExpectRefused(std::string(2, '\0'), {"1 tokens", "at least 2"});
  ExpectRefused(std::string(2049, '\0'), {"odd number of bytes, 2049"});
  ExpectRefused(LlmcFile({}), {"0 tokens"});
  ExpectRefused(LlmcFile({5}), {"1 tokens"});
  ExpectRefused(WideLlmcFile({5}), {"1 tokens"});
}

TEST_F(TokenFileTest, HeadersThatAreWrong) {
  const std::string ids = BytesOf<std::uint16_t>({1, 2, 3, 4});
  ExpectRefused(TokenHeader(20240520, 2, 4) + ids, {"version 2", "version 1"});
  ExpectRefused(TokenHeader(20240520, 7, 2) + ids, {"version 7"});
  ExpectRefused(TokenHeader(20240801, 1, 2) + ids, {"version 1", "version 7"});
  ExpectRefused(TokenHeader(20240801, -1, 2) + ids, {"version -1"});
  for (const int count : {3, 5, 0, -4, 2147483647, -2147483647 - 1}) {
    ExpectRefused(TokenHeader(20240520, 1, count) + ids,
                  {"says " + std::to_string(count) + " tokens", "8 bytes"});
  }
  for (const int count : {1, 3, 4, -2}) {
    ExpectRefused(TokenHeader(20240801, 7, count) + ids,
                  {"says " + std::to_string(count) + " tokens", "8 bytes"});
  }
}

TEST_F(TokenFileTest, EveryTruncation) {
  const std::string whole = LlmcFile({1, 2, 3});
  for (std::size_t size = 4; size < whole.size(); ++size) {
    const std::string cut = whole.substr(0, size);
    ExpectRefused(cut, {size < 1024 ? "header is cut off" : "says 3 tokens"});
    ExpectRefused(whole + cut, {"says 3 tokens"});
  }
  // Without a magic number nothing tells a header from ids.
  EXPECT_EQ(AllIds(Read(TokenHeader(0, 1, 3))).size(), 171u);
}

// No byte of magic number, version and count may be wrong.
TEST_F(TokenFileTest, EveryFlippedBitOfTheHeader) {
  for (const std::string& whole :
       {LlmcFile({1, 2, 3}), WideLlmcFile({1, 2, 3})}) {
    for (std::size_t bit = 0; bit < 96; ++bit) {
      std::string flipped = whole;
      flipped[bit / 8] = static_cast<char>(
          static_cast<unsigned char>(flipped[bit / 8]) ^ (1u << (bit % 8)));
      if (bit >= 32) {
        ExpectRefused(flipped, {});
        continue;
      }
      // Ids without a header; 55448 and the like are above the vocabulary.
      const Error error = ErrorOf([&] { Read(flipped, 3, 256); });
      EXPECT_EQ(error.kind(), ErrorKind::kInput);
      EXPECT_TRUE(Mentions(error, "token 0 ")) << error.what();
    }
  }
}

TEST_F(TokenFileTest, IdsOutsideTheVocabularyAreNamedWithTheirPosition) {
  ExpectRefused(NanoGptFile({1, 2, 50257, 60000}),
                {"token 2 ", "id 50257", "50257 ids", "--vocab-size"});
  ExpectRefused(LlmcFile({65535, 2}), {"token 0 ", "id 65535"});
  ExpectRefused(WideLlmcFile({0, 1, 2, 4294967295u}),
                {"token 3 ", "id 4294967295"});
  ExpectRefused(WideLlmcFile({0, 2147483648u}), {"token 1 ", "id 2147483648"});
  std::vector<std::uint16_t> many(3'000'000, 7);
  many[2'345'678] = 50300;
  ExpectRefused(NanoGptFile(many), {"token 2345678 ", "id 50300"});
  ExpectRefused(LlmcFile(many), {"token 2345678 ", "id 50300"});
}

TEST_F(TokenFileTest, RefusesWhatIsNoRegularFile) {
  const std::string fifo = folder_.PathOf("fifo");
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  for (const std::string& path : {folder_.path(), folder_.PathOf("missing"),
                                  fifo, std::string("/dev/zero")}) {
    const Error error = ErrorOf(
        [&] { Corpus::FromFile(path, TokenMode(3), Tokenizer::ForIds(5)); });
    EXPECT_EQ(error.kind(), ErrorKind::kInput) << path;
    EXPECT_TRUE(Mentions(error, path)) << error.what();
  }
}

TEST_F(TokenFileTest, VocabulariesOfAnotherKind) {
  const std::string path = folder_.Write("ids.bin", NanoGptFile({1, 2, 3}));
  Error error =
      ErrorOf([&] { Corpus::FromFile(path, TokenMode(3), Tokenizer({U'a'})); });
  EXPECT_EQ(error.kind(), ErrorKind::kInput);
  EXPECT_TRUE(Mentions(error, "--input")) << error.what();
  error = ErrorOf([&] { Corpus::FromFile(path, Tokenizer::ForIds(9)); });
  EXPECT_EQ(error.kind(), ErrorKind::kInput);
  EXPECT_TRUE(Mentions(error, "--tokens")) << error.what();
  error = ErrorOf([&] { Corpus::FromFile(path, TokenMode(3)); });
  EXPECT_EQ(error.kind(), ErrorKind::kUsage);
  EXPECT_TRUE(Mentions(error, "--vocab-size")) << error.what();
}

TEST_F(TokenFileTest, AFileThatChangesIsAnErrorAndNoMore) {
  const Corpus corpus = Read(NanoGptFile({1, 2, 3, 4, 5, 6, 7}), 2, 8);
  const std::string path = folder_.PathOf("ids.bin");
  Ids window(3);
  const std::string other = NanoGptFile({1, 2, 3, 4, 9, 6, 7});
  folder_.Write("ids.bin", other);
  EXPECT_EQ(corpus.EncodeDocument(0, window), 3u);
  Error error = ErrorOf([&] { corpus.EncodeDocument(2, window); });
  EXPECT_EQ(error.kind(), ErrorKind::kInput);
  EXPECT_TRUE(Mentions(error, path + ": token 4 ")) << error.what();
  EXPECT_TRUE(Mentions(error, "id 9")) << error.what();
  ASSERT_EQ(::truncate(path.c_str(), 7), 0);
  EXPECT_EQ(corpus.EncodeDocument(0, window), 3u);
  error = ErrorOf([&] { corpus.EncodeDocument(1, window); });
  EXPECT_EQ(error.kind(), ErrorKind::kIo);
  EXPECT_TRUE(Mentions(error, path)) << error.what();
  // It stays open, whatever becomes of its name.
  std::filesystem::remove(path);
  EXPECT_EQ(corpus.EncodeDocument(0, window), 3u);
}

}  // namespace
}  // namespace microgpt
