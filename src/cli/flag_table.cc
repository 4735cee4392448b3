#include "cli/flag_table.h"

#include <algorithm>
#include <utility>

#include "cli/parse_number.h"
#include "microgpt/error.h"
#include "microgpt/system.h"

namespace microgpt::cli {
namespace {

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

}  // namespace

FlagTable::FlagTable(const std::string& synopsis, const std::string& footer)
    : app_(synopsis, "microgpt") {
  app_.footer(footer);
  app_.set_help_flag("--help,-h", "print this text");
  app_.set_version_flag(
      "--version", [] { return Version(); }, "print the version");
}

void FlagTable::Add(const std::string& names, const std::string& value_name,
                    const std::string& help, const Handler& handle) {
  const std::string flag = names.substr(0, names.find(','));
  CLI::Option* option = app_.add_option_function<std::string>(
      names,
      [this, flag, handle](const std::string& text) {
        given_.insert(flag);
        handle(flag, text);
      },
      help);
  option->type_name(value_name)->group(group_);
  option->multi_option_policy(CLI::MultiOptionPolicy::Throw);
}

void FlagTable::Integer(const std::string& names, const std::string& help,
                        int& value, int low, int high) {
  Add(names, "N", help,
      [&value, low, high](const std::string& flag, const std::string& text) {
        value = static_cast<int>(ParseInteger(flag, text, low, high));
      });
}

void FlagTable::Integer(const std::string& names, const std::string& help,
                        std::int64_t& value, std::int64_t high) {
  Add(names, "N", help,
      [&value, high](const std::string& flag, const std::string& text) {
        value = ParseInteger(flag, text, 0, high);
      });
}

void FlagTable::Real(const std::string& names, const std::string& help,
                     double& value) {
  Add(names, "X", help,
      [&value](const std::string& flag, const std::string& text) {
        value = ParseReal(flag, text);
      });
}

void FlagTable::Text(const std::string& names, const std::string& value_name,
                     const std::string& help, std::string& value) {
  Add(names, value_name, help,
      [&value](const std::string& flag, const std::string& text) {
        if (text.empty() && flag != "--prompt") {
          throw Error(ErrorKind::kUsage, flag + ": the value is empty");
        }
        value = text;
      });
}

void FlagTable::Switch(const std::string& name, const std::string& help,
                       bool& value, bool when_given) {
  CLI::Option* option = app_.add_flag_function(
      name,
      [this, name, &value, when_given](std::int64_t count) {
        if (count > 1) {
          throw Error(ErrorKind::kUsage, name + " is given more than once");
        }
        given_.insert(name);
        value = when_given;
      },
      help);
  option->group(group_)->disable_flag_override();
}

void FlagTable::Positionals(const std::string& value_name,
                            const std::string& help,
                            std::vector<std::string>& values) {
  app_.add_option(value_name, values, help)->type_name("")->group(group_);
}

std::string FlagTable::Parse(std::vector<std::string> arguments) {
  RefuseOddities(arguments);
  std::reverse(arguments.begin(), arguments.end());
  try {
    app_.parse(std::move(arguments));
  } catch (const CLI::CallForHelp&) {
    return app_.help();
  } catch (const CLI::CallForVersion&) {
    return "microgpt " + Version() + "\n";
  } catch (const CLI::ParseError& error) {
    ThrowUsage(app_, error);
  }
  return "";
}

}  // namespace microgpt::cli
