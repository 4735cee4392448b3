// Turns the summed gradients of a batch into new weights, block by block.
#ifndef MICROGPT_TRAIN_OPTIMIZER_STEP_H_
#define MICROGPT_TRAIN_OPTIMIZER_STEP_H_

#include <cstddef>
#include <span>
#include <vector>

#include "model/parameters.h"
#include "optim/adam.h"
#include "train/document_pass.h"
#include "train/gradient_shards.h"

namespace microgpt {

// Rows [begin, end) of one tensor, contiguous in every arena.
struct UpdateBlock {
  std::size_t tensor = 0;
  std::size_t begin = 0;
  std::size_t end = 0;
};

// The blocks of a model. Each may be worked on by another thread. Cutting
// differently would change no bit but of the norm, whose squares are summed
// block by block.
class OptimizerStep {
 public:
  explicit OptimizerStep(const ParameterLayout& layout);

  std::size_t num_blocks() const { return blocks_.size(); }

  // Completes the gradient sum of a block in tree.root(0) and returns whether
  // it is finite. REQUIRES: tree.UniteRoots() has been called.
  bool SumBlock(std::size_t block, GradientTree& tree) const noexcept;

  // The same where the gradients of weight matrices are still products, one of
  // each pass; the tree's buffers hold those of embeddings.
  bool SumProducts(std::size_t block, std::span<const DocumentPass> passes,
                   GradientTree& tree) const noexcept;

  // The sum of squares of a block, in double: no finite gradients overflow it.
  double SumOfSquares(std::size_t block,
                      const GradientBuffer& gradients) const noexcept;
  void Scale(std::size_t block, float factor,
             GradientBuffer& gradients) const noexcept;

  // One Adam step of a block, then its transposed copy.
  // REQUIRES: `gradients` is the complete sum.
  void UpdateWeights(std::size_t block, const AdamScalars& scalars,
                     const GradientBuffer& gradients, Parameters& parameters,
                     Adam& adam) const noexcept;

  // The same straight from the document pass of a batch that is one shard:
  // gradients of weight matrices never reach memory. `gradients` holds those of
  // embeddings. REQUIRES: pass.GradientBound() says that all are finite.
  void UpdateDirectly(std::size_t block, const AdamScalars& scalars,
                      const DocumentPass& pass, const GradientBuffer& gradients,
                      Parameters& parameters, Adam& adam) const noexcept;

 private:
  std::size_t OffsetOf(const UpdateBlock& block) const;
  std::size_t SizeOf(const UpdateBlock& block) const;
  template <class Body>
  void ForEachRange(std::size_t block, const GradientBuffer& gradients,
                    Body body) const;

  const ParameterLayout& layout_;
  std::vector<UpdateBlock> blocks_;
};

}  // namespace microgpt

#endif  // MICROGPT_TRAIN_OPTIMIZER_STEP_H_
