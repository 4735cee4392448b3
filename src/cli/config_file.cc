#include "cli/config_file.h"

#include <system_error>

#include "cli/small_file.h"
#include "microgpt/error.h"

namespace microgpt::cli {
namespace {

std::string Problem(const SmallFile& file) {
  switch (file.status) {
    case SmallFile::Status::kNotRegular:
      return "is not a regular file; give a TOML file";
    case SmallFile::Status::kTooLarge:
      return "is larger than 1 MiB, too large for a list of flags";
    case SmallFile::Status::kFailed:
      return "cannot be read: " + std::generic_category().message(file.error);
    case SmallFile::Status::kRead:
      break;
  }
  return "";
}

}  // namespace

std::vector<TomlEntry> ReadConfigFile(const std::string& path) {
  const SmallFile file = ReadSmallFile(path, kMaxConfigBytes);
  if (file.status != SmallFile::Status::kRead) {
    throw Error(ErrorKind::kInput,
                "--config: '" + path + "': " + Problem(file));
  }
  return ParseToml(file.text, path);
}

}  // namespace microgpt::cli
