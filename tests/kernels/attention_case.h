// One attention problem with random inputs, run through the kernels and through
// scalar double references.
#ifndef MICROGPT_TESTS_KERNELS_ATTENTION_CASE_H_
#define MICROGPT_TESTS_KERNELS_ATTENTION_CASE_H_

#include <cstddef>
#include <vector>

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
  TestMatrix probabilities;  // [NH * T, PaddedCols(T)]
  TestMatrix out;            // [T, C]
};

struct AttentionForwardReference {
  std::vector<Bounded> probabilities;  // [NH, T, T]
  std::vector<Bounded> out;            // [T, C]
};

// Inputs and outputs lie misaligned inside larger buffers of NaNs, and scratch
// and probabilities are NaN before the call: nothing that was not written may
// be read. Methods check that guards are intact.
class AttentionCase {
 public:
  AttentionCase(const AttentionShape& shape, TestRandom& random);

  const AttentionShape& shape() const { return shape_; }
  const TestMatrix& qkv() const { return qkv_; }
  const TestMatrix& dout() const { return dout_; }

  AttentionForwardResult Forward() const;
  // dqkv [T, 3C]
  TestMatrix Backward(const TestMatrix& probabilities) const;

  AttentionForwardReference ReferenceForward() const;
  // dqkv [T, 3C] for the probabilities that the forward kernel wrote.
  std::vector<Bounded> ReferenceBackward(const TestMatrix& probabilities) const;

  // [NH, T, T] of [NH * T, PaddedCols(T)]; zero above the diagonal, whatever
  // stands there.
  std::vector<float> LowerTriangles(const TestMatrix& probabilities) const;

 private:
  // Columns q, k, v of position t of head h.
  double Q(std::size_t h, std::size_t t, std::size_t i) const;
  double K(std::size_t h, std::size_t t, std::size_t i) const;
  double V(std::size_t h, std::size_t t, std::size_t i) const;
  double Dout(std::size_t h, std::size_t t, std::size_t i) const;
  double Scale() const;

  // Softmax of row t of head h.
  std::vector<Bounded> ReferenceRow(std::size_t h, std::size_t t) const;
  // Gradient of the scores of row t of head h.
  std::vector<Bounded> ReferenceScoreGradient(std::size_t h, std::size_t t,
                                              const TestMatrix& att) const;

  AttentionShape shape_;
  TestMatrix qkv_;   // [T, 3C]
  TestMatrix dout_;  // [T, C]
};

}  // namespace microgpt

#endif  // MICROGPT_TESTS_KERNELS_ATTENTION_CASE_H_
