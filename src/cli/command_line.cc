#include "cli/command_line.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "cli/did_you_mean.h"
#include "microgpt/error.h"

namespace microgpt::cli {
namespace {

std::string UnknownFlag(const FlagTable& flags, const std::string& argument) {
  std::vector<std::string> names;
  for (const Flag& flag : flags.flags()) names.push_back(flag.name);
  return "unknown flag " + argument +
         DidYouMean(argument.substr(0, argument.find('=')), names);
}

// CLI11's words for too few, too many and unwanted values, in ours.
std::string WrongValueCount(const std::string& message) {
  const std::string name = message.substr(0, message.find_first_of(": "));
  if (message.find("At Most") != std::string::npos) {
    return name + " is given more than once";
  }
  if (message.find("override") != std::string::npos) {
    return "--" + name + " takes no value";
  }
  return name + " needs a value";
}

[[noreturn]] void ThrowUsage(const std::string& command, const CLI::App& app,
                             const FlagTable& flags,
                             const CLI::ParseError& error) {
  std::string message = error.what();
  const std::vector<std::string> rest = app.remaining();
  if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::ExtrasError) &&
      !rest.empty()) {
    // The first is what CLI11 stumbled over; values of unknown flags follow.
    const std::string& argument = rest.front();
    const bool flag = argument.starts_with('-') && argument.size() > 1;
    message = flag ? UnknownFlag(flags, argument)
                   : "unexpected argument '" + argument + "'";
  }
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) {
    message = WrongValueCount(message);
  }
  throw Error(ErrorKind::kUsage,
              message + " (see microgpt " + command + " --help)");
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

void AddSwitch(CLI::App& app, const Flag& flag, CommandLine& line) {
  const auto take = [&flag, &line](std::int64_t count) {
    if (count > 1) {
      throw Error(ErrorKind::kUsage, flag.name + " is given more than once");
    }
    line.typed.push_back({&flag, "true"});
  };
  app.add_flag_function(flag.name, take, flag.help)->disable_flag_override();
}

void AddFlag(CLI::App& app, const Flag& flag, CommandLine& line) {
  if (flag.name == "--help" || flag.name == "--version") return;
  if (flag.kind == ValueKind::kSwitch) {
    AddSwitch(app, flag, line);
    return;
  }
  const std::string names =
      flag.short_name.empty() ? flag.name : flag.name + "," + flag.short_name;
  const auto take = [&flag, &line](const std::string& text) {
    line.typed.push_back({&flag, text});
  };
  app.add_option_function<std::string>(names, take, flag.help)
      ->type_name(flag.value_name)
      ->multi_option_policy(CLI::MultiOptionPolicy::Throw);
}

}  // namespace

CommandLine ParseCommandLine(const std::string& command, const FlagTable& flags,
                             std::vector<std::string> arguments) {
  RefuseOddities(arguments);
  CommandLine line;
  CLI::App app("", "microgpt");
  app.set_help_flag("--help,-h");
  app.set_version_flag("--version", std::string());
  for (const Flag& flag : flags.flags()) AddFlag(app, flag, line);
  const Operands& operands = flags.operands();
  if (operands.values != nullptr) {
    app.add_option(operands.value_name, *operands.values, operands.help);
  }
  std::reverse(arguments.begin(), arguments.end());
  try {
    app.parse(std::move(arguments));
  } catch (const CLI::CallForHelp&) {
    line.help = true;
  } catch (const CLI::CallForVersion&) {
    line.version = true;
  } catch (const CLI::ParseError& error) {
    ThrowUsage(command, app, flags, error);
  }
  return line;
}

}  // namespace microgpt::cli
