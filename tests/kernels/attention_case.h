// One attention problem with random inputs, run through the kernels and through
// scalar double references.
#ifndef MICROGPT_TESTS_KERNELS_ATTENTION_CASE_H_
#define MICROGPT_TESTS_KERNELS_ATTENTION_CASE_H_

#include <cstddef>
#include <vector>

#include "kernels/attention.h"
#include "tests/kernels/compare.h"
#include "tests/kernels/test_matrix.h"

namespace microgpt {

struct AttentionShape {
  std::size_t positions;  // T
  std::size_t n_head;
  std::size_t head_size;

  std::size_t width() const { return n_head * head_size; }  // C
};

// What the forward kernel wrote.
struct AttentionForwardResult {
  TestMatrix saved;  // [AttentionSavedFloats(T, NH)]
  TestMatrix out;    // [T, C]
};

// Inputs and outputs lie misaligned inside larger buffers of NaNs, and scratch,
// saved and outputs are NaN before the call: nothing that was not written may
// be read. Methods check that guards are intact.
class AttentionCase {
 public:
  AttentionCase(const AttentionShape& shape, TestRandom& random);

  const AttentionShape& shape() const { return shape_; }
  const TestMatrix& qkv() const { return qkv_; }
  const TestMatrix& dout() const { return dout_; }

  HeadRange AllHeads() const { return {0, shape_.n_head}; }

  // Elements of other heads stay NaN.
  AttentionForwardResult Forward(HeadRange heads) const;
  AttentionForwardResult Forward() const { return Forward(AllHeads()); }
  // dqkv [T, 3C]
  TestMatrix Backward(const TestMatrix& saved, HeadRange heads) const;
  TestMatrix Backward(const TestMatrix& saved) const {
    return Backward(saved, AllHeads());
  }

  std::vector<Bounded> ReferenceOut() const;   // [T, C]
  std::vector<Bounded> ReferenceDqkv() const;  // [T, 3C]

 private:
  // Columns q, k, v of position t of head h.
  double Q(std::size_t h, std::size_t t, std::size_t i) const;
  double K(std::size_t h, std::size_t t, std::size_t i) const;
  double V(std::size_t h, std::size_t t, std::size_t i) const;
  double Dout(std::size_t h, std::size_t t, std::size_t i) const;
  double Scale() const;

  // Softmax of row t of head h.
  std::vector<Bounded> ReferenceRow(std::size_t h, std::size_t t) const;
  // Gradient of the scores of row t of head h, which has this softmax.
  std::vector<Bounded> ReferenceScoreGradient(
      std::size_t h, std::size_t t, const std::vector<Bounded>& att) const;

  AttentionShape shape_;
  TestMatrix qkv_;   // [T, 3C]
  TestMatrix dout_;  // [T, C]
};

}  // namespace microgpt

#endif  // MICROGPT_TESTS_KERNELS_ATTENTION_CASE_H_
