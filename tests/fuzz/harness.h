// What every fuzzing harness is made of: the entry point that libFuzzer and
// replay_main.cc call, checks, and what an Error must look like.
#ifndef MICROGPT_TESTS_FUZZ_HARNESS_H_
#define MICROGPT_TESTS_FUZZ_HARNESS_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include "microgpt/error.h"

// Returns 0. Whatever it throws is a finding.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size);

namespace microgpt::fuzz {

// Inputs that the code under test took as valid. A replay compares it with the
// names of its files, or a changed format would silently turn all seeds into
// hostile ones.
inline int accepted_inputs = 0;

// What is thrown here is no Error, so no harness catches it.
inline void Require(bool condition, const std::string& what) {
  if (!condition) throw std::logic_error(what);
}

inline std::string_view AsText(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// One line of bounded length that names `where`.
inline void CheckMessage(std::string_view message, std::string_view where) {
  constexpr std::size_t kMostBytes = 600;
  const bool one_line =
      std::none_of(message.begin(), message.end(),
                   [](unsigned char c) { return c < 0x20 || c == 0x7F; });
  Require(one_line, "control characters in: " + std::string(message));
  Require(message.find(where) != std::string_view::npos,
          "no " + std::string(where) + " in: " + std::string(message));
  Require(message.size() <= kMostBytes + where.size(), "a very long message");
}

// Whether `parse` returns. If not, it must throw an Error(kInput) that names
// the file `path`.
template <typename Function>
bool Accepts(std::string_view path, Function parse) {
  try {
    parse();
    return true;
  } catch (const Error& error) {
    Require(error.kind() == ErrorKind::kInput,
            std::string("not kInput: ") + error.what());
    CheckMessage(error.what(), path);
    return false;
  }
}

}  // namespace microgpt::fuzz

#endif  // MICROGPT_TESTS_FUZZ_HARNESS_H_
