// Documents of a file of token ids, which stays on the disk.
#ifndef MICROGPT_DATA_TOKEN_FILE_H_
#define MICROGPT_DATA_TOKEN_FILE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "base/file.h"
#include "data/document_source.h"

namespace microgpt {

// Where the ids of a file are.
struct TokenLayout {
  std::uint64_t begin = 0;   // offset of the first one, bytes
  std::uint64_t count = 0;   // ids
  std::size_t id_bytes = 2;  // little-endian, 2 or 4
};

// Files of llm.c begin with 256 int32: a magic number, its version and the
// number of ids: 20240520, version 1, 16-bit ids, or 20240801, version 7,
// 32-bit ids. All others are taken for 16-bit ids from the first byte on, as
// nanoGPT writes them. Throws Error(kInput) if the header is cut off, of
// another version, or wrong about the size of the file, for an odd number of
// bytes and fewer than two ids; Error(kIo).
TokenLayout ReadTokenLayout(const InputFile& file);

// The place of a document is the number of its window.
class TokenFile final : public DocumentSource {
 public:
  // Reads the file once. Throws as Corpus::FromFile does.
  // REQUIRES: a tokenizer of ids.
  TokenFile(const std::string& path, const Tokenizer& tokenizer,
            int block_size);

  std::uint64_t largest_place() const override { return num_windows_ - 1; }
  void ForEachPlace(
      FunctionRef<void(std::uint64_t place)> visit) const override;
  bool BeginsSequence(std::uint64_t place) const override { return place == 0; }
  std::size_t Encode(std::uint64_t place,
                     std::span<std::int32_t> tokens) const override;
  std::string Document(std::uint64_t place) const override;
  std::uint64_t CountPredictions(std::uint64_t place) const override;
  std::string Fingerprint() const override { return fingerprint_; }
  std::uint64_t memory_bytes() const override { return 0; }

 private:
  std::string Check() const;
  void Decode(std::span<const char> bytes, std::uint64_t first,
              std::span<std::int32_t> ids) const;

  InputFile file_;
  TokenLayout layout_;
  std::uint64_t window_;  // predictions
  std::uint64_t num_windows_;
  std::string fingerprint_;
};

}  // namespace microgpt

#endif  // MICROGPT_DATA_TOKEN_FILE_H_
