// Everything one worker needs for the forward and backward pass of a pack.
#ifndef MICROGPT_MODEL_ACTIVATIONS_H_
#define MICROGPT_MODEL_ACTIVATIONS_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/aligned_buffer.h"
#include "kernels/matrix.h"
#include "microgpt/config.h"
#include "model/arena_plan.h"

namespace microgpt {

// Several documents stacked into one tall matrix, R rows in all: linear layers
// run over all rows at once, attention document by document.
struct DocumentPack {
  const std::int32_t* inputs = nullptr;   // [R]
  const std::int32_t* targets = nullptr;  // [R]
  std::span<const RowRange> documents;    // one after the other
  std::size_t rows = 0;                   // R
};

// What of a pack's activations stays until when.
enum class Keep {
  kForLosses,     // forward pass only: layers share all memory
  kForBackward,   // layers share the gradients: those of weights are computed
                  // before the backward pass goes on to the layer below
  kForGradients,  // every gradient of an activation stays: those of weights
                  // are computed when it is over
};

// What a worker must have room for.
struct PackShape {
  std::size_t documents = 0;
  std::size_t rows = 0;
  std::size_t logit_rows = 0;  // whose logits are in memory at once
  Keep keep = Keep::kForBackward;
  std::size_t workers = 1;  // threads that work on one pack together

  // Packs of so many documents of any length. Throws Error(kResources).
  static PackShape For(const ModelConfig& config, std::size_t documents,
                       Keep keep, std::size_t workers);
};

// What the forward pass of a layer leaves for its backward pass, and the
// gradients that the backward pass leaves for the weights.
struct LayerActivations {
  MatrixView attn_norm;               // [R, C] input of the attention products
  float* attn_scales = nullptr;       // [R] of that rmsnorm
  MatrixView qkv;                     // [R, 3C]
  float* packed_attention = nullptr;  // what short documents keep
  float* softmax_terms = nullptr;  // what long ones keep, document by document
  MatrixView heads;                // [R, C] attention output before attn_wo
  MatrixView mlp_norm;             // [R, C]
  float* mlp_scales = nullptr;     // [R]
  MatrixView hidden;               // [R, 4C] before the activation
  MatrixView activated;            // [R, 4C]

  MatrixView dqkv;     // [R, 3C]
  MatrixView dmiddle;  // [R, C] of the residual stream between the two halves
  MatrixView dhidden;  // [R, 4C]
  MatrixView doutput;  // [R, C] of the residual stream after the layer
};

// Private to one pack at a time.
class Activations {
 public:
  // Throws Error(kResources).
  Activations(const ModelConfig& config, const PackShape& shape);

  // Bytes that such an object holds. Allocates nothing.
  static std::uint64_t Bytes(const ModelConfig& config, const PackShape& shape);

  Keep keep() const { return keep_; }

  // Splits the documents of a pack by the attention kernel that takes them.
  void ChooseAttention(std::span<const RowRange> documents) noexcept;
  // For packed attention, longest first.
  std::span<const RowRange> short_documents() const { return short_; }
  std::span<const RowRange> long_documents() const { return long_; }
  // Scratch of either kernel. REQUIRES: 0 <= worker < shape.workers.
  float* AttentionScratch(int worker) const {
    return attention_scratch_ +
           static_cast<std::size_t>(worker) * scratch_stride_;
  }

  // [R, C] where the gradient of `residual` belongs when all layers are done.
  MatrixView dresidual() const {
    return layers.empty() ? dembedded : layers.back().doutput;
  }

  MatrixView embedded;            // [R, C] rmsnorm of the embeddings
  float* embed_scales = nullptr;  // [R]
  MatrixView residual;  // [R, C] the residual stream, updated in place
  MatrixView logits;    // [logit_rows, V], then their gradient
  std::vector<LayerActivations> layers;

  // Backward pass only.
  MatrixView dembedded;  // [R, C]
  MatrixView dnorm;      // [R, C]

 private:
  // Without memory.
  Activations(const ModelConfig& config, const PackShape& shape,
              std::size_t n_layer);
  void Plan(const ModelConfig& config, const PackShape& shape, ArenaPlan& plan);
  void PlanLayers(const ModelConfig& config, const PackShape& shape,
                  ArenaPlan& plan);

  Keep keep_ = Keep::kForBackward;
  std::size_t scratch_stride_ = 0;
  float* attention_scratch_ = nullptr;  // of one worker after the other
  std::vector<RowRange> short_;
  std::vector<RowRange> long_;
  AlignedBuffer<float> memory_;
};

}  // namespace microgpt

#endif  // MICROGPT_MODEL_ACTIVATIONS_H_
