// Documents of a text in memory.
#ifndef MICROGPT_DATA_TEXT_SOURCE_H_
#define MICROGPT_DATA_TEXT_SOURCE_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>

#include "data/document_source.h"

namespace microgpt {

// The place of a document is the offset of its second token: the first one is
// then the character before it, or BOS at the beginning of a line or stream.
class TextSource final : public DocumentSource {
 public:
  // Takes `text` from offset `begin` on. REQUIRES: valid UTF-8 of characters
  // that the tokenizer has; for kText, line ends are \n.
  TextSource(std::string text, std::size_t begin, Tokenizer tokenizer,
             const CorpusOptions& options);

  std::uint64_t largest_place() const override { return text_.size(); }
  void ForEachPlace(
      FunctionRef<void(std::uint64_t place)> visit) const override;
  bool BeginsSequence(std::uint64_t place) const override;
  std::size_t Encode(std::uint64_t place,
                     std::span<std::int32_t> tokens) const override;
  std::string Document(std::uint64_t place) const override;
  std::uint64_t CountPredictions(std::uint64_t place) const override;
  std::string Fingerprint() const override;
  std::uint64_t memory_bytes() const override { return text_.size(); }

 private:
  static constexpr std::size_t kUnlimited =
      std::numeric_limits<std::size_t>::max();

  bool IsEnd(const char* at) const;
  // Where `targets` characters from `at` on, or its sequence, end.
  const char* Skip(const char* at, std::size_t targets) const;

  std::string text_;
  std::size_t begin_;
  DocMode mode_;
  std::size_t window_;  // most predictions of a document
};

// Checks a text and makes documents of it, with the tokens of `vocabulary` or,
// if it is null, those of the text. Throws as Corpus::FromText does.
std::shared_ptr<const DocumentSource> ReadText(std::string text,
                                               const std::string& name,
                                               const CorpusOptions& options,
                                               const Tokenizer* vocabulary);

}  // namespace microgpt

#endif  // MICROGPT_DATA_TEXT_SOURCE_H_
