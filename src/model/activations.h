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

// Private to one worker. Memory grows with max_rows and max_documents only.
class Activations {
 public:
  // For packs of at most max_documents documents and max_rows rows in all.
  // Throws Error(kResources).
  Activations(const ModelConfig& config, std::size_t max_documents,
              std::size_t max_rows);

  // Bytes that such an object holds. Allocates nothing.
  static std::uint64_t Bytes(const ModelConfig& config,
                             std::size_t max_documents, std::size_t max_rows);

  // Splits the documents of a pack by the attention kernel that takes them.
  void ChooseAttention(std::span<const RowRange> documents) noexcept;
  // For packed attention, longest first.
  std::span<const RowRange> short_documents() const { return short_; }
  std::span<const RowRange> long_documents() const { return long_; }

  MatrixView embedded;            // [R, C] rmsnorm of the embeddings
  float* embed_scales = nullptr;  // [R]
  MatrixView residual;  // [R, C] the residual stream, updated in place
  MatrixView logits;    // [R, V], then their gradient
  std::vector<LayerActivations> layers;

  // Backward pass only.
  MatrixView dembedded;  // [R, C]
  MatrixView dnorm;      // [R, C]
  float* attention_scratch = nullptr;

 private:
  Activations() = default;
  void Plan(const ModelConfig& config, std::size_t max_documents,
            std::size_t max_rows, ArenaPlan& plan);

  std::vector<RowRange> short_;
  std::vector<RowRange> long_;
  AlignedBuffer<float> memory_;
};

}  // namespace microgpt

#endif  // MICROGPT_MODEL_ACTIVATIONS_H_
