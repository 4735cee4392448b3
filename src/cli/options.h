// What the command line asks for.
#ifndef MICROGPT_CLI_OPTIONS_H_
#define MICROGPT_CLI_OPTIONS_H_

#include <cstdint>
#include <string>

#include "microgpt/config.h"
#include "microgpt/generator.h"

namespace microgpt::cli {

enum class Command { kTrain, kInfo, kPrintText };

struct Options {
  Command command = Command::kTrain;
  std::string text;  // kPrintText: help or version, for stdout

  TrainConfig train;
  SampleOptions sample;        // seed, threads and executor are train's
  std::string input;           // empty: input.txt if it exists, else built in
  std::string init_from;       // safetensors file; empty: random weights
  std::string metrics;         // JSON lines; empty: none
  std::string simd;            // empty: the best
  std::int64_t log_every = 1;  // steps between loss lines; 0: none
  bool quiet = false;
  bool no_color = false;
};

// Throws Error(kUsage), naming the flag and what it accepts.
Options ParseOptions(int argc, const char* const* argv);

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_OPTIONS_H_
