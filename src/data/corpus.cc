#include "microgpt/corpus.h"

#include <utf8.h>

#include <algorithm>
#include <bitset>
#include <limits>
#include <memory>
#include <utility>

#include "base/file.h"
#include "base/hash.h"
#include "base/random.h"
#include "data/code_point.h"
#include "microgpt/error.h"

namespace microgpt {
namespace {

constexpr std::size_t kCodePoints = 0x110000;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// End of the line that begins at `begin`: offsets of its line end (\n, \r\n or
// the end of the text) and of the next line.
struct LineEnd {
  std::size_t end;
  std::size_t next;
};

LineEnd FindLineEnd(std::string_view text, std::size_t begin) {
  const std::size_t newline = text.find('\n', begin);
  if (newline == std::string_view::npos) return {text.size(), text.size()};
  const bool crlf = newline > begin && text[newline - 1] == '\r';
  return {crlf ? newline - 1 : newline, newline + 1};
}

template <typename Visit>
void ForEachDocument(std::string_view text, std::size_t begin, Visit visit) {
  while (begin < text.size()) {
    const LineEnd line = FindLineEnd(text, begin);
    if (line.end > begin) visit(begin, line.end);
    begin = line.next;
  }
}

void CheckUtf8(std::string_view text, const std::string& name) {
  const auto invalid = utf8::find_invalid(text.begin(), text.end());
  if (invalid == text.end()) return;
  const auto line = 1 + std::count(text.begin(), invalid, '\n');
  throw Error(ErrorKind::kInput,
              name + ": line " + std::to_string(line) + ", byte offset " +
                  std::to_string(invalid - text.begin()) +
                  ": not valid UTF-8; convert the file to UTF-8");
}

// REQUIRES: valid UTF-8.
std::vector<char32_t> CollectCodePoints(std::string_view text,
                                        std::size_t begin) {
  const auto seen = std::make_unique<std::bitset<kCodePoints>>();
  char32_t last = 0;
  ForEachDocument(text, begin, [&](std::size_t from, std::size_t to) {
    const char* at = text.data() + from;
    const char* const end = text.data() + to;
    while (at != end) {
      const char32_t code_point = utf8::unchecked::next(at);
      seen->set(code_point);
      last = std::max(last, code_point);
    }
  });
  std::vector<char32_t> code_points;
  for (char32_t code_point = 0; code_point <= last; ++code_point) {
    if (seen->test(code_point)) code_points.push_back(code_point);
  }
  return code_points;
}

// Where the first line begins.
std::size_t BeginOf(std::string_view text) {
  return text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
}

// The code points of all documents, of which there must be one.
std::vector<char32_t> Examine(std::string_view text, std::size_t begin,
                              const std::string& name) {
  CheckUtf8(text, name);
  std::vector<char32_t> code_points = CollectCodePoints(text, begin);
  if (code_points.empty()) {
    throw Error(ErrorKind::kInput,
                name +
                    ": holds no document (every line is empty); give a text "
                    "file with one document per line");
  }
  return code_points;
}

// Names the first line that has the code point; there is one.
[[noreturn]] void ThrowUnknown(std::string_view text, std::size_t begin,
                               const std::string& name, char32_t code_point) {
  const std::string character = ToUtf8(code_point);
  // Line ends and byte-order marks are no part of a document.
  std::size_t at = std::string_view::npos;
  ForEachDocument(text, begin, [&](std::size_t from, std::size_t to) {
    if (at != std::string_view::npos) return;
    const std::size_t inside = text.substr(from, to - from).find(character);
    if (inside != std::string_view::npos) at = from + inside;
  });
  const auto line =
      1 + std::count(text.begin(),
                     text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
  throw Error(ErrorKind::kInput,
              name + ": line " + std::to_string(line) + ": the character " +
                  DescribeCodePoint(code_point) +
                  " does not occur in the vocabulary of the model");
}

}  // namespace

Corpus::Corpus(std::string text, std::size_t begin, Tokenizer tokenizer)
    : text_(std::move(text)), tokenizer_(std::move(tokenizer)) {
  if (text_.size() > std::numeric_limits<std::uint32_t>::max()) {
    starts_.emplace<std::vector<std::uint64_t>>();
  }
  std::visit(
      [&](auto& starts) {
        // Counted first: a growing vector would hold up to three times as much.
        std::size_t count = 0;
        ForEachDocument(text_, begin,
                        [&](std::size_t, std::size_t) { ++count; });
        starts.reserve(count);
        ForEachDocument(text_, begin, [&](std::size_t from, std::size_t) {
          using Offset = typename std::decay_t<decltype(starts)>::value_type;
          starts.push_back(static_cast<Offset>(from));
        });
      },
      starts_);
}

Corpus Corpus::FromText(std::string text, const std::string& name) {
  const std::size_t begin = BeginOf(text);
  Tokenizer tokenizer(Examine(text, begin, name));
  return Corpus(std::move(text), begin, std::move(tokenizer));
}

Corpus Corpus::FromText(std::string text, const std::string& name,
                        const Tokenizer& vocabulary) {
  const std::size_t begin = BeginOf(text);
  for (const char32_t code_point : Examine(text, begin, name)) {
    if (vocabulary.IdOf(code_point) < 0) {
      ThrowUnknown(text, begin, name, code_point);
    }
  }
  return Corpus(std::move(text), begin, vocabulary);
}

Corpus Corpus::FromFile(const std::string& path) {
  return FromText(ReadFile(path), path);
}

Corpus Corpus::FromFile(const std::string& path, const Tokenizer& vocabulary) {
  return FromText(ReadFile(path), path, vocabulary);
}

Corpus Corpus::BuiltIn() {
  return FromText(std::string(BuiltInCorpusText()), "the built-in corpus");
}

std::size_t Corpus::num_documents() const {
  return std::visit([](const auto& starts) { return starts.size(); }, starts_);
}

std::string Corpus::Fingerprint() const { return HashOf(text_); }

std::uint64_t Corpus::memory_bytes() const {
  return text_.size() + std::visit(
                            [](const auto& starts) {
                              return starts.size() * sizeof(starts[0]);
                            },
                            starts_);
}

std::size_t Corpus::StartOf(std::size_t index) const noexcept {
  if (const auto* starts = std::get_if<0>(&starts_)) return (*starts)[index];
  return static_cast<std::size_t>((*std::get_if<1>(&starts_))[index]);
}

std::string_view Corpus::Document(std::size_t index) const noexcept {
  const std::size_t begin = StartOf(index);
  const LineEnd line = FindLineEnd(text_, begin);
  return std::string_view(text_).substr(begin, line.end - begin);
}

// Looks at no more text than fits into `tokens`: a document may be far longer.
std::size_t Corpus::EncodeDocument(
    std::size_t index, std::span<std::int32_t> tokens) const noexcept {
  if (tokens.empty()) return 0;
  std::size_t count = 0;
  tokens[count++] = Tokenizer::kBos;
  const char* at = text_.data() + StartOf(index);
  const char* const end = text_.data() + text_.size();
  while (count < tokens.size()) {
    const bool line_end = at == end || *at == '\n' ||
                          (*at == '\r' && at + 1 != end && at[1] == '\n');
    if (line_end) {
      tokens[count++] = Tokenizer::kBos;
      break;
    }
    tokens[count++] = tokenizer_.IdOf(utf8::unchecked::next(at));
  }
  return count;
}

void Corpus::Shuffle(Random& random) {
  std::visit(
      [&](auto& starts) {
        for (std::size_t i = starts.size() - 1; i > 0; --i) {
          std::swap(starts[i], starts[random.Index(i + 1)]);
        }
      },
      starts_);
}

}  // namespace microgpt
