#include "kernels/cross_entropy.h"

#include <algorithm>
#include <limits>

#include "base/scalar_math.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cross_entropy.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "hwy/highway.h"
#include "kernels/softmax-inl.h"

HWY_BEFORE_NAMESPACE();
namespace microgpt {
namespace HWY_NAMESPACE {

using F64 = hn::CappedTag<double, kVirtualLanes>;
using VF64 = hn::Vec<F64>;

// The natural logarithm of Log (base/scalar_math.h), bit for bit, of normal
// numbers >= 1; infinity and NaN pass.
HWY_INLINE VF64 LogFromOne(VF64 x) {
  const F64 d;
  const hn::RebindToUnsigned<F64> di;
  const auto bits = hn::BitCast(di, x);
  const VF64 one = hn::Set(d, 1.0);
  const auto mantissa = hn::And(bits, hn::Set(di, 0xFFFFFFFFFFFFF));
  VF64 m = hn::Or(hn::BitCast(d, mantissa), one);
  const auto large = hn::Gt(m, hn::Set(d, kSqrt2));
  m = hn::IfThenElse(large, hn::Mul(m, hn::Set(d, 0.5)), m);
  // The exponent as a double: 2^52 + e in the low bits of a double, less 2^52.
  const VF64 two52 = hn::Set(d, 0x1p52);
  const auto biased = hn::ShiftRight<52>(bits);
  VF64 exponent =
      hn::Sub(hn::BitCast(d, hn::Or(biased, hn::BitCast(di, two52))), two52);
  exponent = hn::Sub(exponent, hn::Set(d, 1023.0));
  exponent = hn::IfThenElse(large, hn::Add(exponent, one), exponent);
  const VF64 s = hn::Div(hn::Sub(m, one), hn::Add(m, one));
  const VF64 s2 = hn::Mul(s, s);
  VF64 sum = hn::Zero(d);
  for (int n = kLogLastTerm; n >= 3; n -= 2) {
    sum = hn::Mul(hn::Add(sum, hn::Set(d, 1.0 / n)), s2);
  }
  const VF64 twice = hn::Add(s, s);
  const VF64 log_m = hn::Add(twice, hn::Mul(twice, sum));
  const VF64 low = hn::Add(hn::Mul(exponent, hn::Set(d, kLn2Low)), log_m);
  const VF64 log = hn::Add(hn::Mul(exponent, hn::Set(d, kLn2High)), low);
  const VF64 largest = hn::Set(d, std::numeric_limits<double>::max());
  return hn::IfThenElse(hn::Le(x, largest), log, x);
}

// Rows are taken in chunks, so that their logarithms are computed together.
inline constexpr std::size_t kChunk = 16;

void SoftmaxCrossEntropyImpl(MatrixView logits, std::size_t vocab_size,
                             const std::int32_t* targets, double* losses) {
  const F64 d;
  const std::size_t n = hn::Lanes(d);
  HWY_ALIGN double sums[kChunk];
  HWY_ALIGN double logs[kChunk];
  std::fill_n(sums, kChunk, 1.0);
  for (std::size_t begin = 0; begin < logits.rows; begin += kChunk) {
    const std::size_t count = std::min(kChunk, logits.rows - begin);
    for (std::size_t i = 0; i < count; ++i) {
      float* row = logits.Row(begin + i);
      const auto target = static_cast<std::size_t>(targets[begin + i]);
      const double chosen = row[target];
      const SoftmaxTerms terms =
          SoftmaxRow(row, vocab_size, 1.0f, kLeastExponent);
      sums[i] = static_cast<double>(terms.sum);
      losses[begin + i] = static_cast<double>(terms.max) - chosen;
    }
    for (std::size_t i = 0; i < count; i += n) {
      hn::Store(LogFromOne(hn::Load(d, sums + i)), d, logs + i);
    }
    for (std::size_t i = 0; i < count; ++i) {
      logits.Row(begin + i)[targets[begin + i]] -= 1.0f;
      losses[begin + i] = logs[i] + losses[begin + i];
    }
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
