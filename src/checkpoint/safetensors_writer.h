// Writing safetensors files.
#ifndef MICROGPT_CHECKPOINT_SAFETENSORS_WRITER_H_
#define MICROGPT_CHECKPOINT_SAFETENSORS_WRITER_H_

#include <cstddef>
#include <span>
#include <string>

#include "checkpoint/byte_sink.h"

namespace microgpt {

// A tensor [rows, cols] in memory; row r begins at data + r * stride.
struct TensorSource {
  std::string name;  // ASCII without quotes and backslashes
  std::size_t rows = 0;
  std::size_t cols = 0;
  std::size_t stride = 0;
  const float* data = nullptr;
};

// Writes the tensors as F32, one after the other in the order given, with the
// metadata that PyTorch's loaders look for. Throws what the sink throws.
void WriteTensors(std::span<const TensorSource> tensors, ByteSink& sink);

}  // namespace microgpt

#endif  // MICROGPT_CHECKPOINT_SAFETENSORS_WRITER_H_
