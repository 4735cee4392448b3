// The parts of the reference model: plain loops over row-major doubles.
#ifndef MICROGPT_TESTS_MODEL_REFERENCE_OPS_H_
#define MICROGPT_TESTS_MODEL_REFERENCE_OPS_H_

#include <cstddef>
#include <vector>

namespace microgpt::reference {

using Vector = std::vector<double>;

void AddTo(Vector& sum, const Vector& term);

// y [T, out] = x [T, in] w [out, in]^T
Vector Linear(const Vector& x, const Vector& w, std::size_t in);

// Returns dx [T, in]; overwrites dw [out, in].
Vector LinearBackward(const Vector& dy, const Vector& x, const Vector& w,
                      std::size_t in, Vector& dw);

// x [T, width]
Vector RmsNorm(const Vector& x, std::size_t width);

// From the input x: dx = s dy - s^3 x sum(dy x) / width.
Vector RmsNormBackward(const Vector& dy, const Vector& x, std::size_t width);

void SoftmaxInPlace(double* values, std::size_t count);

struct HeadShape {
  std::size_t width;
  std::size_t n_head;

  std::size_t head_size() const { return width / n_head; }
};

// What attention reads and leaves for its backward pass.
struct Attention {
  Vector q, k, v;  // [T, C]
  Vector weights;  // [NH, T, T]
  Vector out;      // [T, C]
};

// Fills weights and out.
void Attend(Attention& attention, const HeadShape& shape);

struct AttentionGradients {
  Vector dq, dk, dv;  // [T, C]
};

AttentionGradients AttendBackward(const Vector& dout,
                                  const Attention& attention,
                                  const HeadShape& shape);

}  // namespace microgpt::reference

#endif  // MICROGPT_TESTS_MODEL_REFERENCE_OPS_H_
