#include "cli/command_flags.h"

#include <limits>
#include <set>
#include <string>

#include "cli/bench_flags.h"
#include "cli/common_flags.h"
#include "cli/presets.h"

namespace microgpt::cli {
namespace {

constexpr const char* kBelowOne = "0 up to, but not 1";
constexpr const char* kPresetHelp = "values that flags may change one by one";

void AddValidationFlags(FlagTable& flags, Options& options) {
  TrainConfig& train = options.train;
  flags.Group("Validation");
  flags
      .Real("--val-split", "part of the documents kept for validation",
            train.data.val_split)
      .Range(kBelowOne);
  flags
      .Text("--val-input", "FILE", "validate on this file instead",
            options.val_input)
      .Path(PathKind::kFile)
      .Example("other.txt");
  flags
      .Integer("--eval-every",
               "steps between validations, 0 for one at the end",
               train.eval_every, kMaxSteps)
      .Unit("steps");
  flags
      .Integer("--early-stop-patience",
               "stop after so many validations without a better loss, 0 is off",
               train.early_stop_patience, 0, kMaxDimension)
      .Unit("validations");
}

void AddScheduleFlags(FlagTable& flags, Options& options) {
  ScheduleConfig& schedule = options.train.schedule;
  flags
      .Real("--learning-rate", "the largest; see --lr-schedule",
            options.train.adam.learning_rate)
      .Range("0 to 1e6");
  AddChoice(flags, "--lr-schedule", "how the learning rate falls",
            {LrSchedule::kLinear, LrSchedule::kCosine, LrSchedule::kConstant},
            schedule.kind);
  flags
      .Integer("--warmup-steps", "steps of rising learning rate",
               schedule.warmup_steps, kMaxSteps)
      .Unit("steps");
  flags.Real("--min-lr", "learning rate at the end", schedule.min_lr)
      .Range("0 to --learning-rate");
}

void AddAdamFlags(FlagTable& flags, Options& options) {
  AdamConfig& adam = options.train.adam;
  flags.Real("--beta1", "decay of Adam's first moment", adam.beta1)
      .Range(kBelowOne);
  flags.Real("--beta2", "decay of Adam's second moment", adam.beta2)
      .Range(kBelowOne);
  flags.Real("--adam-eps", "Adam's epsilon", adam.eps).Range("1e-30 to 1");
  flags.Real("--weight-decay", "decoupled, of all weights", adam.weight_decay)
      .Range("0 to 1e6");
}

// Of train and info.
void AddTrainFlags(FlagTable& flags, Options& options) {
  TrainConfig& train = options.train;
  AddDataFlags(flags, options);
  flags.Switch("--no-shuffle", "take the documents in file order",
               train.shuffle, false);
  AddModelFlags(flags, options);
  flags.Real("--init-std", "spread of the initial weights", train.init_std)
      .Range("0 to 1e6");
  flags
      .Text("--init-from", "FILE", "initial weights, a safetensors file",
            options.init_from)
      .Path(PathKind::kFile)
      .Example("model.safetensors");
  flags.Group("Training");
  flags.Integer("--num-steps", "optimizer steps", train.num_steps, kMaxSteps)
      .Unit("steps");
  AddBatchFlags(flags, options);
  AddScheduleFlags(flags, options);
  AddAdamFlags(flags, options);
  AddGradClipFlag(flags, options);
  AddSeedFlag(flags, "document order, weights and samples", options);
  AddValidationFlags(flags, options);
  AddMachineFlags(flags, options);
}

void AddSampleFlags(FlagTable& flags, Options& options) {
  SampleOptions& sample = options.sample;
  flags.Group("Samples");
  flags.Integer("--num-samples", "samples to print, 0 for none",
                sample.num_samples, 0, kMaxDimension);
  flags
      .Real("--temperature", "0 takes the most likely character",
            sample.temperature)
      .Range("0, or 0.001 to 1000");
  flags.Integer("--top-k", "choose among the k most likely, 0 is off",
                sample.top_k, 0, std::numeric_limits<int>::max());
  flags
      .Real("--top-p",
            "choose among the likeliest of this total probability, 0 is off",
            sample.top_p)
      .Range("0 to 1");
  flags
      .Text("--prompt", "TEXT",
            "beginning of every sample; numbers for a model of token ids",
            sample.prompt)
      .Example("ma");
}

void AddReportFlags(FlagTable& flags, Options& options) {
  flags.TakeOperands({"DIR", "folders of --out-dir, or files of --metrics",
                      PathKind::kFile, &options.report.runs});
  flags.Group("Report");
  flags
      .Text("--output", "FILE", "where to write the page",
            options.report.output)
      .Default("DIR/report.html; of several, report.html here")
      .Path(PathKind::kFile)
      .Example("runs.html")
      .NotRecorded();
  AddColorFlag(flags, options);
}

void AddOutputFlags(FlagTable& flags, Options& options) {
  AddSampleFlags(flags, options);
  flags.Group("Output");
  flags
      .Integer("--log-every", "steps between loss lines, 0 for none",
               options.log_every, kMaxSteps)
      .Unit("steps");
  flags
      .Text("--metrics", "FILE", "write one JSON object per step",
            options.metrics)
      .Path(PathKind::kFile)
      .Example("run.jsonl")
      .NotRecorded();
  flags
      .Text("--tensorboard", "DIR", "write an event file for TensorBoard",
            options.tensorboard)
      .Path(PathKind::kFolder)
      .Example("events")
      .NotRecorded();
  flags.Switch("--quiet", "print samples and digest only", options.quiet)
      .NotRecorded();
  AddColorFlag(flags, options);
}

void AddSaveFlags(FlagTable& flags, Options& options) {
  flags.Group("Checkpoints");
  flags
      .Text("--out-dir", "DIR", "save the run here, at its start and end",
            options.out_dir)
      .Default("the folder of --resume")
      .Path(PathKind::kFolder)
      .Example("run")
      .NotRecorded();
  flags
      .Integer("--save-every", "also save after every N steps, 0 is off",
               options.save_every, kMaxSteps)
      .Unit("steps");
  flags
      .Integer("--sample-every",
               "steps between the samples kept in --out-dir, 0 is off",
               options.sample_every, kMaxSteps)
      .Default("a tenth of --num-steps")
      .Unit("steps")
      .get = [&options] {
    return options.sample_every < 0 ? std::string()
                                    : std::to_string(options.sample_every);
  };
  flags
      .Text("--resume", "DIR",
            "go on with a saved run; its configuration and input are kept",
            options.resume)
      .Path(PathKind::kFolder)
      .Example("run")
      .NotRecorded();
  flags
      .Switch("--allow-changed-data",
              "resume although the input is not what it was",
              options.allow_changed_data)
      .NotRecorded();
}

void AddEvalFlags(FlagTable& flags, Options& options) {
  AddCheckpointFlag(flags, options);
  flags.Group("Data");
  AddInputFlag(flags, "UTF-8, cut into documents as in the run", options);
  flags
      .Text("--tokens", "FILE", "the same for a model of token ids",
            options.tokens)
      .Path(PathKind::kFile)
      .Example("ids.bin");
  AddMachineFlags(flags, options);
  AddColorFlag(flags, options);
}

}  // namespace

void AddFlags(FlagTable& flags, Options& options) {
  switch (options.command) {
    case Command::kTrain:
      AddTrainFlags(flags, options);
      AddSaveFlags(flags, options);
      AddOutputFlags(flags, options);
      AddPresetFlag(flags, kPresetHelp, PresetNames(), options);
      break;
    case Command::kSample:
      AddCheckpointFlag(flags, options);
      AddSampleFlags(flags, options);
      AddSeedFlag(flags, "another draw of samples", options)
          .Default("that of the run");
      AddMachineFlags(flags, options);
      AddColorFlag(flags, options);
      break;
    case Command::kEval:
      AddEvalFlags(flags, options);
      break;
    case Command::kBench:
      AddBenchFlags(flags, options);
      break;
    case Command::kInfo:
      AddCheckpointFlag(flags, options);
      AddTrainFlags(flags, options);
      AddPresetFlag(flags, kPresetHelp, PresetNames(), options);
      break;
    case Command::kReport:
      AddReportFlags(flags, options);
      break;
    case Command::kPrintText:
      break;
  }
  AddGeneralFlags(flags, options);
}

const std::vector<CommandFlags>& FlagsOfCommands() {
  static const std::vector<CommandFlags> kFlags = [] {
    std::vector<CommandFlags> all;
    for (const CommandInfo& info : Commands()) {
      Options options;
      options.command = info.command;
      FlagTable flags;
      AddFlags(flags, options);
      all.push_back({&info, flags.flags(), flags.operands()});
    }
    return all;
  }();
  return kFlags;
}

const std::vector<Flag>& EveryFlag() {
  static const std::vector<Flag> kFlags = [] {
    std::vector<Flag> every;
    std::set<std::string> names;
    for (const CommandFlags& command : FlagsOfCommands()) {
      for (const Flag& flag : command.flags) {
        if (names.insert(flag.name).second) every.push_back(flag);
      }
    }
    return every;
  }();
  return kFlags;
}

}  // namespace microgpt::cli
