#include "cli/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "cli/command_flags.h"
#include "cli/flag_table.h"
#include "microgpt/error.h"

namespace microgpt::cli {
namespace {

constexpr const char* kSynopsis =
    "Train a small GPT language model on all cores, then print samples.\n"
    "Results are bit-identical for every number of threads.\n"
    "\n"
    "  microgpt [train] [flags]                    train, then sample; "
    "\"train\"\n"
    "                                              may be left out\n"
    "  microgpt sample --checkpoint DIR [flags]    sample from a saved model\n"
    "  microgpt eval --checkpoint DIR --input FILE its loss on another text\n"
    "  microgpt bench [flags] [--report DIR]       its speed, by number of "
    "threads\n"
    "  microgpt report DIR [DIR...]                saved runs as a page of "
    "curves\n"
    "  microgpt info [--checkpoint DIR] [flags]    a saved run; or this "
    "machine,\n"
    "                                              and what a model would "
    "need\n"
    "\n"
    "  microgpt COMMAND --help                     the flags of a command";

constexpr const char* kExitCodes =
    "Exit codes: 0 ok, 2 usage, 3 bad input, 4 input/output, 5 not finite,\n"
    "6 out of resources, 130 and 143 after SIGINT and SIGTERM.";

Command CommandOf(const std::string& name) {
  if (name == "train") return Command::kTrain;
  if (name == "sample") return Command::kSample;
  if (name == "eval") return Command::kEval;
  if (name == "bench") return Command::kBench;
  if (name == "info") return Command::kInfo;
  if (name == "report") return Command::kReport;
  throw Error(
      ErrorKind::kUsage,
      "unknown command '" + name +
          "'; give train, sample, eval, bench, report or info (see microgpt "
          "--help)");
}

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
  if (options.command == Command::kEval && options.input.empty() &&
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
  CheckData(options);
  CheckBench(options);
  if (options.train.schedule.kind == LrSchedule::kConstant &&
      options.Given("--min-lr")) {
    FailUsage("--min-lr has no effect with --lr-schedule constant");
  }
}

}  // namespace

Options ParseOptions(int argc, const char* const* argv) {
  std::vector<std::string> arguments(argv + std::min(argc, 1), argv + argc);
  Options options;
  if (!arguments.empty() && !arguments.front().starts_with('-')) {
    options.command = CommandOf(arguments.front());
    arguments.erase(arguments.begin());
  }
  FlagTable flags(kSynopsis, kExitCodes);
  AddFlags(flags, options);
  options.text = flags.Parse(std::move(arguments));
  options.given = flags.given();
  if (!options.text.empty()) {
    options.command = Command::kPrintText;
    return options;
  }
  CheckCombinations(options);
  if (!options.tokens.empty()) options.train.data.doc_mode = DocMode::kTokens;
  // On resume they are compared with those of the run, which are valid.
  if (options.resume.empty()) Validate(options.train);
  options.sample.seed = options.train.seed;
  options.sample.threads = options.train.threads;
  Validate(options.sample);
  return options;
}

}  // namespace microgpt::cli
