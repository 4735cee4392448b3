// Sizes for readers.
#ifndef MICROGPT_CLI_FORMAT_BYTES_H_
#define MICROGPT_CLI_FORMAT_BYTES_H_

#include <cstdint>
#include <string>

namespace microgpt::cli {

// "1.5 GiB".
std::string FormatBytes(std::uint64_t bytes);

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_FORMAT_BYTES_H_
