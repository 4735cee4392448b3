#include "tests/model/reference_ops.h"

#include <algorithm>
#include <cmath>

namespace microgpt::reference {
namespace {

double NormScale(const double* x, std::size_t width) {
  double squares = 0;
  for (std::size_t i = 0; i < width; ++i) squares += x[i] * x[i];
  return 1 / std::sqrt(squares / static_cast<double>(width) + 1e-5);
}

double HeadDot(const Vector& a, std::size_t a_row, const Vector& b,
               std::size_t b_row, std::size_t head, const HeadShape& shape) {
  double dot = 0;
  for (std::size_t i = 0; i < shape.head_size(); ++i) {
    const std::size_t column = head * shape.head_size() + i;
    dot += a[a_row * shape.width + column] * b[b_row * shape.width + column];
  }
  return dot;
}

// to[to_row] += factor * from[from_row] over the columns of `head`.
void HeadAdd(Vector& to, std::size_t to_row, double factor, const Vector& from,
             std::size_t from_row, std::size_t head, const HeadShape& shape) {
  for (std::size_t i = 0; i < shape.head_size(); ++i) {
    const std::size_t column = head * shape.head_size() + i;
    to[to_row * shape.width + column] +=
        factor * from[from_row * shape.width + column];
  }
}

}  // namespace

void AddTo(Vector& sum, const Vector& term) {
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += term[i];
}

Vector Linear(const Vector& x, const Vector& w, std::size_t in) {
  const std::size_t rows = x.size() / in;
  const std::size_t out = w.size() / in;
  Vector y(rows * out, 0.0);
  for (std::size_t t = 0; t < rows; ++t) {
    for (std::size_t o = 0; o < out; ++o) {
      for (std::size_t i = 0; i < in; ++i) {
        y[t * out + o] += x[t * in + i] * w[o * in + i];
      }
    }
  }
  return y;
}

Vector LinearBackward(const Vector& dy, const Vector& x, const Vector& w,
                      std::size_t in, Vector& dw) {
  const std::size_t rows = x.size() / in;
  const std::size_t out = w.size() / in;
  dw.assign(w.size(), 0.0);
  Vector dx(x.size(), 0.0);
  for (std::size_t t = 0; t < rows; ++t) {
    for (std::size_t o = 0; o < out; ++o) {
      const double grad = dy[t * out + o];
      for (std::size_t i = 0; i < in; ++i) {
        dw[o * in + i] += grad * x[t * in + i];
        dx[t * in + i] += grad * w[o * in + i];
      }
    }
  }
  return dx;
}

Vector RmsNorm(const Vector& x, std::size_t width) {
  Vector y = x;
  for (std::size_t row = 0; row < x.size(); row += width) {
    const double scale = NormScale(&x[row], width);
    for (std::size_t i = 0; i < width; ++i) y[row + i] *= scale;
  }
  return y;
}

Vector RmsNormBackward(const Vector& dy, const Vector& x, std::size_t width) {
  Vector dx(x.size());
  for (std::size_t row = 0; row < x.size(); row += width) {
    const double scale = NormScale(&x[row], width);
    double dot = 0;
    for (std::size_t i = 0; i < width; ++i) dot += dy[row + i] * x[row + i];
    const double pull =
        scale * scale * scale * dot / static_cast<double>(width);
    for (std::size_t i = 0; i < width; ++i) {
      dx[row + i] = scale * dy[row + i] - pull * x[row + i];
    }
  }
  return dx;
}

void SoftmaxInPlace(double* values, std::size_t count) {
  const double max = *std::max_element(values, values + count);
  double sum = 0;
  for (std::size_t i = 0; i < count; ++i) {
    values[i] = std::exp(values[i] - max);
    sum += values[i];
  }
  for (std::size_t i = 0; i < count; ++i) values[i] /= sum;
}

void Attend(Attention& attention, const HeadShape& shape) {
  const std::size_t rows = attention.q.size() / shape.width;
  const double root = std::sqrt(static_cast<double>(shape.head_size()));
  attention.weights.assign(shape.n_head * rows * rows, 0.0);
  attention.out.assign(rows * shape.width, 0.0);
  for (std::size_t h = 0; h < shape.n_head; ++h) {
    for (std::size_t t = 0; t < rows; ++t) {
      double* row = &attention.weights[(h * rows + t) * rows];
      for (std::size_t s = 0; s <= t; ++s) {
        row[s] = HeadDot(attention.q, t, attention.k, s, h, shape) / root;
      }
      SoftmaxInPlace(row, t + 1);
      for (std::size_t s = 0; s <= t; ++s) {
        HeadAdd(attention.out, t, row[s], attention.v, s, h, shape);
      }
    }
  }
}

AttentionGradients AttendBackward(const Vector& dout,
                                  const Attention& attention,
                                  const HeadShape& shape) {
  const std::size_t rows = dout.size() / shape.width;
  const double root = std::sqrt(static_cast<double>(shape.head_size()));
  const Vector zeros(dout.size(), 0.0);
  AttentionGradients out{zeros, zeros, zeros};
  Vector dweights(rows);
  for (std::size_t h = 0; h < shape.n_head; ++h) {
    for (std::size_t t = 0; t < rows; ++t) {
      const double* row = &attention.weights[(h * rows + t) * rows];
      double mean = 0;
      for (std::size_t s = 0; s <= t; ++s) {
        dweights[s] = HeadDot(dout, t, attention.v, s, h, shape);
        mean += row[s] * dweights[s];
        HeadAdd(out.dv, s, row[s], dout, t, h, shape);
      }
      for (std::size_t s = 0; s <= t; ++s) {
        const double dscore = row[s] * (dweights[s] - mean) / root;
        HeadAdd(out.dq, t, dscore, attention.k, s, h, shape);
        HeadAdd(out.dk, s, dscore, attention.q, t, h, shape);
      }
    }
  }
  return out;
}

}  // namespace microgpt::reference
