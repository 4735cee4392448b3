// Safetensors files, right and wrong ones, for the smallest possible model.
#ifndef MICROGPT_TESTS_CLI_SAFETENSORS_BUILDER_H_
#define MICROGPT_TESTS_CLI_SAFETENSORS_BUILDER_H_

#include <cstdint>
#include <string>
#include <vector>

namespace microgpt {

// One header entry; every field is the JSON text that is written.
struct HeaderEntry {
  std::string name;
  std::string dtype;
  std::string shape;
  std::string offsets;

  std::string ToJson() const;
};

// wte [3, 2], wpe [1, 2], lm_head [3, 2]: the corpus "ab" and the flags
// --n-embd 2 --n-head 1 --n-layer 0 --block-size 1.
std::vector<HeaderEntry> SmallEntries();
// Data of SmallEntries(), 14 values beginning at `first`.
std::string SmallData(float first);

std::string HeaderOf(const std::vector<HeaderEntry>& entries);

// Eight bytes of length, the header, the data.
std::string FileOf(const std::string& header, const std::string& data);
std::string FileWithLength(std::uint64_t length, const std::string& header,
                           const std::string& data);

}  // namespace microgpt

#endif  // MICROGPT_TESTS_CLI_SAFETENSORS_BUILDER_H_
