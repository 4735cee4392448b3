#include "optim/adam.h"

#include <cmath>

#include "base/scalar_math.h"

namespace microgpt {

Adam::Adam(const AdamConfig& config, std::size_t size)
    : config_(config),
      first_(size, PageSlot::kThird),
      second_(size, PageSlot::kFourth) {}

AdamScalars Adam::Scalars(std::int64_t step, double learning_rate,
                          double gradient_scale) const {
  const auto count = static_cast<std::uint64_t>(step) + 1;
  const double bias1 = 1 - PowInt(config_.beta1, count);
  const double bias2 = 1 - PowInt(config_.beta2, count);
  AdamScalars scalars;
  // The square root of IEEE 754 is exact everywhere.
  const double root = std::sqrt(bias2);
  scalars.beta1 = static_cast<float>(config_.beta1);
  scalars.beta2 = static_cast<float>(config_.beta2);
  scalars.gradient_factor =
      static_cast<float>((1 - config_.beta1) * gradient_scale);
  scalars.square_factor = static_cast<float>((1 - config_.beta2) *
                                             (gradient_scale * gradient_scale));
  scalars.step_size = static_cast<float>(learning_rate * root / bias1);
  scalars.eps = static_cast<float>(config_.eps * root);
  scalars.decay = static_cast<float>(1 - learning_rate * config_.weight_decay);
  return scalars;
}

void Adam::Update(const AdamScalars& scalars, float* weights,
                  const float* gradients, std::size_t offset,
                  std::size_t count) noexcept {
  AdamUpdate(scalars, weights + offset, first_.data() + offset,
             second_.data() + offset, gradients + offset, count);
}

void Adam::UpdateFromProduct(const AdamScalars& scalars, MatrixView weights,
                             ConstMatrixView dy, ConstMatrixView x,
                             MatrixView transposed,
                             std::size_t offset) noexcept {
  AdamUpdateFromProduct(scalars, dy, x, weights, first_.data() + offset,
                        second_.data() + offset, transposed);
}

}  // namespace microgpt
