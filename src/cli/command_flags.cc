#include "cli/command_flags.h"

#include <fmt/format.h>

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "cli/bench/plan.h"
#include "cli/parse_number.h"
#include "microgpt/benchmark.h"
#include "microgpt/error.h"

namespace microgpt::cli {
namespace {

// A flag whose value is one of a few names.
template <typename Enum>
void AddChoice(FlagTable& flags, const std::string& name,
               const std::string& help, const std::vector<Enum>& choices,
               Enum& value) {
  flags.Add(
      name, "NAME", help,
      [&value, choices](const std::string& flag, const std::string& text) {
        std::string names;
        for (const Enum choice : choices) {
          if (ToString(choice) == text) {
            value = choice;
            return;
          }
          names += (names.empty() ? "" : " or ") + ToString(choice);
        }
        throw Error(
            ErrorKind::kUsage,
            fmt::format("{}: '{}' is not allowed; give {}", flag, text, names));
      });
}

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
  AddChoice(flags, "--activation", "relu2 or relu [relu2]",
            {Activation::kRelu2, Activation::kRelu}, train.model.activation);
}

void AddSimdFlag(FlagTable& flags, Options& options) {
  flags.Text("--simd", "TARGET", "vector instructions, see info [the best]",
             options.simd);
}

void AddMachineFlags(FlagTable& flags, Options& options) {
  flags.Group("Machine");
  flags.Integer("--threads,-t",
                "worker threads [physical cores this process may use]",
                options.train.threads, 1, kMaxThreads);
  AddSimdFlag(flags, options);
}

void AddDataFlags(FlagTable& flags, Options& options) {
  DataConfig& data = options.train.data;
  flags.Group("Data");
  flags.Text("--input,-i", "FILE",
             "UTF-8 text [input.txt, else built-in names]", options.input);
  AddChoice(flags, "--doc-mode",
            "lines, or text: the input is one stream of characters [lines]",
            {DocMode::kLines, DocMode::kText}, data.doc_mode);
  AddChoice(flags, "--long-docs",
            "truncate lines to block-size, or chunk them [truncate]",
            {LongDocs::kTruncate, LongDocs::kChunk}, data.long_docs);
  flags.Text("--tokens", "FILE",
             "token ids instead of text: 16 bits each, or llm.c's format",
             options.tokens);
  flags.Integer("--vocab-size", "number of tokens of --tokens",
                options.vocab_size, 1, kMaxDimension);
}

void AddValidationFlags(FlagTable& flags, Options& options) {
  TrainConfig& train = options.train;
  flags.Group("Validation");
  flags.Real("--val-split", "part of the documents kept for validation [0]",
             train.data.val_split);
  flags.Text("--val-input", "FILE", "validate on this file instead",
             options.val_input);
  flags.Integer("--eval-every",
                "steps between validations, 0 for one at the end [0]",
                train.eval_every, kMaxSteps);
  flags.Integer("--early-stop-patience",
                "stop after N validations without a better loss, 0 is off [0]",
                train.early_stop_patience, 0, kMaxDimension);
}

void AddSeedFlag(FlagTable& flags, const std::string& help, Options& options) {
  flags.Add("--seed", "N", help,
            [&options](const std::string& flag, const std::string& text) {
              options.train.seed = ParseUnsigned(flag, text);
            });
}

void AddGradAccumFlag(FlagTable& flags, Options& options) {
  flags.Integer("--grad-accum", "batches per step [1]",
                options.train.grad_accum, 1, kMaxDimension);
}

void AddGradClipFlag(FlagTable& flags, Options& options) {
  flags.Real("--grad-clip", "largest norm of the gradient, 0 is off [0]",
             options.train.grad_clip);
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
  flags.Integer("--batch-size", "documents per batch [1]", train.batch_size, 1,
                kMaxDimension);
  AddGradAccumFlag(flags, options);
  flags.Real("--learning-rate", "the largest; see --lr-schedule [0.01]",
             train.adam.learning_rate);
  AddChoice(flags, "--lr-schedule",
            "linear or cosine fall, or constant [linear]",
            {LrSchedule::kLinear, LrSchedule::kCosine, LrSchedule::kConstant},
            train.schedule.kind);
  flags.Integer("--warmup-steps", "steps of rising learning rate [0]",
                train.schedule.warmup_steps, kMaxSteps);
  flags.Real("--min-lr", "learning rate at the end [0]", train.schedule.min_lr);
  flags.Real("--beta1", "decay of Adam's first moment [0.9]", train.adam.beta1);
  flags.Real("--beta2", "decay of Adam's second moment [0.95]",
             train.adam.beta2);
  flags.Real("--adam-eps", "Adam's epsilon [1e-8]", train.adam.eps);
  flags.Real("--weight-decay", "decoupled, of all weights [0]",
             train.adam.weight_decay);
  AddGradClipFlag(flags, options);
  AddSeedFlag(flags, "document order, weights and samples [42]", options);
  AddValidationFlags(flags, options);
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
  flags.Text("--prompt", "TEXT",
             "beginning of every sample; numbers for a model of token ids",
             sample.prompt);
}

void AddColorFlag(FlagTable& flags, Options& options) {
  flags.Group("Output");
  flags.Switch("--no-color", "no colour, no moving progress line",
               options.no_color);
}

void AddReportFlags(FlagTable& flags, Options& options) {
  flags.Group("Report");
  flags.Positionals("DIR", "folders of --out-dir, or files of --metrics",
                    options.report.runs);
  flags.Text("--output", "FILE",
             "the page [DIR/report.html; of several, report.html here]",
             options.report.output);
  AddColorFlag(flags, options);
}

void AddTensorboardFlag(FlagTable& flags, Options& options) {
  flags.Text("--tensorboard", "DIR", "write an event file for TensorBoard",
             options.tensorboard);
}

void AddSampleEveryFlag(FlagTable& flags, Options& options) {
  flags.Integer("--sample-every",
                "steps between samples kept in --out-dir, 0 is off [ten times "
                "a run]",
                options.sample_every, kMaxSteps);
}

void AddOutputFlags(FlagTable& flags, Options& options) {
  AddSampleFlags(flags, options);
  flags.Group("Output");
  flags.Integer("--log-every", "steps between loss lines, 0 for none [1]",
                options.log_every, kMaxSteps);
  flags.Text("--metrics", "FILE", "write one JSON object per step",
             options.metrics);
  AddTensorboardFlag(flags, options);
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
  AddSampleEveryFlag(flags, options);
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

// What is measured, and how often.
void AddProtocolFlags(FlagTable& flags, Options& options) {
  BenchFlags& bench = options.bench;
  flags.Group("Benchmark");
  flags.Add("--threads,-t", "N,N,...",
            "numbers of threads to compare [1, 2, 4, ... and all cores]",
            [&bench](const std::string& flag, const std::string& text) {
              bench.threads = ParseThreadCounts(flag, text);
            });
  AddSimdFlag(flags, options);
  flags.Add("--preset", "sweep",
            "instead of one model, seven of n-embd 16 to 768 (minutes)",
            [&bench](const std::string& flag, const std::string& text) {
              if (text != "sweep") {
                throw Error(ErrorKind::kUsage,
                            fmt::format("{}: '{}' is not allowed; give sweep",
                                        flag, text));
              }
              bench.sweep = true;
            });
  flags.Integer("--repetitions", "blocks of steps per number of threads [5]",
                bench.repetitions, 1, kMaxRepetitions);
  flags.Add(
      "--repetition-seconds", "X", "least length of a block [0.3]",
      [&bench](const std::string& flag, const std::string& text) {
        const double seconds = ParseReal(flag, text);
        if (!(seconds > 0) || seconds > kMaxRepetitionSeconds) {
          throw Error(
              ErrorKind::kUsage,
              fmt::format("{}: '{}' must be above 0 and at most {:.0f} seconds",
                          flag, text, kMaxRepetitionSeconds));
        }
        bench.repetition_seconds = seconds;
      });
}

void AddBenchFlags(FlagTable& flags, Options& options) {
  constexpr int kBenchBatch = 64;
  BenchFlags& bench = options.bench;
  options.train.batch_size = kBenchBatch;
  AddProtocolFlags(flags, options);
  flags.Group("Report");
  flags.Text("--report", "DIR",
             "write report.json, report.md and report.html there",
             bench.report);
  flags.Text("--label", "TEXT", "name of this run in the report [the CPU]",
             bench.label);
  flags.Text("--from", "FILE", "measure nothing, draw this report.json again",
             bench.from);
  AddDataFlags(flags, options);
  AddModelFlags(flags, options);
  flags.Group("Training");
  flags.Integer("--batch-size", "documents per batch [64]",
                options.train.batch_size, 1, kMaxDimension);
  AddGradAccumFlag(flags, options);
  AddGradClipFlag(flags, options);
  AddSeedFlag(flags, "document order and weights [42]", options);
  flags.Group("Output");
  flags.Switch("--quiet", "no notes on stderr", options.quiet);
  AddColorFlag(flags, options);
}

}  // namespace

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
      flags.Text("--input,-i", "FILE",
                 "UTF-8, cut into documents as in the run", options.input);
      flags.Text("--tokens", "FILE", "the same for a model of token ids",
                 options.tokens);
      AddMachineFlags(flags, options);
      AddColorFlag(flags, options);
      break;
    case Command::kBench:
      AddBenchFlags(flags, options);
      break;
    case Command::kInfo:
      AddCheckpointFlag(flags, options);
      AddTrainFlags(flags, options);
      break;
    case Command::kReport:
      AddReportFlags(flags, options);
      break;
    case Command::kPrintText:
      break;
  }
}

}  // namespace microgpt::cli
