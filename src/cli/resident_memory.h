// Memory that this process has.
#ifndef MICROGPT_CLI_RESIDENT_MEMORY_H_
#define MICROGPT_CLI_RESIDENT_MEMORY_H_

#include <cstdint>
#include <optional>

namespace microgpt::cli {

// Resident memory in bytes; nothing where the system does not tell.
std::optional<std::uint64_t> ResidentBytes();

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_RESIDENT_MEMORY_H_
