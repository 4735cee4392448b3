// The model of DESIGN.md section 2 in plain double loops, with a hand-written
// backward pass. Shares nothing with src/ but the struct of its dimensions.
#ifndef MICROGPT_TESTS_MODEL_REFERENCE_MODEL_H_
#define MICROGPT_TESTS_MODEL_REFERENCE_MODEL_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "microgpt/config.h"

namespace microgpt {

// By name, row-major [out, in].
using Tensors = std::map<std::string, std::vector<double>>;

struct TensorShape {
  std::string name;
  std::size_t rows;
  std::size_t cols;
};

// In the order of initialisation.
std::vector<TensorShape> TensorShapes(const ModelConfig& config);

struct Document {
  std::vector<std::int32_t> inputs;   // [T]
  std::vector<std::int32_t> targets;  // [T]
};

struct ReferenceResult {
  std::vector<double> logits;  // [T, V]
  std::vector<double> losses;  // [T] in nats
  std::vector<bool> active;    // [L, T, 4C] where the non-linearity is on
  Tensors gradients;           // of the sum of losses

  double LossSum() const;
};

// Leaves gradients empty.
ReferenceResult ReferenceForward(const ModelConfig& config,
                                 const Tensors& weights,
                                 const Document& document);

ReferenceResult ReferenceForwardBackward(const ModelConfig& config,
                                         const Tensors& weights,
                                         const Document& document);

}  // namespace microgpt

#endif  // MICROGPT_TESTS_MODEL_REFERENCE_MODEL_H_
