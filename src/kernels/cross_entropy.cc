#include "kernels/cross_entropy.h"

#include "base/scalar_math.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cross_entropy.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "hwy/highway.h"
#include "kernels/simd-inl.h"

HWY_BEFORE_NAMESPACE();
namespace microgpt {
namespace HWY_NAMESPACE {

void SoftmaxCrossEntropyImpl(MatrixView logits, std::size_t vocab_size,
                             const std::int32_t* targets, double* losses) {
  for (std::size_t t = 0; t < logits.rows; ++t) {
    float* row = logits.Row(t);
    const auto target = static_cast<std::size_t>(targets[t]);
    const double chosen = row[target];
    const SoftmaxTerms terms = SoftmaxRow(row, vocab_size, 1.0f);
    losses[t] = Log(terms.sum) + (static_cast<double>(terms.max) - chosen);
    row[target] -= 1.0f;
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace microgpt
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace microgpt {

HWY_EXPORT(SoftmaxCrossEntropyImpl);

void SoftmaxCrossEntropy(MatrixView logits, std::size_t vocab_size,
                         const std::int32_t* targets, double* losses) noexcept {
  HWY_DYNAMIC_DISPATCH(SoftmaxCrossEntropyImpl)
  (logits, vocab_size, targets, losses);
}

}  // namespace microgpt
#endif  // HWY_ONCE
