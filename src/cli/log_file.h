// JSON lines that a run writes, each about a step, and that a resumed run
// continues.
#ifndef MICROGPT_CLI_LOG_FILE_H_
#define MICROGPT_CLI_LOG_FILE_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "cli/writer.h"

namespace microgpt::cli {

// What a resumed run keeps of a log.
struct KeptLog {
  std::uint64_t bytes = 0;     // 0: nothing to continue
  std::int64_t last_step = 0;  // 0: of no step
  double wall_time = 0;        // of the last step that says one, seconds
  std::string damage;          // why it ends before steps_done, or empty
};

// The lines of `path` up to the step steps_done; nothing of no file, and if
// steps_done is 0. A line without "step" is one of the configuration if it is
// the first and has_header; anything else ends what is kept.
// Throws Error(kIo) if reading fails.
KeptLog FindKept(const std::string& path, std::int64_t steps_done,
                 bool has_header);

// Throws Error(kUsage) if the log that a new run is going to write into its
// folder is there already, with steps in it: no run of that folder made it.
void RefuseForeignLog(const std::string& path, bool has_header);

// A log opened at the end of what is kept of it. Single-threaded.
class LogFile {
 public:
  // Removes what is not kept. Throws Error(kIo).
  LogFile(const std::string& path, const KeptLog& kept);

  void Append(std::string_view text) { writer_.Append(text); }
  void Flush() { writer_.Flush(); }
  void Sync() { file_.Sync(); }

 private:
  OutputFile file_;
  Writer writer_;
};

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_LOG_FILE_H_
