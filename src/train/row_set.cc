#include "train/row_set.h"

#include <algorithm>
#include <bit>

#include "base/checked_math.h"

namespace microgpt {
namespace {

// A quarter MiB is cleared in a few microseconds.
constexpr std::size_t kSmallMatrix = std::size_t{64} << 10;

}  // namespace

RowSet::RowSet(std::size_t rows, std::size_t stride)
    : words_(rows * stride < kSmallMatrix ? 0 : CeilDiv(rows, 64)) {}

void RowSet::Clear() noexcept {
  std::fill(words_.begin(), words_.end(), std::uint64_t{0});
}

void RowSet::Add(const RowSet& other) noexcept {
  for (std::size_t i = 0; i < words_.size(); ++i) words_[i] |= other.words_[i];
}

std::size_t RowSet::Find(bool is_in, std::size_t first,
                         std::size_t last) const noexcept {
  if (always_full()) return is_in ? first : last;
  while (first < last) {
    const std::uint64_t word = is_in ? words_[first / 64] : ~words_[first / 64];
    const std::uint64_t rest = word >> first % 64;
    if (rest != 0) {
      return std::min(last,
                      first + static_cast<std::size_t>(std::countr_zero(rest)));
    }
    first = (first / 64 + 1) * 64;
  }
  return last;
}

}  // namespace microgpt
