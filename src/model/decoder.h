// Runs the model one position at a time with a key/value cache.
#ifndef MICROGPT_MODEL_DECODER_H_
#define MICROGPT_MODEL_DECODER_H_

#include <cstdint>
#include <span>
#include <vector>

#include "base/aligned_buffer.h"
#include "kernels/matrix.h"
#include "model/arena_plan.h"
#include "model/parameters.h"

namespace microgpt {

// Gives the same logits as Forward does for the same tokens. Single-threaded;
// several decoders may share parameters that do not change.
class Decoder {
 public:
  // `parameters` must outlive the decoder. Throws Error(kResources).
  explicit Decoder(const Parameters& parameters);

  // Forgets all positions.
  void Reset() { position_ = 0; }
  // Number of tokens decoded since Reset.
  std::size_t position() const { return position_; }

  // Logits [V] of the token that follows. Valid until the next call.
  // REQUIRES: position() < block_size, 0 <= token < V. Never allocates.
  std::span<const float> Decode(std::int32_t token) noexcept;

 private:
  struct LayerCache {
    MatrixView keys;    // [C, block_size], transposed
    MatrixView values;  // [block_size, C]
  };

  void Plan(ArenaPlan& plan);
  void DecodeLayer(std::size_t layer) noexcept;

  const Parameters& parameters_;
  std::size_t position_ = 0;
  AlignedBuffer<float> memory_;
  std::vector<LayerCache> caches_;
  MatrixView residual_;      // [1, C]
  MatrixView norm_;          // [1, C]
  MatrixView qkv_;           // [1, 3C]
  MatrixView heads_;         // [1, C]
  MatrixView hidden_;        // [1, 4C]
  MatrixView logits_;        // [1, V]
  float* scores_ = nullptr;  // [block_size]
};

}  // namespace microgpt

#endif  // MICROGPT_MODEL_DECODER_H_
