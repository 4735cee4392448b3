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
// Larger texts make many windows, and no rule needs them.
constexpr std::size_t kMostWindowedBytes = 8192;

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
  const std::string document = corpus.Document(index);
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

std::optional<Corpus> Read(const std::string& text,
                           const CorpusOptions& options = {}) {
  std::optional<Corpus> corpus;
  Accepts(kName, [&] {
    corpus = Corpus::FromText(text, std::string(kName), options);
  });
  return corpus;
}

using Sequences = std::vector<std::vector<std::int32_t>>;

// The rule of text mode: a byte-order mark goes, \r\n becomes \n.
std::vector<Line> Stream(std::string_view text, std::string& storage) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool crlf = text.substr(i, 2) == "\r\n";
    if (!crlf) storage += text[i];
  }
  return {{1, storage}};
}

Sequences Windows(const Tokenizer& tokenizer, const std::vector<Line>& lines,
                  std::size_t block_size) {
  Sequences windows;
  for (const Line& line : lines) {
    std::vector<std::int32_t> ids = tokenizer.Encode(line.document);
    ids.insert(ids.begin(), Tokenizer::kBos);
    ids.push_back(Tokenizer::kBos);
    for (std::size_t i = 0; i + 1 < ids.size(); i += block_size) {
      const std::size_t end = std::min(i + block_size + 1, ids.size());
      windows.emplace_back(ids.begin() + static_cast<std::ptrdiff_t>(i),
                           ids.begin() + static_cast<std::ptrdiff_t>(end));
    }
  }
  return windows;
}

Sequences AllIds(const Corpus& corpus) {
  Sequences documents(corpus.num_documents());
  const auto most = static_cast<std::size_t>(corpus.options().block_size) + 3;
  std::vector<std::int32_t> ids(most);
  for (std::size_t i = 0; i < documents.size(); ++i) {
    const std::size_t count = corpus.EncodeDocument(i, ids);
    documents[i].assign(ids.begin(),
                        ids.begin() + static_cast<std::ptrdiff_t>(count));
    std::vector<std::int32_t> inside = documents[i];
    std::erase(inside, Tokenizer::kBos);
    Require(corpus.tokenizer().Encode(corpus.Document(i)) == inside,
            "a window's text is another");
  }
  return documents;
}

// Every window is in one of the parts.
void CheckSplit(Corpus corpus, Sequences windows) {
  std::optional<Corpus> part;
  try {
    part = corpus.SplitOff(0.3, windows.size());
  } catch (const Error& error) {
    Require(error.kind() == ErrorKind::kInput, error.what());
    return;
  }
  Sequences both = AllIds(corpus);
  const Sequences taken = AllIds(*part);
  Require(!both.empty() && !taken.empty(), "a part is empty");
  both.insert(both.end(), taken.begin(), taken.end());
  std::sort(both.begin(), both.end());
  std::sort(windows.begin(), windows.end());
  Require(both == windows, "the parts are not the whole");
}

void CheckWindows(const std::string& text, DocMode mode) {
  for (const int block_size : {1, 2, 3, 7, 64}) {
    CorpusOptions options;
    options.data.doc_mode = mode;
    options.data.long_docs = LongDocs::kChunk;
    options.block_size = block_size;
    const std::optional<Corpus> corpus = Read(text, options);
    if (!corpus) return;
    std::string storage;
    const Sequences windows =
        Windows(corpus->tokenizer(),
                mode == DocMode::kText ? Stream(text, storage) : Lines(text),
                static_cast<std::size_t>(block_size));
    Require(AllIds(*corpus) == windows, "other windows");
    CheckSplit(*corpus, windows);
  }
}

}  // namespace
}  // namespace microgpt::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  using namespace microgpt;
  using namespace microgpt::fuzz;
  const std::string text(AsText(data, size));
  if (size <= kMostWindowedBytes) {
    CheckWindows(text, DocMode::kText);
    CheckWindows(text, DocMode::kLines);
  }
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
