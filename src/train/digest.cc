#include "train/digest.h"

#include "base/hash.h"

namespace microgpt {
namespace {

void AddArena(const ParameterLayout& layout, const float* arena,
              Hash128& hash) {
  for (const TensorSpec& tensor : layout.tensors()) {
    for (std::size_t row = 0; row < tensor.rows; ++row) {
      hash.Add(std::span(arena + tensor.offset + row * tensor.stride(),
                         tensor.cols));
    }
  }
}

}  // namespace

std::string StateDigest(const Parameters& parameters, const Adam& adam) {
  Hash128 hash;
  AddArena(parameters.layout(), parameters.data(), hash);
  AddArena(parameters.layout(), adam.first_moments(), hash);
  AddArena(parameters.layout(), adam.second_moments(), hash);
  return hash.Hex();
}

}  // namespace microgpt
