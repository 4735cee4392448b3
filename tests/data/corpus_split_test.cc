// The part of a corpus that is kept for validation.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/random.h"
#include "tests/base/error_of.h"
#include "tests/base/temp_folder.h"
#include "tests/data/documents.h"

namespace microgpt {
namespace {

// Lines "0", "1", ..., each longer by a few characters than its number.
std::string NumberedLines(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) {
    text += std::to_string(i) +
            std::string(static_cast<std::size_t>(i % 5), '.') + "\n";
  }
  return text;
}

int NumberOf(const std::string& line) { return std::stoi(line); }

struct Parts {
  std::vector<std::string> training;
  std::vector<std::string> validation;

  bool operator==(const Parts&) const = default;
};

Parts Split(const std::string& text, const CorpusOptions& options,
            double fraction, std::uint64_t seed) {
  Corpus corpus = Corpus::FromText(text, "text", options);
  const Corpus validation = corpus.SplitOff(fraction, seed);
  return {Documents(corpus), Documents(validation)};
}

TEST(SplitOffTest, LinesAreDividedAndKeepTheirOrder) {
  for (const int count : {2, 3, 10, 101}) {
    for (const double fraction : {0.001, 0.1, 0.5, 0.9, 0.999}) {
      const Parts parts = Split(NumberedLines(count), {}, fraction, 42);
      const long wanted =
          std::clamp<long>(std::lround(fraction * count), 1, count - 1);
      EXPECT_EQ(static_cast<long>(parts.validation.size()), wanted);
      const auto ordered = [](const std::string& a, const std::string& b) {
        return NumberOf(a) < NumberOf(b);
      };
      EXPECT_TRUE(std::is_sorted(parts.training.begin(), parts.training.end(),
                                 ordered));
      EXPECT_TRUE(std::is_sorted(parts.validation.begin(),
                                 parts.validation.end(), ordered));
      std::set<std::string> all(parts.training.begin(), parts.training.end());
      all.insert(parts.validation.begin(), parts.validation.end());
      EXPECT_EQ(static_cast<int>(all.size()), count);
      EXPECT_EQ(parts.training.size() + parts.validation.size(), all.size());
    }
  }
}

// The rule, written a second time: Fisher-Yates from the last line down.
TEST(SplitOffTest, LinesAreDrawnByAStreamOfTheirOwn) {
  for (const std::uint64_t seed : {0ull, 42ull, ~0ull}) {
    std::vector<int> order(20);
    for (int i = 0; i < 20; ++i) order[static_cast<std::size_t>(i)] = i;
    Random random = Random::ForSplit(seed);
    std::set<int> chosen;
    for (std::size_t i = 19; i >= 14; --i) {
      std::swap(order[i], order[random.Index(i + 1)]);
      chosen.insert(order[i]);
    }
    const Parts parts = Split(NumberedLines(20), {}, 0.3, seed);
    std::set<int> validation;
    for (const std::string& line : parts.validation) {
      validation.insert(NumberOf(line));
    }
    EXPECT_EQ(validation, chosen);
  }
}

TEST(SplitOffTest, DependsOnTextFractionAndSeed) {
  const std::string text = NumberedLines(200);
  const Parts parts = Split(text, {}, 0.1, 1);
  EXPECT_EQ(Split(text, {}, 0.1, 1), parts);
  EXPECT_NE(Split(text, {}, 0.1, 2), parts);
  EXPECT_NE(Split(text, {}, 0.2, 1), parts);
}

// The lines are those that are drawn without chunks.
TEST(SplitOffTest, NoLineIsInBothParts) {
  const std::string text = NumberedLines(60);
  for (const int block_size : {1, 2, 3, 50}) {
    Corpus corpus = Corpus::FromText(text, "text", Chunks(block_size));
    const std::size_t documents = corpus.num_documents();
    const Corpus validation = corpus.SplitOff(0.25, 7);
    EXPECT_EQ(corpus.num_documents() + validation.num_documents(), documents);
    Corpus lines = Corpus::FromText(text, "text");
    const Corpus validation_lines = lines.SplitOff(0.25, 7);
    const auto joined = [](const Corpus& part) {
      std::vector<Ids> whole;
      for (const Ids& ids : AllIds(part)) {
        if (ids.front() == Tokenizer::kBos) {
          whole.push_back(ids);
        } else {
          whole.back().insert(whole.back().end(), ids.begin() + 1, ids.end());
        }
      }
      return whole;
    };
    EXPECT_EQ(joined(validation), AllIds(validation_lines));
    EXPECT_EQ(joined(corpus), AllIds(lines));
  }
}

TEST(SplitOffTest, OfAStreamItIsTheTail) {
  const std::string text = "abcdefghijklmnopqrs";
  const std::vector<Ids> whole =
      AllIds(Corpus::FromText(text, "text", TextMode(3)));
  ASSERT_EQ(whole.size(), 7u);
  struct Case {
    double fraction;
    std::ptrdiff_t windows;
  };
  for (const Case& c :
       {Case{0.01, 1}, {0.2, 1}, {0.3, 2}, {0.5, 4}, {0.99, 6}}) {
    for (const std::uint64_t seed : {1u, 2u}) {
      Corpus corpus = Corpus::FromText(text, "text", TextMode(3));
      const Corpus validation = corpus.SplitOff(c.fraction, seed);
      EXPECT_EQ(AllIds(validation),
                std::vector<Ids>(whole.end() - c.windows, whole.end()));
      EXPECT_EQ(AllIds(corpus),
                std::vector<Ids>(whole.begin(), whole.end() - c.windows));
    }
  }
}

TEST(SplitOffTest, OfTokensItIsTheTail) {
  const TempFolder folder;
  const std::string path =
      folder.Write("ids", std::string("\1\0\2\0\3\0\4\0\5\0\6\0", 12));
  Corpus corpus = Corpus::FromFile(path, TokenMode(2), Tokenizer::ForIds(7));
  const Corpus validation = corpus.SplitOff(0.3, 1);
  EXPECT_EQ(AllIds(corpus), (std::vector<Ids>{{1, 2, 3}, {3, 4, 5}}));
  EXPECT_EQ(AllIds(validation), (std::vector<Ids>{{5, 6}}));
}

TEST(SplitOffTest, BothPartsShareTheText) {
  const std::string text = NumberedLines(1000);
  Corpus corpus = Corpus::FromText(text, "text");
  const Corpus validation = corpus.SplitOff(0.1, 3);
  EXPECT_EQ(corpus.memory_bytes(), text.size() + 4 * 900);
  EXPECT_EQ(validation.memory_bytes(), 4 * 100u);
  EXPECT_EQ(validation.tokenizer(), corpus.tokenizer());
  EXPECT_EQ(validation.Fingerprint(), corpus.Fingerprint());
}

TEST(SplitOffTest, EitherPartOutlivesTheOther) {
  std::optional<Corpus> corpus = Corpus::FromText("ab\nba\n", "text");
  const Corpus validation = corpus->SplitOff(0.5, 3);
  corpus.reset();
  EXPECT_EQ(AllIds(validation)[0].size(), 4u);
}

TEST(SplitOffTest, OneDocumentCannotBeDivided) {
  for (const CorpusOptions& options :
       {CorpusOptions(), Chunks(2), TextMode(9)}) {
    Corpus corpus = Corpus::FromText("abcdefg", "text", options);
    const Error error = ErrorOf([&] { corpus.SplitOff(0.5, 1); });
    EXPECT_EQ(error.kind(), ErrorKind::kInput);
    EXPECT_TRUE(Mentions(error, "--val-split")) << error.what();
    EXPECT_TRUE(Mentions(error, "--val-input")) << error.what();
  }
}

}  // namespace
}  // namespace microgpt
