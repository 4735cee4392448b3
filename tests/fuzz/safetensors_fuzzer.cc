// safetensors files, read for several models.
#include "microgpt/safetensors.h"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "microgpt/model.h"
#include "tests/fuzz/harness.h"
#include "tests/fuzz/memory_file.h"

namespace microgpt::fuzz {
namespace {

using Tensors = std::vector<TensorInfo>;

Tensors Prefixed(const std::string& prefix, const Tensors& tensors) {
  Tensors result = tensors;
  for (TensorInfo& tensor : result) tensor.name = prefix + tensor.name;
  return result;
}

// None; three small ones; model and moments of the seeds, see make_seeds.py;
// tensors that no file can hold, one of which has 2^64 bytes.
std::vector<Tensors> TensorLists() {
  ModelConfig config;
  config.vocab_size = 27;
  config.block_size = 2;
  config.n_embd = 2;
  config.n_layer = 1;
  config.n_head = 1;
  const Tensors model = Model(config).tensors();
  Tensors moments = Prefixed("m.", model);
  const Tensors second = Prefixed("v.", model);
  moments.insert(moments.end(), second.begin(), second.end());
  return {{},
          {{"wte", 2, 1}, {"wpe", 1, 3}, {"lm_head", 1, 2}},
          model,
          moments,
          {{"wte", std::size_t{1} << 20, std::size_t{1} << 20}}};
}

std::string HeaderLengthOf(std::string_view file) {
  std::uint64_t length = 0;
  std::memcpy(&length, file.data(), sizeof(length));
  return std::to_string(length);
}

// Reads the file, which holds `content`. If that succeeds, every byte of data
// must have been passed on, and each tensor in its turn.
bool ReadsTensors(const std::string& path, std::string_view content,
                  const Tensors& tensors, TensorValues allowed) {
  std::size_t next = 0;
  std::size_t bytes = 0;
  const bool accepted = Accepts(path, [&] {
    ReadTensors(
        path, tensors,
        [&](std::string_view name, std::span<const float> values) {
          Require(next < tensors.size(), "too many tensors");
          const TensorInfo& info = tensors[next++];
          Require(name == info.name, "tensors out of order");
          Require(values.size() == info.rows * info.cols, "a wrong size");
          bytes += values.size_bytes();
          Require(content.find({reinterpret_cast<const char*>(values.data()),
                                values.size_bytes()}) != std::string_view::npos,
                  "values that are not in the file");
          if (allowed == TensorValues::kAny) return;
          for (const float value : values) {
            Require(std::isfinite(value), "a value that is not finite");
          }
        },
        allowed);
  });
  if (!accepted) return false;
  Require(next == tensors.size(), "too few tensors");
  Require(HeaderLengthOf(content) == std::to_string(content.size() - 8 - bytes),
          "data that belongs to no tensor");
  return true;
}

}  // namespace
}  // namespace microgpt::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  using namespace microgpt;
  using namespace microgpt::fuzz;
  static MemoryFile file;
  static const std::vector<Tensors> lists = TensorLists();
  const std::string_view content = AsText(data, size);
  file.Replace(content);
  bool accepted = false;
  for (const Tensors& tensors : lists) {
    if (ReadsTensors(file.path(), content, tensors, TensorValues::kAny)) {
      accepted = true;
      ReadsTensors(file.path(), content, tensors, TensorValues::kFinite);
    }
  }
  if (accepted) ++accepted_inputs;
  return 0;
}
