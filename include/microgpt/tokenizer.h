// Maps text to token ids and back: one token per Unicode code point, or the
// numbers themselves.
#ifndef MICROGPT_TOKENIZER_H_
#define MICROGPT_TOKENIZER_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "microgpt/export.h"

namespace microgpt {

// Id 0 is BOS, which begins and ends every document; the code points follow in
// ascending order. A tokenizer of ids knows only how many there are, BOS is not
// among them, and its texts are numbers with blanks between them. Thread-safe
// after construction.
class MICROGPT_EXPORT Tokenizer {
 public:
  // Beginning and end of a document.
  static constexpr std::int32_t kBos = 0;

  // REQUIRES: code_points strictly ascending, all below 0x110000.
  explicit Tokenizer(std::vector<char32_t> code_points);

  // For ids 0 to vocab_size - 1. REQUIRES: vocab_size > 0.
  static Tokenizer ForIds(int vocab_size);
  // Whether it is one of ids.
  bool is_ids() const { return num_ids_ > 0; }

  // V: the code points and BOS, or the ids.
  int vocab_size() const {
    return is_ids() ? num_ids_ : static_cast<int>(code_points_.size()) + 1;
  }

  // Of ids 1 upward; none if it is one of ids.
  const std::vector<char32_t>& code_points() const { return code_points_; }

  // Id of a code point, or -1 if it is not in the vocabulary.
  std::int32_t IdOf(char32_t code_point) const {
    const std::size_t page = code_point >> 8;
    if (page >= page_of_.size() || page_of_[page] < 0) return -1;
    return ids_[(static_cast<std::size_t>(page_of_[page]) << 8) |
                (code_point & 0xFF)];
  }

  // Ids of a UTF-8 text, without BOS, or the numbers in it.
  // Throws Error(kInput) for invalid UTF-8, or a code point or number outside
  // the vocabulary, naming it.
  std::vector<std::int32_t> Encode(std::string_view text) const;

  // UTF-8 text of ids; BOS gives nothing. REQUIRES: 0 <= id < vocab_size().
  std::string Decode(std::span<const std::int32_t> ids) const;

  // Whether both give every text the same ids.
  bool operator==(const Tokenizer&) const = default;

 private:
  int num_ids_ = 0;                    // of a tokenizer of ids, else 0
  std::vector<char32_t> code_points_;  // id - 1 -> code point
  std::vector<std::int32_t> page_of_;  // code point / 256 -> page or -1
  std::vector<std::int32_t> ids_;      // [pages, 256] -> id or -1
};

}  // namespace microgpt

#endif  // MICROGPT_TOKENIZER_H_
