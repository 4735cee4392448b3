// What the command line asks for.
#ifndef MICROGPT_CLI_OPTIONS_H_
#define MICROGPT_CLI_OPTIONS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "microgpt/config.h"
#include "microgpt/generator.h"

namespace microgpt::cli {

enum class Command {
  kTrain,
  kSample,
  kEval,
  kBench,
  kInfo,
  kReport,
  kPrintText
};

// Beyond, curves of a page cannot be told apart.
inline constexpr std::size_t kMaxReportRuns = 24;

// Of the report command.
struct ReportFlags {
  std::vector<std::string> runs;  // output folders or metrics files
  std::string output;             // empty: report.html
};

// --input of the corpus in the program; a file of that name is ./built-in.
inline constexpr const char* kBuiltInInput = "built-in";
// A preset of the bench command: models of many sizes.
inline constexpr const char* kSweepPreset = "sweep";

// Of the bench command.
struct BenchFlags {
  std::vector<int> threads;  // increasing; empty: 1, 2, 4, ... and the cores
  int repetitions = 5;
  double repetition_seconds = 0.3;
  bool sweep = false;  // models of many sizes instead of that of the flags
  std::string label;   // of the run; empty: made from CPU and version
  std::string report;  // folder; empty: none
  std::string from;    // a report.json to draw again; empty: measure
};

struct Options {
  Command command = Command::kTrain;
  std::string text;  // kPrintText: help or version, for stdout
  // Long names of the flags given, "--n-embd": on the command line, in the
  // environment or a file, but not by a preset.
  std::set<std::string> given;
  // Of values that were not typed: by flag "MICROGPT_N_EMBD", the name of the
  // file or "--preset nano".
  std::map<std::string, std::string> places;
  std::vector<std::string> warnings;  // for stderr

  TrainConfig train;
  SampleOptions sample;        // seed, threads and executor are train's
  std::string config;          // file of settings; empty: none
  std::string preset;          // empty: none
  std::string input;           // empty: built in if given, else input.txt if it
                               // exists, else built in
  std::string tokens;          // file of token ids instead of input
  int vocab_size = 0;          // of tokens; 0: not given
  std::string val_input;       // validation corpus; empty: none
  std::string init_from;       // safetensors file; empty: random weights
  std::string metrics;         // JSON lines; empty: none
  std::string tensorboard;     // folder of event files; empty: none
  std::string simd;            // empty: the best
  std::int64_t log_every = 1;  // steps between loss lines; 0: none
  bool quiet = false;
  bool no_color = false;

  std::string out_dir;          // where to save; empty: nowhere, or resume
  std::int64_t save_every = 0;  // steps between saves; 0: the last only
  // Steps between samples kept in out_dir; negative: a tenth of num_steps.
  std::int64_t sample_every = -1;
  std::string resume;  // checkpoint to go on from; empty: none
  bool allow_changed_data = false;
  std::string checkpoint;  // of sample, eval and info

  BenchFlags bench;
  ReportFlags report;

  bool Given(const char* flag) const { return given.contains(flag); }
};

// environment: "NAME=value" up to a null pointer; null: none.
// Throws Error(kUsage), naming the flag, variable or key and what it accepts;
// Error(kInput) for a file of settings that cannot be read.
Options ParseOptions(int argc, const char* const* argv,
                     const char* const* environment = nullptr);

// `message` with the places of values that it is about but that were not typed:
// "... (--n-embd is from run.toml)".
std::string NamePlaces(const std::string& message, const Options& options);

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_OPTIONS_H_
