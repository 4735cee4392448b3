// The checksum of TFRecord files.
#ifndef MICROGPT_CLI_TENSORBOARD_CRC32C_H_
#define MICROGPT_CLI_TENSORBOARD_CRC32C_H_

#include <cstdint>
#include <string_view>

namespace microgpt::cli {

// CRC-32C (Castagnoli; RFC 3720, appendix B.4).
std::uint32_t Crc32c(std::string_view bytes);

// As TFRecord stores it, so that the checksum of data that hold checksums is
// not degenerate.
std::uint32_t MaskedCrc32c(std::string_view bytes);

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_TENSORBOARD_CRC32C_H_
