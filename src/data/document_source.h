// What a corpus reads its documents from.
#ifndef MICROGPT_DATA_DOCUMENT_SOURCE_H_
#define MICROGPT_DATA_DOCUMENT_SOURCE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

#include "base/function_ref.h"
#include "microgpt/corpus.h"
#include "microgpt/tokenizer.h"

namespace microgpt {

// Names every document by a number, its place. Thread-safe after construction.
class DocumentSource {
 public:
  explicit DocumentSource(Tokenizer tokenizer)
      : tokenizer_(std::move(tokenizer)) {}
  virtual ~DocumentSource() = default;
  DocumentSource(const DocumentSource&) = delete;
  DocumentSource& operator=(const DocumentSource&) = delete;

  const Tokenizer& tokenizer() const { return tokenizer_; }

  // No place is larger.
  virtual std::uint64_t largest_place() const = 0;
  // Calls visit(place) for every document, in the order of the file.
  virtual void ForEachPlace(
      FunctionRef<void(std::uint64_t place)> visit) const = 0;
  // Whether the document is not one that follows another of the same line or
  // stream.
  virtual bool BeginsSequence(std::uint64_t place) const = 0;

  // As Corpus::EncodeDocument and Corpus::Document.
  virtual std::size_t Encode(std::uint64_t place,
                             std::span<std::int32_t> tokens) const = 0;
  virtual std::string Document(std::uint64_t place) const = 0;
  // Predictions of the document.
  virtual std::uint64_t CountPredictions(std::uint64_t place) const = 0;

  virtual std::string Fingerprint() const = 0;
  virtual std::uint64_t memory_bytes() const = 0;

 private:
  Tokenizer tokenizer_;
};

}  // namespace microgpt

#endif  // MICROGPT_DATA_DOCUMENT_SOURCE_H_
