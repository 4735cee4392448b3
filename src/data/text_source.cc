#include "data/text_source.h"

#include <utf8.h>

#include <utility>

#include "base/hash.h"
#include "data/text_lines.h"

namespace microgpt {
namespace {

bool IsCut(const CorpusOptions& options) {
  return options.data.doc_mode != DocMode::kLines ||
         options.data.long_docs == LongDocs::kChunk;
}

}  // namespace

TextSource::TextSource(std::string text, std::size_t begin, Tokenizer tokenizer,
                       const CorpusOptions& options)
    : DocumentSource(std::move(tokenizer)),
      text_(std::move(text)),
      begin_(begin),
      mode_(options.data.doc_mode),
      window_(IsCut(options) ? static_cast<std::size_t>(options.block_size)
                             : kUnlimited) {}

void TextSource::ForEachPlace(
    FunctionRef<void(std::uint64_t place)> visit) const {
  ForEachSequence(text_, begin_, mode_, [&](std::size_t from, std::size_t to) {
    visit(from);
    if (window_ == kUnlimited) return;
    const char* at = text_.data() + from;
    const char* const end = text_.data() + to;
    for (;;) {
      for (std::size_t i = 0; i < window_; ++i) {
        // BOS after the last character was predicted already.
        if (at == end) return;
        utf8::unchecked::next(at);
      }
      visit(static_cast<std::uint64_t>(at - text_.data()));
    }
  });
}

bool TextSource::BeginsSequence(std::uint64_t place) const {
  return place == begin_ ||
         (mode_ == DocMode::kLines && text_[place - 1] == '\n');
}

bool TextSource::IsEnd(const char* at) const {
  const char* const end = text_.data() + text_.size();
  if (at == end) return true;
  return mode_ == DocMode::kLines &&
         (*at == '\n' || (*at == '\r' && at + 1 != end && at[1] == '\n'));
}

// Looks at no more text than fits into `tokens`: a line may be far longer.
std::size_t TextSource::Encode(std::uint64_t place,
                               std::span<std::int32_t> tokens) const {
  if (tokens.empty()) return 0;
  if (tokens.size() - 1 > window_) tokens = tokens.first(window_ + 1);
  const char* at = text_.data() + place;
  const char* before = at;
  tokens[0] = BeginsSequence(place)
                  ? Tokenizer::kBos
                  : tokenizer().IdOf(utf8::unchecked::prior(before));
  std::size_t count = 1;
  while (count < tokens.size()) {
    if (IsEnd(at)) {
      tokens[count++] = Tokenizer::kBos;
      break;
    }
    tokens[count++] = tokenizer().IdOf(utf8::unchecked::next(at));
  }
  return count;
}

const char* TextSource::Skip(const char* at, std::size_t targets) const {
  for (std::size_t i = 0; i < targets && !IsEnd(at); ++i) {
    utf8::unchecked::next(at);
  }
  return at;
}

std::string TextSource::Document(std::uint64_t place) const {
  const char* const target = text_.data() + place;
  const char* first = target;
  if (!BeginsSequence(place)) utf8::unchecked::prior(first);
  return std::string(first, Skip(target, window_));
}

std::uint64_t TextSource::CountPredictions(std::uint64_t place) const {
  const char* at = text_.data() + place;
  std::uint64_t count = 0;
  while (count < window_) {
    ++count;
    if (IsEnd(at)) break;
    utf8::unchecked::next(at);
  }
  return count;
}

std::string TextSource::Fingerprint() const { return HashOf(text_); }

}  // namespace microgpt
