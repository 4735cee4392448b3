// Counts what the program takes from the global operator new. Link
// counting_new.cc into an executable of its own to use it.
#ifndef MICROGPT_TESTS_BASE_COUNTING_NEW_H_
#define MICROGPT_TESTS_BASE_COUNTING_NEW_H_

#include <cstddef>

namespace microgpt {

// Since the start of the program, all threads together. Thread-safe.
std::size_t NewCalls();
std::size_t LiveBytes();

// Largest LiveBytes() since the last ResetPeak().
std::size_t PeakBytes();
void ResetPeak();

}  // namespace microgpt

#endif  // MICROGPT_TESTS_BASE_COUNTING_NEW_H_
