#include "cli/run_config.h"

#include <fmt/format.h>

#include <cerrno>
#include <filesystem>
#include <set>
#include <system_error>

#include "cli/command_flags.h"
#include "cli/config_file.h"
#include "cli/flag_table.h"
#include "cli/help_text.h"
#include "cli/input.h"
#include "cli/replace_file.h"
#include "cli/small_file.h"
#include "cli/terminal.h"
#include "cli/toml_string.h"
#include "microgpt/error.h"
#include "microgpt/system.h"

namespace microgpt::cli {
namespace {

namespace fs = std::filesystem;

// How a file of ours begins.
constexpr const char* kMark = "# Configuration of a run of microgpt ";

// Of runs on token ids, the file of ids is in `input` once a run is set up.
void SortOutInput(Options& run) {
  run.command = Command::kTrain;
  if (run.train.data.doc_mode == DocMode::kTokens) {
    run.tokens = AbsolutePath("--tokens", run.input);
  } else {
    run.tokens = "";
    run.vocab_size = 0;
    run.input =
        run.input.empty() ? kBuiltInInput : AbsolutePath("--input", run.input);
  }
  run.val_input = AbsolutePath("--val-input", run.val_input);
  run.init_from = AbsolutePath("--init-from", run.init_from);
}

// Flags that would be refused beside the others.
std::set<std::string> Inapplicable(const Options& run) {
  std::set<std::string> flags;
  if (!run.tokens.empty()) {
    flags = {"--input", "--doc-mode", "--long-docs"};
  } else {
    flags = {"--tokens", "--vocab-size"};
  }
  if (run.train.data.doc_mode != DocMode::kLines) flags.insert("--long-docs");
  if (!run.val_input.empty()) flags.insert("--val-split");
  if (run.train.schedule.kind == LrSchedule::kConstant) {
    flags.insert("--min-lr");
  }
  return flags;
}

std::string TomlValue(const Flag& flag) {
  std::string text = flag.get();
  const bool quoted =
      flag.kind == ValueKind::kText || flag.kind == ValueKind::kChoice;
  if (!quoted) return text;
  return text.empty() ? "" : TomlString(text);
}

bool IsOurs(const std::string& text) { return text.starts_with(kMark); }

// Nothing if there is none; nothing of ours if it is no file, or too large.
// Throws Error(kIo).
std::optional<std::string> ReadText(const std::string& path) {
  const SmallFile file = ReadSmallFile(path, kMaxConfigBytes);
  if (file.status != SmallFile::Status::kFailed) return file.text;
  if (file.error == ENOENT) return std::nullopt;
  throw Error(ErrorKind::kIo, path + ": cannot be read: " +
                                  std::generic_category().message(file.error));
}

// Where no flag says otherwise, a resumed run samples and logs as before. A
// file that cannot be read, or was changed so that it means nothing, is no
// reason not to go on.
void TakeFromFile(const std::string& path, Options& run) {
  static const std::set<std::string> kNotInCheckpoint = {
      "--init-from", "--num-samples", "--temperature", "--top-k",
      "--top-p",     "--prompt",      "--log-every",   "--sample-every"};
  FlagTable flags;
  AddFlags(flags, run);
  try {
    for (const TomlEntry& entry : ReadConfigFile(path)) {
      for (const Flag& flag : flags.flags()) {
        if (flag.Key() == entry.key && kNotInCheckpoint.contains(flag.name) &&
            !run.given.contains(flag.name)) {
          flag.set(flag.name, entry.text);
        }
      }
    }
  } catch (const Error&) {
  }
}

}  // namespace

std::string RunConfigText(const Options& options, int threads) {
  Options run = options;
  SortOutInput(run);
  const std::set<std::string> left_out = Inapplicable(run);
  FlagTable flags;
  AddFlags(flags, run);
  std::string text = fmt::format(
      "{}{}.\n# With --config it trains the same model again. The result "
      "depends neither on\n# --threads, {} in this run, nor on --simd.\n",
      kMark, Version(), threads);
  for (const std::string& group : GroupsOf(flags.flags())) {
    std::string lines;
    for (const Flag& flag : flags.flags()) {
      if (flag.group != group || !flag.recorded || left_out.contains(flag.name))
        continue;
      const std::string value = TomlValue(flag);
      if (value.empty()) continue;
      lines += fmt::format("{} = {}\n", flag.Key(), value);
    }
    if (!lines.empty()) text += fmt::format("\n# {}\n{}", group, lines);
  }
  return text;
}

void WriteRunConfig(const Options& options, const TrainConfig& config,
                    const std::optional<Checkpoint>& checkpoint) {
  if (options.out_dir.empty()) return;
  Options run = options;
  if (checkpoint) {
    const fs::path folder = fs::path(checkpoint->folder()).parent_path();
    TakeFromFile((folder / kRunConfigFile).string(), run);
  }
  const std::string path = (fs::path(run.out_dir) / kRunConfigFile).string();
  const std::string text = RunConfigText(run, config.threads);
  const std::optional<std::string> old = ReadText(path);
  if (old && !IsOurs(*old)) {
    PrintWarning(path +
                 " is not of this program and stays as it is; the "
                 "configuration of this run is not written");
    return;
  }
  if (old == text) {
    RemoveLeftover(path);
  } else {
    ReplaceFile(path, text);
  }
}

}  // namespace microgpt::cli
