// Texts to train on: documents, tokens, and the vocabulary of another text.
#include "microgpt/corpus.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "microgpt/error.h"
#include "microgpt/tokenizer.h"
#include "tests/fuzz/harness.h"

namespace microgpt::fuzz {
namespace {

constexpr std::string_view kName = "folder/input.txt";

struct Line {
  std::size_t number;  // from 1
  std::string_view document;
};

// The rule of DESIGN, written a second time: a byte-order mark at the start, \n
// and \r\n are removed, empty lines skipped.
std::vector<Line> Lines(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  std::vector<Line> lines;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t size = text.find('\n');
    std::string_view line = text.substr(0, size);
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (size != std::string_view::npos && line.ends_with('\r')) {
      line.remove_suffix(1);
    }
    if (!line.empty()) lines.push_back({number, line});
  }
  return lines;
}

// Encodes a document into buffers of several sizes.
void CheckTokens(const Corpus& corpus, std::size_t index) {
  const Tokenizer& tokenizer = corpus.tokenizer();
  const std::string_view document = corpus.Document(index);
  std::vector<std::int32_t> wanted = tokenizer.Encode(document);
  Require(tokenizer.Decode(wanted) == document, "decoded, it differs");
  wanted.insert(wanted.begin(), Tokenizer::kBos);
  wanted.push_back(Tokenizer::kBos);
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, std::size_t{2}, wanted.size() - 1,
        wanted.size(), wanted.size() + 1}) {
    std::vector<std::int32_t> tokens(size, -1);
    const std::size_t count = corpus.EncodeDocument(index, tokens);
    Require(count == std::min(size, wanted.size()), "a wrong number of tokens");
    Require(std::equal(tokens.begin(),
                       tokens.begin() + static_cast<std::ptrdiff_t>(count),
                       wanted.begin()),
            "wrong tokens");
  }
}

void CheckDocuments(const Corpus& corpus, const std::vector<Line>& lines) {
  Require(corpus.num_documents() == lines.size(),
          "a wrong number of documents");
  for (std::size_t i = 0; i < lines.size(); ++i) {
    Require(corpus.Document(i) == lines[i].document, "a wrong document");
    CheckTokens(corpus, i);
  }
}

// The message must name a character that the vocabulary does not have, and the
// first line with it.
void CheckUnknown(const char* message, const std::vector<Line>& lines,
                  const Tokenizer& own, const Tokenizer& vocabulary) {
  std::size_t number = 0;
  unsigned code_point = 0;
  Require(std::sscanf(message + kName.size(), ": line %zu: the character U+%X",
                      &number, &code_point) == 2,
          std::string("another message: ") + message);
  Require(vocabulary.IdOf(code_point) < 0, "it is in the vocabulary");
  const std::int32_t id = own.IdOf(code_point);
  const auto at = std::find_if(lines.begin(), lines.end(), [&](const Line& l) {
    const std::vector<std::int32_t> ids = own.Encode(l.document);
    return std::find(ids.begin(), ids.end(), id) != ids.end();
  });
  Require(at != lines.end() && at->number == number,
          std::string("a wrong line: ") + message);
}

// The text again, with the tokens of another one.
void CheckVocabulary(const std::string& text, const std::vector<Line>& lines,
                     const Corpus& corpus, const Tokenizer& vocabulary) {
  const std::vector<char32_t>& used = corpus.tokenizer().code_points();
  const bool known = std::all_of(used.begin(), used.end(), [&](char32_t c) {
    return vocabulary.IdOf(c) >= 0;
  });
  try {
    const Corpus other = Corpus::FromText(text, std::string(kName), vocabulary);
    Require(known, "an unknown character is accepted");
    Require(other.Fingerprint() == corpus.Fingerprint(), "two fingerprints");
    CheckDocuments(other, lines);
  } catch (const Error& error) {
    Require(!known && error.kind() == ErrorKind::kInput, error.what());
    CheckMessage(error.what(), kName);
    CheckUnknown(error.what(), lines, corpus.tokenizer(), vocabulary);
  }
}

std::optional<Corpus> Read(const std::string& text) {
  std::optional<Corpus> corpus;
  Accepts(kName, [&] { corpus = Corpus::FromText(text, std::string(kName)); });
  return corpus;
}

}  // namespace
}  // namespace microgpt::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  using namespace microgpt;
  using namespace microgpt::fuzz;
  const std::string text(AsText(data, size));
  const std::optional<Corpus> corpus = Read(text);
  if (!corpus) return 0;
  ++accepted_inputs;
  const std::vector<Line> lines = Lines(text);
  CheckDocuments(*corpus, lines);
  CheckVocabulary(text, lines, *corpus, corpus->tokenizer());
  const std::optional<Corpus> half = Read(text.substr(text.size() / 2));
  if (half) CheckVocabulary(text, lines, *corpus, half->tokenizer());
  return 0;
}
