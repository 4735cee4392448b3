// The training text, one document per line.
#ifndef MICROGPT_CORPUS_H_
#define MICROGPT_CORPUS_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "microgpt/tokenizer.h"

namespace microgpt {

class Random;

// Holds the text once and the start of every document; documents are encoded
// on demand. Line ends (\n and \r\n) are removed, empty lines skipped, a UTF-8
// byte-order mark at the start removed, nothing else is stripped.
// Memory: the text plus 4 bytes per document (8 from 4 GiB of text upward).
// Thread-compatible: const members may run concurrently.
class Corpus {
 public:
  // Reads a regular file once. Throws Error(kInput) if the path is missing, a
  // directory, FIFO or device, holds no document or is not valid UTF-8 (with
  // line and byte offset); Error(kIo) if reading fails.
  static Corpus FromFile(const std::string& path);

  // The same with the tokens of another corpus. Throws Error(kInput), naming
  // line and code point, if there is one that `vocabulary` does not have.
  static Corpus FromFile(const std::string& path, const Tokenizer& vocabulary);

  // `name` stands for the text in error messages. Throw like FromFile.
  static Corpus FromText(std::string text, const std::string& name);
  static Corpus FromText(std::string text, const std::string& name,
                         const Tokenizer& vocabulary);

  // The given names that are part of the program.
  static Corpus BuiltIn();

  const Tokenizer& tokenizer() const { return tokenizer_; }
  std::size_t num_documents() const;
  // XXH3 (128 bits, hex) of the text, whatever the order of documents.
  std::string Fingerprint() const;
  // Bytes held in memory.
  std::uint64_t memory_bytes() const;

  // Writes BOS, the characters and BOS of document `index`, as far as they fit
  // into `tokens`, and returns how many were written. Never allocates.
  // REQUIRES: index < num_documents().
  std::size_t EncodeDocument(std::size_t index,
                             std::span<std::int32_t> tokens) const noexcept;

  // Characters of document `index` in UTF-8, without its line end.
  std::string_view Document(std::size_t index) const noexcept;

  // Fisher-Yates from the last document down (Knuth, TAOCP 3.4.2 P).
  void Shuffle(Random& random);

 private:
  Corpus(std::string text, std::size_t begin, Tokenizer tokenizer);
  std::size_t StartOf(std::size_t index) const noexcept;

  std::string text_;
  Tokenizer tokenizer_;
  // Offsets into text_, in training order; 32 bits wherever they suffice.
  std::variant<std::vector<std::uint32_t>, std::vector<std::uint64_t>> starts_;
};

// The text of the built-in corpus: given names, one per line.
std::string_view BuiltInCorpusText();

}  // namespace microgpt

#endif  // MICROGPT_CORPUS_H_
