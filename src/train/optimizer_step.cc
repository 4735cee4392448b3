#include "train/optimizer_step.h"

#include <algorithm>
#include <array>

#include "base/checked_math.h"
#include "kernels/gradient.h"

namespace microgpt {
namespace {

// Small enough to share among many threads, large enough to hide a task's cost.
constexpr std::size_t kBlockFloats = 8192;

}  // namespace

OptimizerStep::OptimizerStep(const ParameterLayout& layout) : layout_(layout) {
  for (std::size_t i = 0; i < layout.tensors().size(); ++i) {
    const TensorSpec& tensor = layout.tensors()[i];
    // Whole cache lines of the transposed copy.
    const std::size_t rows =
        RoundUp(CeilDiv(kBlockFloats, tensor.stride()), kVirtualLanes);
    for (std::size_t row = 0; row < tensor.rows; row += rows) {
      blocks_.push_back({i, row, std::min(row + rows, tensor.rows)});
    }
  }
}

std::size_t OptimizerStep::OffsetOf(const UpdateBlock& block) const {
  const TensorSpec& tensor = layout_.tensors()[block.tensor];
  return tensor.offset + block.begin * tensor.stride();
}

std::size_t OptimizerStep::SizeOf(const UpdateBlock& block) const {
  return (block.end - block.begin) * layout_.tensors()[block.tensor].stride();
}

// What of the arena may differ from zero.
template <class Body>
void OptimizerStep::ForEachRange(std::size_t block,
                                 const GradientBuffer& gradients,
                                 Body body) const {
  const UpdateBlock& part = blocks_[block];
  gradients.ForEachRange(layout_.tensors()[part.tensor], part.begin, part.end,
                         body);
}

bool OptimizerStep::SumBlock(std::size_t block,
                             GradientTree& tree) const noexcept {
  bool finite = true;
  ForEachRange(block, *tree.root(0), [&](std::size_t begin, std::size_t end) {
    finite = tree.SumRoots(begin, end) && finite;
  });
  return finite;
}

bool OptimizerStep::SumProducts(std::size_t block,
                                std::span<const DocumentPass> passes,
                                GradientTree& tree) const noexcept {
  const UpdateBlock& part = blocks_[block];
  const TensorSpec& tensor = layout_.tensors()[part.tensor];
  if (!tensor.transposed_offset) return SumBlock(block, tree);
  const std::size_t rows = part.end - part.begin;
  std::array<ProductGradient, kMaxTerms> terms;
  for (std::size_t i = 0; i < passes.size(); ++i) {
    terms[i] = passes[i].GradientOf(tensor);
    terms[i].dy = terms[i].dy.Cols(part.begin, rows);
  }
  return SumWeightGradients(std::span(terms).first(passes.size()),
                            {tree.root(0)->data() + OffsetOf(part), rows,
                             tensor.cols, tensor.stride()});
}

double OptimizerStep::SumOfSquares(
    std::size_t block, const GradientBuffer& gradients) const noexcept {
  LaneSums sums{};
  ForEachRange(block, gradients, [&](std::size_t begin, std::size_t end) {
    AddSquares(gradients.data() + begin, end - begin, sums);
  });
  return Fold(sums);
}

void OptimizerStep::Scale(std::size_t block, float factor,
                          GradientBuffer& gradients) const noexcept {
  ForEachRange(block, gradients, [&](std::size_t begin, std::size_t end) {
    microgpt::Scale(gradients.data() + begin, factor, end - begin);
  });
}

void OptimizerStep::UpdateWeights(std::size_t block, const AdamScalars& scalars,
                                  const GradientBuffer& gradients,
                                  Parameters& parameters,
                                  Adam& adam) const noexcept {
  const UpdateBlock& part = blocks_[block];
  adam.Update(scalars, parameters.data(), gradients.data(), OffsetOf(part),
              SizeOf(part));
  parameters.RefreshTranspose(layout_.tensors()[part.tensor], part.begin,
                              part.end);
}

void OptimizerStep::UpdateDirectly(std::size_t block,
                                   const AdamScalars& scalars,
                                   const DocumentPass& pass,
                                   const GradientBuffer& gradients,
                                   Parameters& parameters,
                                   Adam& adam) const noexcept {
  const UpdateBlock& part = blocks_[block];
  const TensorSpec& tensor = layout_.tensors()[part.tensor];
  if (!tensor.transposed_offset) {  // an embedding
    UpdateWeights(block, scalars, gradients, parameters, adam);
    return;
  }
  const ProductGradient gradient = pass.GradientOf(tensor);
  adam.UpdateFromProduct(
      scalars, parameters.Rows(tensor, part.begin, part.end),
      gradient.dy.Cols(part.begin, part.end - part.begin), gradient.x,
      parameters.TransposedRows(tensor, part.begin, part.end), OffsetOf(part));
}

}  // namespace microgpt
