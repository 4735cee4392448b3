#include "cli/report/run_page.h"

#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <set>
#include <system_error>
#include <utility>

#include "cli/page/html.h"
#include "cli/page/text_escape.h"
#include "cli/replace_file.h"
#include "cli/report/log_reader.h"
#include "cli/report/run_document.h"
#include "cli/run_folder.h"
#include "microgpt/error.h"

namespace microgpt::cli {
namespace {

namespace fs = std::filesystem;

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
  std::error_code error;
  const bool is_folder = fs::is_directory(path, error);
  const std::string metrics = is_folder ? InFolder(path, kMetricsName) : path;
  if (is_folder && !fs::exists(metrics, error) && !error) {
    throw Error(ErrorKind::kInput,
                CleanText(path) +
                    ": holds no metrics.jsonl; give a folder of "
                    "--out-dir or a file of --metrics");
  }
  RunData run = ReadMetrics(metrics);
  run.name = NameOf(path, is_folder);
  if (fs::path(metrics).filename() != kMetricsName) return run;
  const fs::path samples = fs::path(metrics).replace_filename(kSamplesName);
  if (fs::exists(samples, error)) run.samples = ReadSamples(samples.string());
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
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) return;
  if (status.type() == fs::file_type::regular) {
    std::array<char, 2048> head = {};
    std::ifstream file(path, std::ios::binary);
    file.read(head.data(), head.size());
    const std::string text(head.data(),
                           static_cast<std::size_t>(file.gcount()));
    if (text.find(GeneratorTag(kRunGenerator)) != std::string::npos) return;
  }
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
