#include "cli/resident_memory.h"

#include <unistd.h>

#include <fstream>

namespace microgpt::cli {

std::optional<std::uint64_t> ResidentBytes() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t all_pages = 0;
  std::uint64_t resident_pages = 0;
  const long page_bytes = ::sysconf(_SC_PAGESIZE);
  if (!(file >> all_pages >> resident_pages) || page_bytes <= 0) {
    return std::nullopt;
  }
  return resident_pages * static_cast<std::uint64_t>(page_bytes);
}

}  // namespace microgpt::cli
