// Small safetensors files, right and wrong, and what a reader makes of them.
#ifndef MICROGPT_TESTS_CHECKPOINT_SAFETENSORS_FILE_H_
#define MICROGPT_TESTS_CHECKPOINT_SAFETENSORS_FILE_H_

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "microgpt/safetensors.h"

namespace microgpt {

// Three tensors of 8, 12 and 8 bytes, side by side in this order.
inline std::vector<TensorInfo> SmallTensors() {
  return {{"wte", 2, 1}, {"wpe", 1, 3}, {"lm_head", 1, 2}};
}

inline constexpr std::size_t kSmallDataBytes = 28;

inline constexpr std::string_view kWte =
    R"("wte":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]})";
inline constexpr std::string_view kWpe =
    R"("wpe":{"dtype":"F32","shape":[1,3],"data_offsets":[8,20]})";
inline constexpr std::string_view kLmHead =
    R"("lm_head":{"dtype":"F32","shape":[1,2],"data_offsets":[20,28]})";

inline std::string JoinEntries(const std::vector<std::string_view>& entries) {
  std::string header = "{";
  for (const std::string_view entry : entries) {
    if (header.size() > 1) header += ",";
    header += entry;
  }
  return header + "}";
}

// 1, 2, 3, ... as float32.
inline std::string CountingData(std::size_t bytes) {
  std::string data(bytes, '\0');
  for (std::size_t i = 0; i < bytes / sizeof(float); ++i) {
    const float value = static_cast<float>(i + 1);
    std::memcpy(data.data() + i * sizeof(float), &value, sizeof(value));
  }
  return data;
}

inline std::string WithLength(std::uint64_t length, std::string_view rest) {
  std::string file(sizeof(length), '\0');
  std::memcpy(file.data(), &length, sizeof(length));
  return file.append(rest);
}

inline std::string SmallFile(
    std::string_view header,
    const std::string& data = CountingData(kSmallDataBytes)) {
  return WithLength(header.size(), std::string(header) + data);
}

using NamedValues = std::vector<std::pair<std::string, std::vector<float>>>;

// All that ReadTensors passes on.
inline NamedValues ReadAll(const std::string& path,
                           std::span<const TensorInfo> tensors) {
  NamedValues result;
  ReadTensors(path, tensors,
              [&](std::string_view name, std::span<const float> values) {
                result.emplace_back(
                    name, std::vector<float>(values.begin(), values.end()));
              });
  return result;
}

inline NamedValues SmallValues() {
  return {{"wte", {1, 2}}, {"wpe", {3, 4, 5}}, {"lm_head", {6, 7}}};
}

}  // namespace microgpt

#endif  // MICROGPT_TESTS_CHECKPOINT_SAFETENSORS_FILE_H_
