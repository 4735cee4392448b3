#include "base/io_error.h"

#include <system_error>

#include "microgpt/error.h"

namespace microgpt {

std::string ErrnoText(int error_number) {
  return std::generic_category().message(error_number);
}

void ThrowIoError(const std::string& path, const char* done, int error_number) {
  throw Error(ErrorKind::kIo,
              path + ": cannot be " + done + ": " + ErrnoText(error_number));
}

}  // namespace microgpt
