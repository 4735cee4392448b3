// Files of --config.
#ifndef MICROGPT_CLI_CONFIG_FILE_H_
#define MICROGPT_CLI_CONFIG_FILE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "cli/toml.h"

namespace microgpt::cli {

// Much larger than all flags with long paths.
inline constexpr std::size_t kMaxConfigBytes = 1 << 20;

// Never waits. Throws Error(kInput) for what is no readable file or is too
// large, Error(kUsage) as ParseToml does.
std::vector<TomlEntry> ReadConfigFile(const std::string& path);

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_CONFIG_FILE_H_
