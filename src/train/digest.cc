#include "train/digest.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <bit>
#include <memory>
#include <new>

namespace microgpt {
namespace {

static_assert(std::endian::native == std::endian::little);

struct FreeState {
  void operator()(XXH3_state_t* state) const { XXH3_freeState(state); }
};

void AddArena(const ParameterLayout& layout, const float* arena,
              XXH3_state_t* state) {
  for (const TensorSpec& tensor : layout.tensors()) {
    for (std::size_t row = 0; row < tensor.rows; ++row) {
      XXH3_128bits_update(state, arena + tensor.offset + row * tensor.stride(),
                          tensor.cols * sizeof(float));
    }
  }
}

}  // namespace

std::string StateDigest(const Parameters& parameters, const Adam& adam) {
  const std::unique_ptr<XXH3_state_t, FreeState> state(XXH3_createState());
  if (state == nullptr) throw std::bad_alloc();
  XXH3_128bits_reset(state.get());
  AddArena(parameters.layout(), parameters.data(), state.get());
  AddArena(parameters.layout(), adam.first_moments(), state.get());
  AddArena(parameters.layout(), adam.second_moments(), state.get());
  const XXH128_hash_t hash = XXH3_128bits_digest(state.get());
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

}  // namespace microgpt
