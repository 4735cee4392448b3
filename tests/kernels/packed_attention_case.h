// Several short documents in one matrix, run through packed attention, and what
// attention makes of each of them alone.
#ifndef MICROGPT_TESTS_KERNELS_PACKED_ATTENTION_CASE_H_
#define MICROGPT_TESTS_KERNELS_PACKED_ATTENTION_CASE_H_

#include <cstddef>
#include <vector>

#include "kernels/matrix.h"
#include "tests/kernels/attention_case.h"
#include "tests/kernels/compare.h"
#include "tests/kernels/test_matrix.h"

namespace microgpt {

struct PackedAttentionShape {
  std::size_t n_head;
  std::size_t head_size;
  std::vector<std::size_t>
      lengths;  // of the documents, as they are handed over
};

// In which order documents lie in the matrix, compared to the order in which
// they are handed over.
enum class Placement { kSame, kReversed };

// What the kernels wrote for every document, one after the other.
struct PackedAttentionResult {
  std::vector<float> out;   // [sum of T, C]
  std::vector<float> dqkv;  // [sum of T, 3C]
};

// Everything lies misaligned inside NaNs, and the rows before and after a
// document are NaN too. Outputs, scratch and saved are NaN before the calls and
// exactly as large as they must be.
class PackedAttentionCase {
 public:
  PackedAttentionCase(const PackedAttentionShape& shape, Placement placement,
                      TestRandom& random);

  // Forward, then backward; checks that nothing else was written.
  PackedAttentionResult Run() const;

  // AttentionForward and AttentionBackward of each document, -0 turned into +0.
  PackedAttentionResult Alone() const;

  // Double references.
  std::vector<Bounded> ReferenceOut() const;   // [sum of T, C]
  std::vector<Bounded> ReferenceDqkv() const;  // [sum of T, 3C]

  // Makes all inputs of one document NaN.
  void Spoil(std::size_t document);
  // Elements [begin, end) of `out` that belong to a document.
  RowRange OutRange(std::size_t document) const;

 private:
  std::size_t width() const { return shape_.n_head * shape_.head_size; }
  std::vector<float> Gather(const TestMatrix& matrix) const;
  // The rows that belong to no document are as they were: NaN.
  void ExpectGapsAreNan(const TestMatrix& matrix) const;

  PackedAttentionShape shape_;
  std::vector<AttentionCase> documents_;
  std::vector<RowRange> rows_;
  std::size_t longest_ = 0;
  std::size_t num_rows_ = 0;  // with those that belong to no document
  TestMatrix qkv_;            // [num_rows, 3C]
  TestMatrix dout_;           // [num_rows, C]
};

}  // namespace microgpt

#endif  // MICROGPT_TESTS_KERNELS_PACKED_ATTENTION_CASE_H_
