// The one exception type of the library. Every header relies on three rules:
// an object is as it was before a call that threw, unless the function says
// otherwise; a REQUIRES that does not hold is a bug of the caller, which debug
// builds assert; and small allocations that fail throw std::bad_alloc.
#ifndef MICROGPT_ERROR_H_
#define MICROGPT_ERROR_H_

#include <stdexcept>
#include <string>
#include <string_view>

#include "microgpt/export.h"

namespace microgpt {

// What went wrong, as a caller must tell it apart. The values are the exit
// codes of the command line.
enum class ErrorKind {
  kUsage = 2,      // an option outside its allowed range
  kInput = 3,      // a corpus, prompt or checkpoint that cannot be used
  kIo = 4,         // reading or writing failed
  kNumeric = 5,    // a loss or gradient that is not finite
  kResources = 6,  // not enough memory
};

// Thrown by every public function for user errors. what() is one line: what,
// where, why, what to do. It names options as the command line spells them.
// Thread-compatible.
class MICROGPT_EXPORT Error : public std::runtime_error {
 public:
  // REQUIRES: a message of one line.
  Error(ErrorKind kind, const std::string& message)
      : std::runtime_error(message), kind_(kind) {}

  // What to tell it apart by. Never throws.
  ErrorKind kind() const noexcept { return kind_; }

 private:
  ErrorKind kind_;
};

// Foreign text for such a message: the beginning of a UTF-8 text, at most about
// 40 bytes, cut between characters, with '?' for control characters.
// Thread-safe.
MICROGPT_EXPORT std::string QuoteText(std::string_view text);

}  // namespace microgpt

#endif  // MICROGPT_ERROR_H_
