// The weights of a model.
#ifndef MICROGPT_MODEL_H_
#define MICROGPT_MODEL_H_

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "microgpt/config.h"
#include "microgpt/export.h"

namespace microgpt {

class Parameters;
class Random;

// Name and logical shape [rows, cols] of a weight tensor; a linear layer's is
// [out, in]. wte [V, C], wpe [block_size, C], lm_head [V, C], then per layer
// layer{i}.attn_wq, .attn_wk, .attn_wv, .attn_wo [C, C], .mlp_fc1 [4C, C],
// .mlp_fc2 [C, 4C].
struct TensorInfo {
  std::string name;
  std::size_t rows = 0;
  std::size_t cols = 0;
};

// The weights, and nothing else. Thread-compatible: const members may run
// concurrently. Movable, not copyable; what was moved from can be assigned to
// or destroyed only.
class MICROGPT_EXPORT Model {
 public:
  // All weights zero. REQUIRES: a validated config with vocab_size > 0.
  // Throws Error(kResources) if the weights do not fit into memory.
  explicit Model(const ModelConfig& config);
  ~Model();
  Model(Model&&) noexcept;
  Model& operator=(Model&&) noexcept;

  // As given.
  const ModelConfig& config() const;
  // Names and shapes of all weights, in the order of initialisation and of
  // checkpoints.
  std::vector<TensorInfo> tensors() const;

  // For the trainer: draws every weight from N(0, std^2) in tensor order;
  // attn_wo and mlp_fc2 are then set to zero (they still draw).
  void Initialize(Random& random, double std);

  // Copies a tensor, row-major [rows, cols]. Never allocates.
  // REQUIRES: a name of tensors(); values.size() == rows * cols.
  void GetTensor(std::string_view name, std::span<float> values) const;
  // Overwrites a tensor, likewise. Any float is taken; training and evaluation
  // notice those that are not finite.
  void SetTensor(std::string_view name, std::span<const float> values);

  // For the other parts of the library.
  Parameters& parameters() { return *parameters_; }
  const Parameters& parameters() const { return *parameters_; }

 private:
  std::unique_ptr<Parameters> parameters_;
};

}  // namespace microgpt

#endif  // MICROGPT_MODEL_H_
