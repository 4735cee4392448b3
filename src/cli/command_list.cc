#include "cli/command_list.h"

#include "cli/did_you_mean.h"
#include "cli/flag.h"
#include "microgpt/error.h"

namespace microgpt::cli {
namespace {

CommandInfo Train() {
  return {
      Command::kTrain,
      "train",
      "[train] [flags]",
      "train, then print samples",
      "Trains a small GPT language model on all cores, then prints samples. "
      "Results are bit-identical for every number of threads.",
      {{"microgpt", "the built-in names, or input.txt of this folder"},
       {"microgpt --input my.txt --out-dir run", "your own text, saved"},
       {"microgpt --preset nano --input book.txt --out-dir book",
        "one long text, the recipe of nanoGPT"},
       {"microgpt --config run/config.toml --num-steps 1000",
        "as that run, but longer"},
       {"microgpt --resume run", "go on after an interruption"}}};
}

CommandInfo Sample() {
  return {Command::kSample,
          "sample",
          "sample --checkpoint DIR [flags]",
          "print samples of a saved model",
          "Prints samples of a model that was saved with --out-dir.",
          {{"microgpt sample --checkpoint run --num-samples 5", "five samples"},
           {"microgpt sample --checkpoint run --prompt ma --temperature 0.8",
            "bolder, each begins with \"ma\""}}};
}

CommandInfo Eval() {
  return {Command::kEval,
          "eval",
          "eval --checkpoint DIR --input FILE [flags]",
          "the loss of a saved model on a text",
          "Prints the mean loss of a saved model on another text, in nats per "
          "token, its exponential, and bits per character.",
          {{"microgpt eval --checkpoint run --input other.txt",
            "how well it predicts other.txt"}}};
}

CommandInfo Bench() {
  return {Command::kBench,
          "bench",
          "bench [flags]",
          "the speed of training, by number of threads",
          "Measures training on several numbers of threads, and shows that all "
          "of them end with the same digest.",
          {{"microgpt bench", "the default model on 1, 2, 4, ... threads"},
           {"microgpt bench --n-embd 64 --batch-size 256 --threads 1,2",
            "a model of your own"},
           {"microgpt bench --preset sweep --report speed",
            "seven models, and a report"}}};
}

CommandInfo Info() {
  return {Command::kInfo,
          "info",
          "info [--checkpoint DIR] [flags]",
          "a saved run; or this machine, and what a model needs",
          "Describes a saved run; without --checkpoint this machine, and what "
          "a model of the given flags would need.",
          {{"microgpt info", "this machine"},
           {"microgpt info --checkpoint run", "what a folder holds"},
           {"microgpt info --n-embd 768 --n-layer 12 --n-head 12 "
            "--vocab-size 50257",
            "memory of a larger model"}}};
}

CommandInfo Report() {
  return {Command::kReport,
          "report",
          "report DIR [DIR...] [flags]",
          "a page with the curves of runs",
          "Draws saved runs on one page: curves of loss, learning rate, speed "
          "and memory, configuration and samples. Several runs are compared.",
          {{"microgpt report run", "writes run/report.html"},
           {"microgpt report one two --output both.html",
            "two runs in the same plots"}}};
}

}  // namespace

const std::vector<CommandInfo>& Commands() {
  static const std::vector<CommandInfo> kCommands = {
      Train(), Sample(), Eval(), Report(), Bench(), Info()};
  return kCommands;
}

const CommandInfo& InfoOf(Command command) {
  for (const CommandInfo& info : Commands()) {
    if (info.command == command) return info;
  }
  return Commands().front();
}

const CommandInfo& FindCommand(const std::string& name) {
  std::vector<std::string> names;
  for (const CommandInfo& info : Commands()) {
    if (info.name == name) return info;
    names.push_back(info.name);
  }
  throw Error(ErrorKind::kUsage,
              "unknown command '" + name + "'; give " + JoinWithOr(names) +
                  DidYouMean(name, names) + " (see microgpt --help)");
}

const std::vector<ExitStatus>& ExitStatuses() {
  static const std::vector<ExitStatus> kStatuses = {
      {"0", "success"},
      {"2", "wrong flags, or a wrong configuration"},
      {"3", "bad input or checkpoint"},
      {"4", "input or output failed"},
      {"5", "loss or gradient is not finite"},
      {"6", "out of memory or another resource"},
      {"130", "after SIGINT, with --out-dir saved first"},
      {"143", "after SIGTERM, with --out-dir saved first"}};
  return kStatuses;
}

}  // namespace microgpt::cli
