#include "kernels/embedding.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/embedding.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "hwy/highway.h"
#include "kernels/simd-inl.h"

HWY_BEFORE_NAMESPACE();
namespace microgpt {
namespace HWY_NAMESPACE {

// to = a + b.
HWY_INLINE void AddRows(const float* a, const float* b, float* to,
                        std::size_t count) {
  const F32 d;
  const std::size_t n = hn::Lanes(d);
  for (std::size_t i = 0; i < count; i += n) {
    hn::StoreU(hn::Add(hn::LoadU(d, a + i), hn::LoadU(d, b + i)), d, to + i);
  }
}

void EmbeddingForwardImpl(const std::int32_t* tokens, ConstMatrixView wte,
                          ConstMatrixView wpe, MatrixView x) {
  for (std::size_t t = 0; t < x.rows; ++t) {
    const auto token = static_cast<std::size_t>(tokens[t]);
    AddRows(wte.Row(token), wpe.Row(t), x.Row(t), PaddedCols(x.cols));
  }
}

void EmbeddingBackwardImpl(const std::int32_t* tokens, ConstMatrixView dx,
                           MatrixView dwte, MatrixView dwpe) {
  const std::size_t cols = PaddedCols(dx.cols);
  for (std::size_t t = 0; t < dx.rows; ++t) {
    float* token_row = dwte.Row(static_cast<std::size_t>(tokens[t]));
    float* position_row = dwpe.Row(t);
    AddRows(token_row, dx.Row(t), token_row, cols);
    AddRows(position_row, dx.Row(t), position_row, cols);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace microgpt
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace microgpt {

HWY_EXPORT(EmbeddingForwardImpl);
HWY_EXPORT(EmbeddingBackwardImpl);

void EmbeddingForward(const std::int32_t* tokens, ConstMatrixView wte,
                      ConstMatrixView wpe, MatrixView x) noexcept {
  HWY_DYNAMIC_DISPATCH(EmbeddingForwardImpl)(tokens, wte, wpe, x);
}

void EmbeddingBackward(const std::int32_t* tokens, ConstMatrixView dx,
                       MatrixView dwte, MatrixView dwpe) noexcept {
  HWY_DYNAMIC_DISPATCH(EmbeddingBackwardImpl)(tokens, dx, dwte, dwpe);
}

}  // namespace microgpt
#endif  // HWY_ONCE
