#include "cli/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "cli/flag_table.h"
#include "cli/parse_number.h"
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
    "  microgpt info [--checkpoint DIR] [flags]    a saved run; or this "
    "machine,\n"
    "                                              and what a model would "
    "need\n"
    "\n"
    "  microgpt COMMAND --help                     the flags of a command";

constexpr const char* kExitCodes =
    "Exit codes: 0 ok, 2 usage, 3 bad input, 4 input/output, 5 not finite,\n"
    "6 out of resources, 130 and 143 after SIGINT and SIGTERM.";

void AddModelFlags(FlagTable& flags, Options& options) {
  TrainConfig& train = options.train;
  flags.Group("Model");
  flags.Integer("--n-embd", "width of the model, divisible by n-head [16]",
                train.model.n_embd, 1, kMaxDimension);
  flags.Integer("--n-layer", "transformer layers [1]", train.model.n_layer, 0,
                kMaxLayers);
  flags.Integer("--block-size", "longest context, in characters [8]",
                train.model.block_size, 1, kMaxDimension);
  flags.Integer("--n-head", "attention heads [4]", train.model.n_head, 1,
                kMaxDimension);
  flags.Add("--activation", "NAME", "relu2 or relu [relu2]",
            [&train](const std::string& flag, const std::string& text) {
              if (text != "relu2" && text != "relu") {
                throw Error(ErrorKind::kUsage,
                            fmt::format("{}: '{}' is not allowed; give relu2 "
                                        "or relu",
                                        flag, text));
              }
              train.model.activation =
                  text == "relu" ? Activation::kRelu : Activation::kRelu2;
            });
}

void AddMachineFlags(FlagTable& flags, Options& options) {
  flags.Group("Machine");
  flags.Integer("--threads,-t",
                "worker threads [physical cores this process may use]",
                options.train.threads, 1, kMaxThreads);
  flags.Text("--simd", "TARGET", "vector instructions, see info [the best]",
             options.simd);
}

void AddDataFlags(FlagTable& flags, Options& options) {
  flags.Group("Data");
  flags.Text("--input,-i", "FILE",
             "UTF-8, a document per line [input.txt, else built-in names]",
             options.input);
}

void AddSeedFlag(FlagTable& flags, const std::string& help, Options& options) {
  flags.Add("--seed", "N", help,
            [&options](const std::string& flag, const std::string& text) {
              options.train.seed = ParseUnsigned(flag, text);
            });
}

void AddTrainFlags(FlagTable& flags, Options& options) {
  TrainConfig& train = options.train;
  AddDataFlags(flags, options);
  flags.Switch("--no-shuffle", "take the documents in file order",
               train.shuffle, false);
  AddModelFlags(flags, options);
  flags.Real("--init-std", "spread of the initial weights [0.02]",
             train.init_std);
  flags.Text("--init-from", "FILE", "initial weights, a safetensors file",
             options.init_from);
  flags.Group("Training");
  flags.Integer("--num-steps", "optimizer steps [500]", train.num_steps,
                kMaxSteps);
  flags.Integer("--batch-size", "documents per step [1]", train.batch_size, 1,
                kMaxDimension);
  flags.Real("--learning-rate",
             "of the first step; falls linearly to zero [0.01]",
             train.adam.learning_rate);
  flags.Real("--beta1", "decay of Adam's first moment [0.9]", train.adam.beta1);
  flags.Real("--beta2", "decay of Adam's second moment [0.95]",
             train.adam.beta2);
  flags.Real("--adam-eps", "Adam's epsilon [1e-8]", train.adam.eps);
  AddSeedFlag(flags, "document order, weights and samples [42]", options);
  AddMachineFlags(flags, options);
}

void AddSampleFlags(FlagTable& flags, Options& options) {
  SampleOptions& sample = options.sample;
  flags.Group("Samples");
  flags.Integer("--num-samples", "samples to print, 0 for none [20]",
                sample.num_samples, 0, kMaxDimension);
  flags.Real("--temperature", "0 takes the most likely character [0.5]",
             sample.temperature);
  flags.Integer("--top-k", "choose among the k most likely, 0 is off [0]",
                sample.top_k, 0, std::numeric_limits<int>::max());
  flags.Real("--top-p",
             "choose among the likeliest of this total probability, 0 is off "
             "[0]",
             sample.top_p);
  flags.Text("--prompt", "TEXT", "beginning of every sample", sample.prompt);
}

void AddColorFlag(FlagTable& flags, Options& options) {
  flags.Group("Output");
  flags.Switch("--no-color", "no colour, no moving progress line",
               options.no_color);
}

void AddOutputFlags(FlagTable& flags, Options& options) {
  AddSampleFlags(flags, options);
  flags.Group("Output");
  flags.Integer("--log-every", "steps between loss lines, 0 for none [1]",
                options.log_every, kMaxSteps);
  flags.Text("--metrics", "FILE", "write one JSON object per step",
             options.metrics);
  flags.Switch("--quiet", "print samples and digest only", options.quiet);
  AddColorFlag(flags, options);
}

void AddSaveFlags(FlagTable& flags, Options& options) {
  flags.Group("Checkpoints");
  flags.Text("--out-dir", "DIR",
             "save the run here, at its start and end [the folder of --resume]",
             options.out_dir);
  flags.Integer("--save-every", "also save after every N steps, 0 is off [0]",
                options.save_every, kMaxSteps);
  flags.Text("--resume", "DIR",
             "go on with a saved run; its configuration and input are kept",
             options.resume);
  flags.Switch("--allow-changed-data",
               "resume although the input is not what it was",
               options.allow_changed_data);
}

void AddCheckpointFlag(FlagTable& flags, Options& options) {
  flags.Group("Checkpoint");
  flags.Text("--checkpoint", "DIR",
             "a folder of --out-dir, or a generation in it",
             options.checkpoint);
}

Command CommandOf(const std::string& name) {
  if (name == "train") return Command::kTrain;
  if (name == "sample") return Command::kSample;
  if (name == "eval") return Command::kEval;
  if (name == "info") return Command::kInfo;
  throw Error(ErrorKind::kUsage,
              "unknown command '" + name +
                  "'; give train, sample, eval or info (see microgpt --help)");
}

void AddFlags(FlagTable& flags, Options& options) {
  switch (options.command) {
    case Command::kTrain:
      AddTrainFlags(flags, options);
      AddSaveFlags(flags, options);
      AddOutputFlags(flags, options);
      break;
    case Command::kSample:
      AddCheckpointFlag(flags, options);
      AddSampleFlags(flags, options);
      AddSeedFlag(flags, "another draw of samples [that of the run]", options);
      AddMachineFlags(flags, options);
      AddColorFlag(flags, options);
      break;
    case Command::kEval:
      AddCheckpointFlag(flags, options);
      flags.Group("Data");
      flags.Text("--input,-i", "FILE", "UTF-8, a document per line",
                 options.input);
      AddMachineFlags(flags, options);
      AddColorFlag(flags, options);
      break;
    case Command::kInfo:
      AddCheckpointFlag(flags, options);
      AddTrainFlags(flags, options);
      break;
    case Command::kPrintText:
      break;
  }
}

[[noreturn]] void FailUsage(const std::string& message) {
  throw Error(ErrorKind::kUsage, message + " (see microgpt --help)");
}

// Flags that need or exclude others.
void CheckCombinations(const Options& options) {
  const bool reads_checkpoint =
      options.command == Command::kSample || options.command == Command::kEval;
  if (reads_checkpoint && options.checkpoint.empty()) {
    FailUsage("--checkpoint is missing; give the folder of --out-dir");
  }
  if (options.command == Command::kEval && options.input.empty()) {
    FailUsage("--input is missing; give a text to evaluate");
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
  if (options.allow_changed_data && options.resume.empty()) {
    FailUsage("--allow-changed-data needs --resume");
  }
  if (!options.init_from.empty() && !options.resume.empty()) {
    FailUsage("--init-from and --resume both give weights; leave one out");
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
  Validate(options.train);
  options.sample.seed = options.train.seed;
  options.sample.threads = options.train.threads;
  Validate(options.sample);
  return options;
}

}  // namespace microgpt::cli
