// Rows of an embedding whose gradient may differ from zero.
#ifndef MICROGPT_TRAIN_ROW_SET_H_
#define MICROGPT_TRAIN_ROW_SET_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace microgpt {

// A set of rows [0, rows). Sets of small matrices are always full: to look for
// the rows that were used would cost more than to use all. Allocates in the
// constructor only. Thread-compatible.
class RowSet {
 public:
  // Of a matrix [rows, stride].
  RowSet(std::size_t rows, std::size_t stride);

  bool always_full() const { return words_.empty(); }
  void Clear() noexcept;
  void Add(std::size_t row) noexcept {
    if (!always_full()) words_[row / 64] |= std::uint64_t{1} << row % 64;
  }
  // Adds the rows of another set of the same matrix.
  void Add(const RowSet& other) noexcept;

  // Calls body(begin, end) for every run of rows of the set within [first,
  // last), in increasing order.
  template <class Body>
  void ForEachRun(std::size_t first, std::size_t last, Body body) const {
    for (std::size_t begin = Find(true, first, last); begin < last;) {
      const std::size_t end = Find(false, begin, last);
      body(begin, end);
      begin = Find(true, end, last);
    }
  }

 private:
  // The first row of [first, last) that is in the set, or is not; else last.
  std::size_t Find(bool is_in, std::size_t first,
                   std::size_t last) const noexcept;

  std::vector<std::uint64_t> words_;  // one bit per row; empty: always full
};

}  // namespace microgpt

#endif  // MICROGPT_TRAIN_ROW_SET_H_
