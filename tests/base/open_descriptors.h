// How many files this process has open, for tests that look for leaks.
#ifndef MICROGPT_TESTS_BASE_OPEN_DESCRIPTORS_H_
#define MICROGPT_TESTS_BASE_OPEN_DESCRIPTORS_H_

#include <cstddef>
#include <filesystem>
#include <iterator>

namespace microgpt {

// The one that is open while counting included. Linux only.
inline std::size_t OpenDescriptors() {
  return static_cast<std::size_t>(
      std::distance(std::filesystem::directory_iterator("/proc/self/fd"),
                    std::filesystem::directory_iterator()));
}

}  // namespace microgpt

#endif  // MICROGPT_TESTS_BASE_OPEN_DESCRIPTORS_H_
