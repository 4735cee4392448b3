#include "cli/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <vector>

#include "cli/command_flags.h"
#include "cli/command_line.h"
#include "cli/command_list.h"
#include "cli/config_file.h"
#include "cli/flag_table.h"
#include "cli/help_text.h"
#include "cli/settings.h"
#include "cli/yielding.h"
#include "microgpt/error.h"
#include "microgpt/system.h"

namespace microgpt::cli {
namespace {

[[noreturn]] void FailUsage(const std::string& message) {
  throw Error(ErrorKind::kUsage, message + " (see microgpt --help)");
}

void CheckData(const Options& options) {
  if (!options.tokens.empty()) {
    for (const char* flag : {"--input", "--doc-mode", "--long-docs"}) {
      if (options.Given(flag)) {
        FailUsage(std::string(flag) +
                  " is about text, --tokens is not; leave "
                  "one of them out");
      }
    }
    const bool known =  // from the checkpoint
        !options.resume.empty() || options.command == Command::kEval;
    if (options.vocab_size == 0 && !known) {
      FailUsage("--tokens needs --vocab-size, the number of its tokens");
    }
  } else if (options.vocab_size > 0 &&
             (options.command != Command::kInfo || options.Given("--input"))) {
    FailUsage("--vocab-size needs --tokens; that of a text is counted");
  }
  if (options.Given("--long-docs") &&
      options.train.data.doc_mode == DocMode::kText) {
    FailUsage("--long-docs is about lines; leave it or --doc-mode out");
  }
  if (!options.val_input.empty() && options.train.data.val_split > 0) {
    FailUsage(
        "--val-split and --val-input both give validation data; leave "
        "one out");
  }
  if (options.train.eval_every > 0 && options.resume.empty() &&
      options.val_input.empty() && options.train.data.val_split == 0) {
    FailUsage("--eval-every needs --val-split or --val-input");
  }
}

// Of the bench command: one that measures nothing, and one that brings models
// of its own.
void CheckBench(const Options& options) {
  static const std::set<std::string> kWithFrom = {"--from", "--report",
                                                  "--quiet", "--no-color"};
  static const std::set<std::string> kOfTheModel = {
      "--n-embd",     "--n-layer", "--n-head",     "--block-size", "--doc-mode",
      "--batch-size", "--tokens",  "--vocab-size", "--long-docs"};
  const BenchFlags& bench = options.bench;
  if (!bench.from.empty() && bench.report.empty()) {
    FailUsage("--from needs --report, the folder to draw into");
  }
  if (options.Given("--label") && bench.report.empty()) {
    FailUsage("--label needs --report");
  }
  for (const std::string& flag : options.given) {
    if (!bench.from.empty() && !kWithFrom.contains(flag)) {
      FailUsage(flag + " has no effect with --from, which measures nothing");
    }
    if (bench.sweep && kOfTheModel.contains(flag)) {
      FailUsage(flag + " has no effect with --preset sweep, which has its own");
    }
  }
}

// Of the report command.
void CheckReport(const Options& options) {
  if (options.command != Command::kReport) return;
  const std::vector<std::string>& runs = options.report.runs;
  if (runs.empty()) {
    FailUsage(
        "DIR is missing; give folders of --out-dir or files of --metrics");
  }
  if (runs.size() > kMaxReportRuns) {
    FailUsage(fmt::format("{} runs are too many for one page; give at most {}",
                          runs.size(), kMaxReportRuns));
  }
  for (const std::string& run : runs) {
    if (run.empty()) FailUsage("DIR: the name is empty");
  }
}

// Flags that need or exclude others.
void CheckCombinations(const Options& options) {
  const bool reads_checkpoint =
      options.command == Command::kSample || options.command == Command::kEval;
  if (reads_checkpoint && options.checkpoint.empty()) {
    FailUsage("--checkpoint is missing; give the folder of --out-dir");
  }
  if (options.command == Command::kEval && !options.Given("--input") &&
      options.tokens.empty()) {
    FailUsage(
        "--input is missing; give a text to evaluate, or --tokens for a model "
        "of token ids");
  }
  if (options.command == Command::kInfo && options.Given("--checkpoint")) {
    for (const std::string& flag : options.given) {
      if (flag != "--checkpoint" && flag != "--threads" && flag != "--simd") {
        FailUsage(flag + " says nothing about a checkpoint; leave it out");
      }
    }
  }
  const bool saves = !options.out_dir.empty() || !options.resume.empty();
  if (options.Given("--save-every") && !saves) {
    FailUsage("--save-every needs --out-dir");
  }
  if (options.Given("--sample-every") && !saves) {
    FailUsage("--sample-every needs --out-dir");
  }
  CheckReport(options);
  if (options.allow_changed_data && options.resume.empty()) {
    FailUsage("--allow-changed-data needs --resume");
  }
  if (!options.init_from.empty() && !options.resume.empty()) {
    FailUsage("--init-from and --resume both give weights; leave one out");
  }
  if (!options.preset.empty() && !options.resume.empty()) {
    FailUsage(
        "--preset says nothing to --resume, which keeps the configuration of "
        "the run; leave --preset out");
  }
  CheckData(options);
  CheckBench(options);
  if (options.train.schedule.kind == LrSchedule::kConstant &&
      options.Given("--min-lr")) {
    FailUsage("--min-lr has no effect with --lr-schedule constant");
  }
}

// Whether `flag` stands in `text` as a whole word.
bool Mentions(const std::string& text, const std::string& flag) {
  for (std::size_t at = text.find(flag); at != std::string::npos;
       at = text.find(flag, at + 1)) {
    const std::size_t end = at + flag.size();
    const bool longer =
        end < text.size() &&
        (text[end] == '-' || text[end] == '=' ||
         std::isalnum(static_cast<unsigned char>(text[end])) != 0);
    if (!longer) return true;
  }
  return false;
}

// Of all sources. Notes the file's name in options.config.
Settings CollectSettings(const FlagTable& flags, const CommandLine& line,
                         const char* const* environment, Options& options) {
  Settings settings;
  settings.Add(FromCommandLine(line));
  settings.Add(FromEnvironment(flags, environment, options.warnings));
  if (const Setting* const config = settings.Find("--config")) {
    Apply(*config);
    settings.Add(
        FromFile(flags, ReadConfigFile(options.config), options.config));
  }
  DropYielding(options.command, settings);
  if (const Setting* const preset = settings.Find("--preset")) {
    Apply(*preset);
    settings.Add(FromPreset(flags, options.preset));
  }
  return settings;
}

void ApplySettings(const Settings& settings, Options& options) {
  for (const Setting& setting : settings.all()) {
    const std::string& flag = setting.flag->name;
    if (setting.source != Source::kCommandLine) {
      options.places[flag] = setting.place;
    }
    if (flag == "--config") continue;  // is no option of a run
    if (setting.source != Source::kPreset) options.given.insert(flag);
    Apply(setting);
  }
}

// What flags say together. Fills in what follows from them.
void Complete(Options& options) {
  CheckCombinations(options);
  if (!options.tokens.empty()) options.train.data.doc_mode = DocMode::kTokens;
  // On resume they are compared with those of the run, which are valid.
  if (options.resume.empty()) Validate(options.train);
  options.sample.seed = options.train.seed;
  options.sample.threads = options.train.threads;
  Validate(options.sample);
}

}  // namespace

Options ParseOptions(int argc, const char* const* argv,
                     const char* const* environment) {
  std::vector<std::string> arguments(argv + std::min(argc, 1), argv + argc);
  Options options;
  const bool names_command =
      !arguments.empty() && !arguments.front().starts_with('-');
  if (names_command) {
    options.command = FindCommand(arguments.front()).command;
    arguments.erase(arguments.begin());
  }
  FlagTable flags;
  AddFlags(flags, options);
  const CommandInfo& command = InfoOf(options.command);
  const CommandLine line = ParseCommandLine(command.name, flags, arguments);
  if (line.help || line.version) {
    options.command = Command::kPrintText;
    options.text =
        line.help ? HelpText(command, flags) : "microgpt " + Version() + "\n";
    return options;
  }
  ApplySettings(CollectSettings(flags, line, environment, options), options);
  try {
    Complete(options);
  } catch (const Error& error) {
    throw Error(error.kind(), NamePlaces(error.what(), options));
  }
  return options;
}

std::string NamePlaces(const std::string& message, const Options& options) {
  std::string named = message;
  for (const auto& [flag, place] : options.places) {
    if (Mentions(message, flag) && message.find(place) == std::string::npos) {
      named += fmt::format(" ({} is from {})", flag, place);
    }
  }
  return named;
}

}  // namespace microgpt::cli
