#include "tests/kernels/test_matrix.h"

#include <algorithm>
#include <bit>
#include <cstdint>

namespace microgpt {
namespace {

constexpr std::uint32_t kGuardBits = 0x7FC0BEEF;

}  // namespace

TestMatrix::TestMatrix(std::size_t rows, std::size_t cols, std::size_t stride,
                       std::size_t begin, std::size_t owned)
    : rows_(rows),
      cols_(cols),
      stride_(stride),
      owned_(owned),
      memory_(stride * (rows + 2) + begin + 2 * kVirtualLanes),
      begin_(memory_.data() + stride + begin) {
  std::fill_n(memory_.data(), memory_.size(), std::bit_cast<float>(kGuardBits));
  for (std::size_t row = 0; row < rows; ++row) {
    std::fill_n(begin_ + row * stride, owned, 0.0f);
  }
}

void TestMatrix::Assign(const std::vector<float>& values) {
  for (std::size_t row = 0; row < rows_; ++row) {
    std::copy_n(values.data() + row * cols_, cols_, begin_ + row * stride_);
  }
}

void TestMatrix::FillRandom(TestRandom& random, float scale) {
  Assign(random.Floats(rows_ * cols_, scale));
}

testing::AssertionResult TestMatrix::GuardsIntact() const {
  const auto first = static_cast<std::size_t>(begin_ - memory_.data());
  for (std::size_t i = 0; i < memory_.size(); ++i) {
    const bool inside = i >= first && (i - first) / stride_ < rows_ &&
                        (i - first) % stride_ < owned_;
    const auto bits = std::bit_cast<std::uint32_t>(memory_.data()[i]);
    if (!inside && bits != kGuardBits) {
      return testing::AssertionFailure()
             << "wrote outside the matrix, " << i << " floats into a buffer "
             << "where it begins at " << first;
    }
  }
  return testing::AssertionSuccess();
}

std::vector<float> TestMatrix::Columns(std::size_t from, std::size_t to) const {
  std::vector<float> values;
  values.reserve(rows_ * (to - from));
  for (std::size_t row = 0; row < rows_; ++row) {
    const float* data = begin_ + row * stride_;
    values.insert(values.end(), data + from, data + to);
  }
  return values;
}

}  // namespace microgpt
