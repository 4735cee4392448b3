// Files of token ids as other programs write them.
#ifndef MICROGPT_TESTS_DATA_TOKEN_BYTES_H_
#define MICROGPT_TESTS_DATA_TOKEN_BYTES_H_

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace microgpt {

// Little-endian, as this machine is.
template <typename Number>
std::string BytesOf(const std::vector<Number>& numbers) {
  std::string bytes(numbers.size() * sizeof(Number), '\0');
  if (!numbers.empty()) {
    std::memcpy(bytes.data(), numbers.data(), bytes.size());
  }
  return bytes;
}

// The 256 int32 before the ids of llm.c.
inline std::string TokenHeader(std::int32_t magic, std::int32_t version,
                               std::int32_t count) {
  std::vector<std::int32_t> header(256, 0);
  header[0] = magic;
  header[1] = version;
  header[2] = count;
  return BytesOf(header);
}

// The three formats.
inline std::string NanoGptFile(const std::vector<std::uint16_t>& ids) {
  return BytesOf(ids);
}
inline std::string LlmcFile(const std::vector<std::uint16_t>& ids) {
  return TokenHeader(20240520, 1, static_cast<std::int32_t>(ids.size())) +
         BytesOf(ids);
}
inline std::string WideLlmcFile(const std::vector<std::uint32_t>& ids) {
  return TokenHeader(20240801, 7, static_cast<std::int32_t>(ids.size())) +
         BytesOf(ids);
}

}  // namespace microgpt

#endif  // MICROGPT_TESTS_DATA_TOKEN_BYTES_H_
