#include "cli/common_flags.h"

#include <fmt/format.h>

#include <limits>

#include "cli/parse_number.h"
#include "microgpt/error.h"

namespace microgpt::cli {
namespace {

// Of the command line only, and nothing else happens.
void AddPrintingFlag(FlagTable& flags, const std::string& names,
                     const std::string& help) {
  Flag& flag =
      flags.Add(names, "", help, [](const std::string&, const std::string&) {});
  flag.kind = ValueKind::kSwitch;
  flag.is_key = flag.is_variable = flag.recorded = false;
}

}  // namespace

Flag& AddInputFlag(FlagTable& flags, const std::string& help,
                   Options& options) {
  Flag& flag = flags.Add(
      "--input,-i", "FILE", help,
      [&options](const std::string& origin, const std::string& text) {
        if (text.empty()) {
          throw Error(ErrorKind::kUsage, origin + ": the value is empty");
        }
        options.input = text == kBuiltInInput ? "" : text;
      });
  flag.get = [&options] { return options.input; };
  return flag.Path(PathKind::kFile).Example("my.txt");
}

void AddDataFlags(FlagTable& flags, Options& options) {
  DataConfig& data = options.train.data;
  flags.Group("Data");
  AddInputFlag(flags, "UTF-8 text, or built-in for the names in the program",
               options)
      .Default("input.txt if it is there, else built-in");
  AddChoice(flags, "--doc-mode",
            "what a document is: a line, or a window of the text as one stream",
            {DocMode::kLines, DocMode::kText}, data.doc_mode);
  AddChoice(flags, "--long-docs",
            "what becomes of lines longer than --block-size",
            {LongDocs::kTruncate, LongDocs::kChunk}, data.long_docs);
  flags
      .Text("--tokens", "FILE",
            "token ids instead of text: 16 bits each, or llm.c's format",
            options.tokens)
      .Path(PathKind::kFile)
      .Example("ids.bin");
  flags
      .Integer("--vocab-size", "number of tokens that ids of --tokens are from",
               options.vocab_size, 1, kMaxDimension)
      .Default("");
}

void AddModelFlags(FlagTable& flags, Options& options) {
  ModelConfig& model = options.train.model;
  flags.Group("Model");
  flags.Integer("--n-embd", "width of the model, divisible by --n-head",
                model.n_embd, 1, kMaxDimension);
  flags.Integer("--n-layer", "transformer layers", model.n_layer, 0,
                kMaxLayers);
  flags
      .Integer("--block-size", "longest context", model.block_size, 1,
               kMaxDimension)
      .Unit("tokens");
  flags.Integer("--n-head", "attention heads", model.n_head, 1, kMaxDimension);
  AddChoice(flags, "--activation", "non-linearity; relu2 is relu squared",
            {Activation::kRelu2, Activation::kRelu}, model.activation);
}

void AddPresetFlag(FlagTable& flags, const std::string& help,
                   const std::vector<std::string>& choices, Options& options) {
  const auto set = [&options](const std::string& text) {
    options.preset = text;
    options.bench.sweep = text == kSweepPreset;
  };
  flags.Group("General");
  flags
      .Choice("--preset", help, choices, set,
              [&options] { return options.preset; })
      .NotRecorded();
}

void AddBatchFlags(FlagTable& flags, Options& options) {
  flags
      .Integer("--batch-size", "documents per batch", options.train.batch_size,
               1, kMaxDimension)
      .Unit("documents");
  flags
      .Integer("--grad-accum", "batches per step", options.train.grad_accum, 1,
               kMaxDimension)
      .Unit("batches");
}

void AddGradClipFlag(FlagTable& flags, Options& options) {
  flags
      .Real("--grad-clip", "largest norm of the gradient, 0 is off",
            options.train.grad_clip)
      .Range("0 to 1e30");
}

Flag& AddSeedFlag(FlagTable& flags, const std::string& help, Options& options) {
  std::uint64_t& seed = options.train.seed;
  Flag& flag =
      flags.Add("--seed", "N", help,
                [&seed](const std::string& origin, const std::string& text) {
                  seed = ParseUnsigned(origin, text);
                });
  flag.kind = ValueKind::kInteger;
  flag.get = [&seed] { return fmt::format("{}", seed); };
  return flag.Default(flag.get())
      .Range(fmt::format("0 to {}", std::numeric_limits<std::uint64_t>::max()));
}

void AddSimdFlag(FlagTable& flags, Options& options) {
  flags.Text("--simd", "TARGET", "vector instructions", options.simd)
      .Default("the best")
      .Range("see microgpt info")
      .Example("avx2")
      .NotRecorded();
}

void AddMachineFlags(FlagTable& flags, Options& options) {
  flags.Group("Machine");
  flags
      .Integer("--threads,-t", "worker threads", options.train.threads, 1,
               kMaxThreads)
      .Default("physical cores this process may use")
      .NotRecorded();
  AddSimdFlag(flags, options);
}

void AddColorFlag(FlagTable& flags, Options& options) {
  flags.Group("Output");
  flags
      .Switch("--no-color", "no colour, no moving progress line",
              options.no_color)
      .NotRecorded();
}

void AddCheckpointFlag(FlagTable& flags, Options& options) {
  flags.Group("Checkpoint");
  flags
      .Text("--checkpoint", "DIR",
            "a folder of --out-dir, or a generation in it", options.checkpoint)
      .Path(PathKind::kFolder)
      .Example("run")
      .NotRecorded();
}

void AddGeneralFlags(FlagTable& flags, Options& options) {
  flags.Group("General");
  flags.Text("--config", "FILE", "read flags from a TOML file", options.config)
      .Path(PathKind::kFile)
      .Example("run/config.toml")
      .NotRecorded()
      .is_key = false;
  AddPrintingFlag(flags, "--help,-h", "print this text");
  AddPrintingFlag(flags, "--version", "print the version");
}

}  // namespace microgpt::cli
