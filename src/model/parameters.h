// All weights in one arena, and the copy that the forward pass reads.
#ifndef MICROGPT_MODEL_PARAMETERS_H_
#define MICROGPT_MODEL_PARAMETERS_H_

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/aligned_buffer.h"
#include "kernels/matrix.h"
#include "microgpt/config.h"

namespace microgpt {

// Views of one layer's tensors; rows are logical, cols padded. attn_wq, attn_wk
// and attn_wv lie one after the other and are used as one matrix.
struct LayerTensors {
  MatrixView attn_qkv;  // [3C, C]
  MatrixView attn_wo;   // [C, C]
  MatrixView mlp_fc1;   // [4C, C]
  MatrixView mlp_fc2;   // [C, 4C]
};

// Views of an arena of weights, gradients or moments.
struct ModelTensors {
  MatrixView wte;      // [V, C]
  MatrixView wpe;      // [block_size, C]
  MatrixView lm_head;  // [V, C]
  std::vector<LayerTensors> layers;
};

enum class TensorRole {
  kWte,
  kWpe,
  kLmHead,
  kAttnWq,
  kAttnWk,
  kAttnWv,
  kAttnWo,
  kMlpFc1,
  kMlpFc2,
};

// Where a tensor lies in an arena, and where its transpose lies in the
// transposed arena.
struct TensorSpec {
  std::string name;
  TensorRole role = TensorRole::kWte;
  std::size_t layer = 0;  // of those that belong to one
  std::size_t rows = 0;
  std::size_t cols = 0;
  std::size_t offset = 0;
  std::optional<std::size_t> transposed_offset;
  std::size_t transposed_stride = 0;

  std::size_t stride() const { return RowStride(cols); }
  std::size_t size() const { return rows * stride(); }

  // Copies row-major [rows, cols] into an arena, and back.
  void CopyIn(std::span<const float> values, float* arena) const;
  void CopyOut(const float* arena, std::span<float> values) const;
};

// How much of an arena there is: all, or its beginning with wte and wpe.
enum class ArenaPart { kAll, kEmbeddings };

// The order of tensors that weights, gradients and moments share.
// Thread-safe after construction.
class ParameterLayout {
 public:
  // Throws Error(kResources) if the size does not fit into 63 bits.
  explicit ParameterLayout(const ModelConfig& config);

  const ModelConfig& config() const { return config_; }
  const std::vector<TensorSpec>& tensors() const { return tensors_; }
  // Floats of an arena, padding included; a multiple of kVirtualLanes.
  std::size_t size(ArenaPart part = ArenaPart::kAll) const;
  std::size_t transposed_size() const { return transposed_size_; }

  // Views of what the part does not have stay empty.
  ModelTensors Bind(float* arena, ArenaPart part = ArenaPart::kAll) const;
  // Views [in, out] of the matrices that have a transpose; wte and wpe stay
  // empty. lm_head [C, V], attn_qkv [C, 3C], attn_wo [C, C], mlp_fc1 [C, 4C],
  // mlp_fc2 [4C, C].
  ModelTensors BindTransposed(float* arena) const;

 private:
  void Add(std::string name, TensorRole role, std::size_t layer,
           std::size_t rows, std::size_t cols);
  // Gives the last `count` tensors, which have the same cols, one common
  // transpose [cols, count * rows].
  void AddTranspose(std::size_t count);

  ModelConfig config_;
  std::vector<TensorSpec> tensors_;
  std::size_t size_ = 0;
  std::size_t transposed_size_ = 0;
};

// Weights and their transposes. Thread-compatible.
class Parameters {
 public:
  explicit Parameters(const ModelConfig& config);

  const ParameterLayout& layout() const { return layout_; }
  const ModelTensors& weights() const { return weights_; }
  const ModelTensors& transposed() const { return transposed_; }
  float* data() { return arena_.data(); }
  const float* data() const { return arena_.data(); }

  // REQUIRES: the name of a tensor.
  const TensorSpec& Find(std::string_view name) const;

  // Rows [begin, end) of a tensor, without padding, [end - begin, cols].
  MatrixView Rows(const TensorSpec& tensor, std::size_t begin, std::size_t end);
  // Their transposed copy [cols, end - begin].
  // REQUIRES: tensor.transposed_offset.
  MatrixView TransposedRows(const TensorSpec& tensor, std::size_t begin,
                            std::size_t end);

  // Must follow every change of rows [begin, end) of `tensor`. Calls for
  // disjoint rows may run concurrently.
  void RefreshTranspose(const TensorSpec& tensor, std::size_t begin,
                        std::size_t end);

 private:
  ParameterLayout layout_;
  AlignedBuffer<float> arena_;
  AlignedBuffer<float> transposed_arena_;
  ModelTensors weights_;
  ModelTensors transposed_;
};

}  // namespace microgpt

#endif  // MICROGPT_MODEL_PARAMETERS_H_
