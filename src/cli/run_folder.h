// What the folder of --out-dir holds beside checkpoints.
#ifndef MICROGPT_CLI_RUN_FOLDER_H_
#define MICROGPT_CLI_RUN_FOLDER_H_

#include <string>

namespace microgpt::cli {

inline constexpr const char* kMetricsName = "metrics.jsonl";
inline constexpr const char* kSamplesName = "samples.jsonl";
inline constexpr const char* kPageName = "report.html";

inline std::string InFolder(const std::string& folder, const char* name) {
  return folder + (folder.ends_with('/') ? "" : "/") + name;
}

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_RUN_FOLDER_H_
