#include "cli/replace_file.h"

#include <filesystem>
#include <system_error>

#include "cli/writer.h"
#include "microgpt/error.h"

namespace microgpt::cli {
namespace {

void WritePart(const std::string& part, std::string_view text) {
  const OutputFile file(part, OutputFile::Mode::kReplace);
  Writer writer(file.descriptor(), part);
  writer.Append(text);
  writer.Flush();
}

}  // namespace

std::string PartPath(const std::string& path) { return path + ".part"; }

void ReplaceFile(const std::string& path, std::string_view text) {
  const std::string part = PartPath(path);
  std::error_code error;
  try {
    WritePart(part, text);
    std::filesystem::rename(part, path, error);
    if (error) {
      throw Error(ErrorKind::kIo,
                  path + ": cannot be written: " + error.message());
    }
  } catch (const Error&) {
    std::error_code ignored;
    std::filesystem::remove(part, ignored);
    throw;
  }
}

}  // namespace microgpt::cli
