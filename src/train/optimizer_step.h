// Turns the summed gradients of a batch into new weights, block by block.
#ifndef MICROGPT_TRAIN_OPTIMIZER_STEP_H_
#define MICROGPT_TRAIN_OPTIMIZER_STEP_H_

#include <cstddef>
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

// The blocks of a model. Each may be worked on by another thread; cutting
// differently would not change a bit.
class OptimizerStep {
 public:
  explicit OptimizerStep(const ParameterLayout& layout);

  std::size_t num_blocks() const { return blocks_.size(); }

  // Completes the gradient sum of a block in tree.root(0) and returns whether
  // it is finite.
  bool SumBlock(std::size_t block, GradientTree& tree) const noexcept;

  // One Adam step of a block, then its transposed copy.
  // REQUIRES: `gradients` is the complete sum.
  void UpdateWeights(std::size_t block, const AdamScalars& scalars,
                     const float* gradients, Parameters& parameters,
                     Adam& adam) const noexcept;

  // The same straight from the document pass of a batch that is one shard:
  // gradients of weight matrices never reach memory. `gradients` holds those of
  // embeddings. REQUIRES: pass.GradientBound() says that all are finite.
  void UpdateDirectly(std::size_t block, const AdamScalars& scalars,
                      const DocumentPass& pass, const float* gradients,
                      Parameters& parameters, Adam& adam) const noexcept;

 private:
  std::size_t OffsetOf(const UpdateBlock& block) const;
  std::size_t SizeOf(const UpdateBlock& block) const;

  const ParameterLayout& layout_;
  std::vector<UpdateBlock> blocks_;
};

}  // namespace microgpt

#endif  // MICROGPT_TRAIN_OPTIMIZER_STEP_H_
