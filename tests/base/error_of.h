// The Error that a call throws, for tests of its kind and text.
#ifndef MICROGPT_TESTS_BASE_ERROR_OF_H_
#define MICROGPT_TESTS_BASE_ERROR_OF_H_

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "microgpt/error.h"

namespace microgpt {

// Calls `function`, which must throw an Error, and returns it.
template <typename Function>
Error ErrorOf(Function function) {
  try {
    function();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "nothing was thrown";
  return Error(ErrorKind::kUsage, "nothing was thrown");
}

inline bool Mentions(const Error& error, std::string_view text) {
  return std::string_view(error.what()).find(text) != std::string_view::npos;
}

}  // namespace microgpt

#endif  // MICROGPT_TESTS_BASE_ERROR_OF_H_
