// The gradients of a shard.
#ifndef MICROGPT_TRAIN_GRADIENT_BUFFER_H_
#define MICROGPT_TRAIN_GRADIENT_BUFFER_H_

#include <cstddef>

#include "base/aligned_buffer.h"
#include "base/executor.h"
#include "model/activations.h"
#include "model/parameters.h"
#include "train/row_set.h"

namespace microgpt {

// One gradient arena with its views. Of large embeddings, only the rows that
// its documents use are ever touched; all others are zero. Thread-compatible.
class GradientBuffer {
 public:
  // All zero. Throws Error(kResources).
  explicit GradientBuffer(const ParameterLayout& layout,
                          ArenaPart part = ArenaPart::kAll);

  float* data() { return arena_.data(); }
  const float* data() const { return arena_.data(); }
  std::size_t size() const { return arena_.size(); }
  const ModelTensors& tensors() const { return tensors_; }
  ArenaPart part() const { return part_; }

  // Makes the gradients of embeddings zero, then for every pack takes note of
  // the rows that its backward pass will add to.
  void ClearEmbeddings() noexcept;
  void AddRowsOf(const DocumentPack& pack) noexcept;

  // *this += other, with the bits of adding whole arenas: sums that begin with
  // +0 are never -0. REQUIRES: both have all tensors.
  void Add(const GradientBuffer& other, Executor& executor);
  // Rows that are in use by `other` may be written here too.
  void AddRowsOf(const GradientBuffer& other) noexcept;

  // Calls body(begin, end) for ranges of the arena, in increasing order, that
  // make up rows [first, last) of `tensor` but for rows that are zero.
  template <class Body>
  void ForEachRange(const TensorSpec& tensor, std::size_t first,
                    std::size_t last, Body body) const {
    const auto range = [&](std::size_t begin, std::size_t end) {
      body(tensor.offset + begin * tensor.stride(),
           tensor.offset + end * tensor.stride());
    };
    if (tensor.role == TensorRole::kWte) {
      wte_rows_.ForEachRun(first, last, range);
    } else if (tensor.role == TensorRole::kWpe) {
      wpe_rows_.ForEachRun(first, last, range);
    } else {
      range(first, last);
    }
  }

 private:
  ArenaPart part_;
  AlignedBuffer<float> arena_;
  ModelTensors tensors_;
  RowSet wte_rows_;
  RowSet wpe_rows_;
};

}  // namespace microgpt

#endif  // MICROGPT_TRAIN_GRADIENT_BUFFER_H_
