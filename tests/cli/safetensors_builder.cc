#include "tests/cli/safetensors_builder.h"

#include <cstring>

namespace microgpt {
namespace {

template <typename T>
std::string BytesOf(T value) {
  std::string bytes(sizeof(value), '\0');
  std::memcpy(bytes.data(), &value, sizeof(value));
  return bytes;
}

}  // namespace

std::string HeaderEntry::ToJson() const {
  return name + ":{\"dtype\":" + dtype + ",\"shape\":" + shape +
         ",\"data_offsets\":" + offsets + "}";
}

std::vector<HeaderEntry> SmallEntries() {
  return {{"\"wte\"", "\"F32\"", "[3,2]", "[0,24]"},
          {"\"wpe\"", "\"F32\"", "[1,2]", "[24,32]"},
          {"\"lm_head\"", "\"F32\"", "[3,2]", "[32,56]"}};
}

std::string SmallData(float first) {
  std::string data;
  for (int i = 0; i < 14; ++i) {
    data += BytesOf(first + 0.125f * static_cast<float>(i));
  }
  return data;
}

std::string HeaderOf(const std::vector<HeaderEntry>& entries) {
  std::string header = "{";
  for (const HeaderEntry& entry : entries) {
    header += (header.size() > 1 ? "," : "") + entry.ToJson();
  }
  return header + "}";
}

std::string FileOf(const std::string& header, const std::string& data) {
  return FileWithLength(header.size(), header, data);
}

std::string FileWithLength(std::uint64_t length, const std::string& header,
                           const std::string& data) {
  return BytesOf(length) + header + data;
}

}  // namespace microgpt
