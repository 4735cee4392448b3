// Errors of the operating system as one line.
#ifndef MICROGPT_BASE_IO_ERROR_H_
#define MICROGPT_BASE_IO_ERROR_H_

#include <string>

namespace microgpt {

// What an errno means, in English.
std::string ErrnoText(int error_number);

// Throws Error(kIo) "path: cannot be `done`: why".
[[noreturn]] void ThrowIoError(const std::string& path, const char* done,
                               int error_number);

}  // namespace microgpt

#endif  // MICROGPT_BASE_IO_ERROR_H_
