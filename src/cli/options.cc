#include "cli/options.h"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <limits>
#include <vector>

#include "cli/parse_number.h"
#include "microgpt/error.h"
#include "microgpt/system.h"

namespace microgpt::cli {
namespace {

constexpr const char* kSynopsis =
    "Train a small GPT language model on all cores, then print samples.\n"
    "Results are bit-identical for every number of threads.\n"
    "\n"
    "  microgpt [train] [flags]   train, then sample; \"train\" may be left "
    "out\n"
    "  microgpt info [flags]      this machine, and what a model would need";

constexpr const char* kExitCodes =
    "Exit codes: 0 ok, 2 usage, 3 bad input, 4 input/output, 5 not finite,\n"
    "6 out of resources, 130 and 143 after SIGINT and SIGTERM.";

// Registers flags whose text is handed to a function of ours: CLI11's own
// number parsing depends on the locale and names no range.
class FlagTable {
 public:
  explicit FlagTable(CLI::App& app) : app_(app) {}

  void Group(const std::string& name) { group_ = name; }

  template <typename Handle>
  void Add(const std::string& names, const std::string& value_name,
           const std::string& help, Handle handle) {
    const std::string flag = names.substr(0, names.find(','));
    CLI::Option* option = app_.add_option_function<std::string>(
        names, [flag, handle](const std::string& text) { handle(flag, text); },
        help);
    option->type_name(value_name)->group(group_);
    option->multi_option_policy(CLI::MultiOptionPolicy::Throw);
  }

  void Integer(const std::string& names, const std::string& help, int& value,
               int low, int high) {
    Add(names, "N", help,
        [&value, low, high](const std::string& flag, const std::string& text) {
          value = static_cast<int>(ParseInteger(flag, text, low, high));
        });
  }

  void Integer(const std::string& names, const std::string& help,
               std::int64_t& value, std::int64_t high) {
    Add(names, "N", help,
        [&value, high](const std::string& flag, const std::string& text) {
          value = ParseInteger(flag, text, 0, high);
        });
  }

  void Real(const std::string& names, const std::string& help, double& value) {
    Add(names, "X", help,
        [&value](const std::string& flag, const std::string& text) {
          value = ParseReal(flag, text);
        });
  }

  void Text(const std::string& names, const std::string& value_name,
            const std::string& help, std::string& value) {
    Add(names, value_name, help,
        [&value](const std::string& flag, const std::string& text) {
          if (text.empty() && flag != "--prompt") {
            throw Error(ErrorKind::kUsage, flag + ": the value is empty");
          }
          value = text;
        });
  }

  void Switch(const std::string& name, const std::string& help, bool& value,
              bool when_given = true) {
    CLI::Option* option = app_.add_flag_function(
        name,
        [name, &value, when_given](std::int64_t count) {
          if (count > 1) {
            throw Error(ErrorKind::kUsage, name + " is given more than once");
          }
          value = when_given;
        },
        help);
    option->group(group_)->disable_flag_override();
  }

 private:
  CLI::App& app_;
  std::string group_;
};

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
  flags.Add("--seed", "N", "document order, weights and samples [42]",
            [&train](const std::string& flag, const std::string& text) {
              train.seed = ParseUnsigned(flag, text);
            });
  AddMachineFlags(flags, options);
}

void AddOutputFlags(FlagTable& flags, Options& options) {
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
  flags.Group("Output");
  flags.Integer("--log-every", "steps between loss lines, 0 for none [1]",
                options.log_every, kMaxSteps);
  flags.Text("--metrics", "FILE", "write one JSON object per step",
             options.metrics);
  flags.Switch("--quiet", "print samples and digest only", options.quiet);
  flags.Switch("--no-color", "no colour, no moving progress line",
               options.no_color);
}

std::size_t EditDistance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, change});
    }
  }
  return row.back();
}

// "; did you mean --n-embd?" for a slip of a few letters, else nothing.
std::string Suggestion(const CLI::App& app, const std::string& argument) {
  const std::string flag = argument.substr(0, argument.find('='));
  std::string best;
  // Less than half of the letters, or every short flag would resemble --help.
  std::size_t best_distance = std::min<std::size_t>(4, flag.size() / 2);
  if (flag.size() > 64) return "";
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      const std::size_t distance = EditDistance(flag, "--" + name);
      if (distance < best_distance) {
        best_distance = distance;
        best = name;
      }
    }
  }
  return best.empty() ? "" : "; did you mean --" + best + "?";
}

[[noreturn]] void ThrowUsage(const CLI::App& app,
                             const CLI::ParseError& error) {
  std::string message = error.what();
  const std::vector<std::string> rest = app.remaining();
  if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::ExtrasError) &&
      !rest.empty()) {
    // The first is what CLI11 stumbled over; values of unknown flags follow.
    const std::string& argument = rest.front();
    const bool flag = argument.starts_with('-') && argument.size() > 1;
    message = flag ? "unknown flag " + argument + Suggestion(app, argument)
                   : "unexpected argument '" + argument + "'";
  }
  throw Error(ErrorKind::kUsage, message + " (see microgpt --help)");
}

// CLI11 would take a lone "--" as end of flags and the argument after "--flag="
// as its value; both would be silent.
void RefuseOddities(std::vector<std::string>& arguments) {
  std::erase(arguments, "--prompt=");
  std::string previous;
  for (const std::string& argument : arguments) {
    if (argument == "--" && previous != "--prompt") {
      throw Error(ErrorKind::kUsage, "unexpected argument '--'");
    }
    previous = argument;
    if (argument.starts_with("--") && argument.ends_with('=') &&
        argument.find('=') + 1 == argument.size()) {
      throw Error(ErrorKind::kUsage, argument + " has an empty value");
    }
  }
}

void Parse(CLI::App& app, std::vector<std::string> arguments,
           Options& options) {
  RefuseOddities(arguments);
  std::reverse(arguments.begin(), arguments.end());
  try {
    app.parse(std::move(arguments));
  } catch (const CLI::CallForHelp&) {
    options.command = Command::kPrintText;
    options.text = app.help();
  } catch (const CLI::CallForVersion&) {
    options.command = Command::kPrintText;
    options.text = "microgpt " + Version() + "\n";
  } catch (const CLI::ParseError& error) {
    ThrowUsage(app, error);
  }
}

}  // namespace

Options ParseOptions(int argc, const char* const* argv) {
  std::vector<std::string> arguments(argv + std::min(argc, 1), argv + argc);
  Options options;
  if (!arguments.empty() && !arguments.front().starts_with('-')) {
    const std::string name = arguments.front();
    if (name == "info") {
      options.command = Command::kInfo;
    } else if (name != "train") {
      throw Error(ErrorKind::kUsage,
                  "unknown command '" + name +
                      "'; give train or info (see microgpt --help)");
    }
    arguments.erase(arguments.begin());
  }
  CLI::App app(kSynopsis, "microgpt");
  app.footer(kExitCodes);
  app.set_help_flag("--help,-h", "print this text");
  app.set_version_flag(
      "--version", [] { return Version(); }, "print the version");
  FlagTable flags(app);
  AddTrainFlags(flags, options);
  if (options.command == Command::kTrain) AddOutputFlags(flags, options);
  Parse(app, std::move(arguments), options);
  if (options.command == Command::kPrintText) return options;
  Validate(options.train);
  options.sample.seed = options.train.seed;
  options.sample.threads = options.train.threads;
  Validate(options.sample);
  return options;
}

}  // namespace microgpt::cli
