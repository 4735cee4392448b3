#include "checkpoint/safetensors_writer.h"

#include <fmt/format.h>

#include <bit>

#include "base/checked_math.h"

namespace microgpt {
namespace {

static_assert(std::endian::native == std::endian::little);

// Data begins at a multiple of this, as readers that map files like it.
constexpr std::size_t kAlignment = 8;

std::string HeaderOf(std::span<const TensorSource> tensors) {
  std::string header = R"({"__metadata__":{"format":"pt"})";
  std::size_t begin = 0;
  for (const TensorSource& tensor : tensors) {
    const std::size_t end = begin + tensor.rows * tensor.cols * sizeof(float);
    header += fmt::format(
        R"(,"{}":{{"dtype":"F32","shape":[{},{}],"data_offsets":[{},{}]}})",
        tensor.name, tensor.rows, tensor.cols, begin, end);
    begin = end;
  }
  header += '}';
  header.resize(RoundUp(header.size(), kAlignment), ' ');
  return header;
}

}  // namespace

void WriteTensors(std::span<const TensorSource> tensors, ByteSink& sink) {
  const std::string header = HeaderOf(tensors);
  const std::uint64_t length = header.size();
  sink.Append({reinterpret_cast<const char*>(&length), sizeof(length)});
  sink.Append(header);
  for (const TensorSource& tensor : tensors) {
    for (std::size_t row = 0; row < tensor.rows; ++row) {
      sink.Append(std::span(tensor.data + row * tensor.stride, tensor.cols));
    }
  }
}

}  // namespace microgpt
