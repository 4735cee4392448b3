#include "cli/bench/report_folder.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "cli/bench/render.h"
#include "cli/bench/report_json.h"
#include "cli/replace_file.h"
#include "cli/writer.h"
#include "microgpt/error.h"

namespace microgpt::cli {
namespace {

// Much larger than any report.
constexpr std::uintmax_t kMaxReportBytes = 256u << 20;

}  // namespace

void PrepareReportFolder(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    throw Error(ErrorKind::kIo,
                "--report: " + folder + ": cannot be made: " + error.message());
  }
  const std::string probe = PartPath(folder + "/report.json");
  { const OutputFile file(probe, OutputFile::Mode::kReplace); }
  std::filesystem::remove(probe, error);
}

void WriteReportFolder(const std::string& folder, const BenchReport& report) {
  ReplaceFile(folder + "/report.json", ToJson(report));
  ReplaceFile(folder + "/report.md", ToMarkdown(report));
  ReplaceFile(folder + "/report.html", ToHtml(report));
}

BenchReport ReadReport(const std::string& path) {
  std::error_code error;
  const bool regular = std::filesystem::is_regular_file(path, error);
  const std::uintmax_t size =
      regular ? std::filesystem::file_size(path, error) : 0;
  std::ifstream file(path, std::ios::binary);
  if (error || !regular || !file) {
    throw Error(ErrorKind::kInput,
                path +
                    ": no such file, or it cannot be read; give the "
                    "report.json of a benchmark");
  }
  if (size > kMaxReportBytes) {
    throw Error(ErrorKind::kInput, path + ": too large to be a report");
  }
  const std::string text((std::istreambuf_iterator<char>(file)),
                         std::istreambuf_iterator<char>());
  return ParseReport(text, path);
}

}  // namespace microgpt::cli
