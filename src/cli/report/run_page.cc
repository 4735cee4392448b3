#include "cli/report/run_page.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

#include "cli/page/html.h"
#include "cli/page/text_escape.h"
#include "cli/replace_file.h"
#include "cli/report/log_reader.h"
#include "cli/report/run_document.h"
#include "cli/run_folder.h"
#include "cli/small_file.h"
#include "microgpt/error.h"

namespace microgpt::cli {
namespace {

namespace fs = std::filesystem;

// Much larger than any page.
constexpr std::size_t kMaxPageBytes = 64u << 20;

bool IsAbsent(int error) { return error == ENOENT || error == ENOTDIR; }

[[noreturn]] void ThrowUnreadable(const std::string& path, int error) {
  throw Error(ErrorKind::kIo, CleanText(path) + ": cannot be read: " +
                                  std::generic_category().message(error));
}

// What is there, which may be nothing.
fs::file_type TypeOf(const std::string& path) {
  std::error_code error;
  const fs::file_type type = fs::status(path, error).type();
  if (type == fs::file_type::none) ThrowUnreadable(path, error.value());
  return type;
}

// Last part of the path of the folder, or of the file.
std::string NameOf(const std::string& path, bool is_folder) {
  std::error_code error;
  const fs::path whole = fs::weakly_canonical(path, error);
  const fs::path file = error ? fs::path(path) : whole;
  if (is_folder) return file.filename().string();
  return file.filename() == kMetricsName
             ? file.parent_path().filename().string()
             : file.stem().string();
}

RunData ReadRun(const std::string& path) {
  const bool is_folder = TypeOf(path) == fs::file_type::directory;
  const std::string metrics = is_folder ? InFolder(path, kMetricsName) : path;
  if (is_folder && TypeOf(metrics) == fs::file_type::not_found) {
    throw Error(ErrorKind::kInput,
                CleanText(path) +
                    ": holds no metrics.jsonl; give a folder of "
                    "--out-dir or a file of --metrics");
  }
  RunData run = ReadMetrics(metrics);
  run.name = NameOf(path, is_folder);
  if (fs::path(metrics).filename() != kMetricsName) return run;
  const std::string samples =
      fs::path(metrics).replace_filename(kSamplesName).string();
  if (TypeOf(samples) != fs::file_type::not_found) {
    run.samples = ReadSamples(samples);
  }
  return run;
}

// Names that tell runs apart, as short as they are.
void MakeNamesUnique(std::vector<RunData>& runs) {
  constexpr std::size_t kMostBytes = 60;
  std::set<std::string> seen;
  for (RunData& run : runs) {
    std::string name = CleanText(run.name.substr(0, kMostBytes));
    if (name.empty()) name = "run";
    run.name = name;
    for (int i = 2; !seen.insert(run.name).second; ++i) {
      run.name = fmt::format("{} ({})", name, i);
    }
  }
}

}  // namespace

void RefuseForeignPage(const std::string& path) {
  using Status = SmallFile::Status;
  const SmallFile file = ReadSmallFile(path, kMaxPageBytes);
  if (file.status == Status::kFailed) {
    if (IsAbsent(file.error)) return;
    ThrowUnreadable(path, file.error);
  }
  const std::string_view head = std::string_view(file.text).substr(0, 2048);
  if (head.find(GeneratorTag(kRunGenerator)) != head.npos) return;
  throw Error(ErrorKind::kUsage,
              CleanText(path) +
                  ": is there and no report of microgpt; move it "
                  "away or give another --output");
}

void DrawRunsPage(const std::vector<std::string>& runs,
                  const std::string& output) {
  RefuseForeignPage(output);
  std::vector<RunData> data;
  data.reserve(runs.size());
  for (const std::string& run : runs) data.push_back(ReadRun(run));
  MakeNamesUnique(data);
  ReplaceFile(output, ToHtml(ToDocument(data)));
}

void DrawRunPage(const std::string& folder) {
  DrawRunsPage({folder}, InFolder(folder, kPageName));
}

}  // namespace microgpt::cli
