#include "microgpt/corpus.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <utility>

#include "base/file.h"
#include "base/random.h"
#include "data/document_source.h"
#include "data/text_source.h"
#include "data/token_file.h"
#include "microgpt/error.h"

namespace microgpt {
namespace {

// How many of n documents or lines are split off.
std::size_t PartOf(std::size_t n, double fraction) {
  if (n < 2) {
    throw Error(ErrorKind::kInput,
                "--val-split: the data are one document, which cannot be "
                "divided; give --val-input instead, or a smaller --block-size "
                "for windows of it");
  }
  const double part = std::round(fraction * static_cast<double>(n));
  return static_cast<std::size_t>(
      std::clamp(part, 1.0, static_cast<double>(n - 1)));
}

// Which of n lines are split off: `part` of them, at random. Index: an integer
// type that can count them.
template <typename Index>
std::vector<bool> ChooseLines(std::size_t n, std::size_t part, Random random) {
  std::vector<Index> order(n);
  for (std::size_t i = 0; i < n; ++i) order[i] = static_cast<Index>(i);
  std::vector<bool> chosen(n);
  for (std::size_t i = n; i > n - part; --i) {
    std::swap(order[i - 1], order[random.Index(i)]);
    chosen[static_cast<std::size_t>(order[i - 1])] = true;
  }
  return chosen;
}

// Moves the documents of some lines out of `places` and returns them.
template <typename Place>
std::vector<Place> TakeLines(std::vector<Place>& places,
                             const DocumentSource& source, double fraction,
                             std::uint64_t seed) {
  const auto begins = [&](Place place) { return source.BeginsSequence(place); };
  const auto lines = static_cast<std::size_t>(
      std::count_if(places.begin(), places.end(), begins));
  const std::vector<bool> chosen = ChooseLines<Place>(
      lines, PartOf(lines, fraction), Random::ForSplit(seed));
  std::vector<Place> taken;
  std::size_t kept = 0;
  std::size_t line = 0;  // from 1
  for (const Place place : places) {
    if (begins(place)) ++line;
    if (chosen[line - 1]) {
      taken.push_back(place);
    } else {
      places[kept++] = place;
    }
  }
  places.resize(kept);
  return taken;
}

template <typename Place>
std::vector<Place> TakeTail(std::vector<Place>& places, double fraction) {
  const std::size_t part = PartOf(places.size(), fraction);
  const auto begin = places.end() - static_cast<std::ptrdiff_t>(part);
  std::vector<Place> taken(begin, places.end());
  places.erase(begin, places.end());
  return taken;
}

void CheckKind(const std::string& name, const CorpusOptions& options,
               const Tokenizer& vocabulary) {
  const bool ids = options.data.doc_mode == DocMode::kTokens;
  if (ids == vocabulary.is_ids()) return;
  throw Error(ErrorKind::kInput,
              name + (ids ? ": token ids say nothing to a model of characters; "
                            "give a text with --input"
                          : ": a text says nothing to a model of token ids; "
                            "give a file of ids with --tokens"));
}

}  // namespace

CorpusOptions CorpusOptionsOf(const TrainConfig& config) {
  return {config.data, config.model.block_size};
}

Corpus::Corpus(std::shared_ptr<const DocumentSource> source,
               const CorpusOptions& options)
    : source_(std::move(source)), options_(options) {
  if (source_->largest_place() > std::numeric_limits<std::uint32_t>::max()) {
    places_.emplace<std::vector<std::uint64_t>>();
  }
  // Counted first: a growing vector would hold up to three times as much.
  std::size_t count = 0;
  source_->ForEachPlace([&](std::uint64_t /*place*/) { ++count; });
  std::visit(
      [&](auto& places) {
        using Place = typename std::decay_t<decltype(places)>::value_type;
        places.reserve(count);
        source_->ForEachPlace([&](std::uint64_t place) {
          places.push_back(static_cast<Place>(place));
        });
      },
      places_);
}

Corpus::Corpus(std::shared_ptr<const DocumentSource> source,
               const CorpusOptions& options, Places part)
    : source_(std::move(source)),
      options_(options),
      places_(std::move(part)),
      counts_text_(false) {}

Corpus Corpus::FromText(std::string text, const std::string& name,
                        const CorpusOptions& options) {
  assert(options.data.doc_mode != DocMode::kTokens);
  return Corpus(ReadText(std::move(text), name, options, nullptr), options);
}

Corpus Corpus::FromText(std::string text, const std::string& name,
                        const CorpusOptions& options,
                        const Tokenizer& vocabulary) {
  assert(options.data.doc_mode != DocMode::kTokens);
  CheckKind(name, options, vocabulary);
  return Corpus(ReadText(std::move(text), name, options, &vocabulary), options);
}

Corpus Corpus::FromFile(const std::string& path, const CorpusOptions& options) {
  if (options.data.doc_mode == DocMode::kTokens) {
    throw Error(ErrorKind::kUsage,
                "--tokens needs --vocab-size, the number of its tokens");
  }
  return FromText(ReadFile(path), path, options);
}

Corpus Corpus::FromFile(const std::string& path, const CorpusOptions& options,
                        const Tokenizer& vocabulary) {
  CheckKind(path, options, vocabulary);
  if (options.data.doc_mode == DocMode::kTokens) {
    return Corpus(
        std::make_shared<TokenFile>(path, vocabulary, options.block_size),
        options);
  }
  return FromText(ReadFile(path), path, options, vocabulary);
}

Corpus Corpus::BuiltIn(const CorpusOptions& options) {
  return FromText(std::string(BuiltInCorpusText()), "the built-in corpus",
                  options);
}

const Tokenizer& Corpus::tokenizer() const { return source_->tokenizer(); }

std::size_t Corpus::num_documents() const {
  return std::visit([](const auto& places) { return places.size(); }, places_);
}

std::string Corpus::Fingerprint() const { return source_->Fingerprint(); }

std::uint64_t Corpus::memory_bytes() const {
  const std::uint64_t text = counts_text_ ? source_->memory_bytes() : 0;
  return text + std::visit(
                    [](const auto& places) {
                      return places.size() * sizeof(places[0]);
                    },
                    places_);
}

std::uint64_t Corpus::PlaceOf(std::size_t index) const noexcept {
  if (const auto* places = std::get_if<0>(&places_)) return (*places)[index];
  return (*std::get_if<1>(&places_))[index];
}

std::size_t Corpus::EncodeDocument(std::size_t index,
                                   std::span<std::int32_t> tokens) const {
  return source_->Encode(PlaceOf(index), tokens);
}

std::string Corpus::Document(std::size_t index) const {
  return source_->Document(PlaceOf(index));
}

Truncation Corpus::TruncatedAt(int block_size) const {
  Truncation truncation;
  const auto most = static_cast<std::uint64_t>(block_size);
  for (std::size_t i = 0; i < num_documents(); ++i) {
    const std::uint64_t predictions = source_->CountPredictions(PlaceOf(i));
    if (predictions <= most) continue;
    ++truncation.documents;
    truncation.tokens += predictions - most;
  }
  return truncation;
}

void Corpus::ExpectOptions(const CorpusOptions& wanted) const {
  const DataConfig& data = options_.data;
  const bool lines = data.doc_mode == DocMode::kLines;
  const bool whole_lines = lines && data.long_docs == LongDocs::kTruncate;
  if (data.doc_mode == wanted.data.doc_mode &&
      (!lines || data.long_docs == wanted.data.long_docs) &&
      (whole_lines || options_.block_size == wanted.block_size)) {
    return;
  }
  const auto describe = [](const CorpusOptions& options) {
    return "--doc-mode " + ToString(options.data.doc_mode) + ", --long-docs " +
           ToString(options.data.long_docs) + ", --block-size " +
           std::to_string(options.block_size);
  };
  throw Error(ErrorKind::kUsage, "the corpus was read for " +
                                     describe(options_) + ", not for " +
                                     describe(wanted));
}

Corpus Corpus::SplitOff(double fraction, std::uint64_t seed) {
  const bool lines = options_.data.doc_mode == DocMode::kLines;
  return Corpus(source_, options_,
                std::visit(
                    [&](auto& places) -> Places {
                      return lines ? TakeLines(places, *source_, fraction, seed)
                                   : TakeTail(places, fraction);
                    },
                    places_));
}

void Corpus::Shuffle(Random& random) {
  std::visit(
      [&](auto& places) {
        for (std::size_t i = places.size() - 1; i > 0; --i) {
          std::swap(places[i], places[random.Index(i + 1)]);
        }
      },
      places_);
}

}  // namespace microgpt
