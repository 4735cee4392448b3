#include "cli/log_file.h"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <system_error>

#include "cli/line_reader.h"
#include "microgpt/error.h"

namespace microgpt::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

bool IsFile(const std::string& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  // An error that is not "there is none" must not empty the file.
  if (status.type() == fs::file_type::none) {
    throw Error(ErrorKind::kIo,
                path + ": cannot be looked at: " + error.message());
  }
  return status.type() == fs::file_type::regular;
}

bool IsHeader(const json& line) {
  return line.is_object() && line.contains("config");
}

// Its step, or nothing that is one.
std::int64_t StepOf(const json& line) {
  if (!line.is_object()) return -1;
  const auto step = line.find("step");
  if (step == line.end() || !step->is_number_integer()) return -1;
  return step->get<std::int64_t>();
}

OutputFile::Mode CutTo(const std::string& path, const KeptLog& kept) {
  if (kept.bytes == 0) return OutputFile::Mode::kReplace;
  std::error_code error;
  fs::resize_file(path, kept.bytes, error);
  if (error) {
    throw Error(ErrorKind::kIo,
                path + ": cannot be shortened: " + error.message());
  }
  return OutputFile::Mode::kAppend;
}

}  // namespace

KeptLog FindKept(const std::string& path, std::int64_t steps_done,
                 bool has_header) {
  KeptLog kept;
  if (steps_done == 0 || !IsFile(path)) return kept;
  LineReader reader(path);
  for (std::string text; reader.Next(text);) {
    const json line = json::parse(text, nullptr, false);
    if (has_header && reader.number() == 1) {
      if (!IsHeader(line)) return kept;
    } else {
      const std::int64_t step = StepOf(line);
      if (step > steps_done) break;
      if (step <= kept.last_step) {
        kept.damage = reader.Place();
        break;
      }
      kept.last_step = step;
      const auto time = line.find("wall_time");
      if (time != line.end() && time->is_number()) {
        kept.wall_time = time->get<double>();
      }
    }
    kept.bytes = reader.bytes();
  }
  return kept;
}

void RefuseForeignLog(const std::string& path, bool has_header) {
  if (!IsFile(path)) return;
  LineReader reader(path);
  std::string text;
  const bool first = reader.Next(text);
  const bool own_header =
      first && has_header && IsHeader(json::parse(text, nullptr, false));
  // A run that ended before its first step leaves its configuration at most.
  if (own_header ? !reader.Next(text)
                 : !first && (has_header || !reader.has_rest())) {
    return;
  }
  throw Error(ErrorKind::kUsage,
              "--out-dir: '" + path +
                  "' is there, but not of a run in this folder; move it away "
                  "or give another folder");
}

LogFile::LogFile(const std::string& path, const KeptLog& kept)
    : file_(path, CutTo(path, kept)), writer_(file_.descriptor(), path) {}

}  // namespace microgpt::cli
