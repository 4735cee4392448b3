#include "cli/flag_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/did_you_mean.h"
#include "cli/parse_number.h"
#include "microgpt/error.h"

namespace microgpt::cli {

Flag& FlagTable::Add(const std::string& names, const std::string& value_name,
                     const std::string& help, const Handler& handle) {
  const std::size_t comma = names.find(',');
  Flag flag;
  flag.name = names.substr(0, comma);
  if (comma != std::string::npos) flag.short_name = names.substr(comma + 1);
  flag.value_name = value_name;
  flag.group = group_;
  flag.help = help;
  flag.set = handle;
  flag.get = [] { return std::string(); };
  flags_.push_back(flag);
  return flags_.back();
}

Flag& FlagTable::Integer(const std::string& names, const std::string& help,
                         int& value, int low, int high) {
  Flag& flag = Add(
      names, "N", help,
      [&value, low, high](const std::string& origin, const std::string& text) {
        value = static_cast<int>(ParseInteger(origin, text, low, high));
      });
  flag.kind = ValueKind::kInteger;
  flag.get = [&value] { return fmt::format("{}", value); };
  return flag.Default(flag.get()).Range(fmt::format("{} to {}", low, high));
}

Flag& FlagTable::Integer(const std::string& names, const std::string& help,
                         std::int64_t& value, std::int64_t high) {
  Flag& flag =
      Add(names, "N", help,
          [&value, high](const std::string& origin, const std::string& text) {
            value = ParseInteger(origin, text, 0, high);
          });
  flag.kind = ValueKind::kInteger;
  flag.get = [&value] { return fmt::format("{}", value); };
  return flag.Default(flag.get()).Range(fmt::format("0 to {}", high));
}

Flag& FlagTable::Real(const std::string& names, const std::string& help,
                      double& value) {
  Flag& flag =
      Add(names, "X", help,
          [&value](const std::string& origin, const std::string& text) {
            value = ParseReal(origin, text);
          });
  flag.kind = ValueKind::kReal;
  // {} prints the shortest text that reads back exactly.
  flag.get = [&value] { return fmt::format("{}", value); };
  return flag.Default(flag.get());
}

Flag& FlagTable::Text(const std::string& names, const std::string& value_name,
                      const std::string& help, std::string& value) {
  Flag& flag =
      Add(names, value_name, help,
          [&value, may_be_empty = names == "--prompt"](
              const std::string& origin, const std::string& text) {
            if (text.empty() && !may_be_empty) {
              throw Error(ErrorKind::kUsage, origin + ": the value is empty");
            }
            value = text;
          });
  flag.get = [&value] { return value; };
  return flag;
}

Flag& FlagTable::Switch(const std::string& name, const std::string& help,
                        bool& value, bool when_given) {
  Flag& flag =
      Add(name, "", help,
          [&value, when_given](const std::string&, const std::string& text) {
            value = (text == "true") == when_given;
          });
  flag.kind = ValueKind::kSwitch;
  flag.get = [&value, when_given] {
    return std::string(value == when_given ? "true" : "false");
  };
  return flag;
}

Flag& FlagTable::Choice(const std::string& name, const std::string& help,
                        const std::vector<std::string>& choices,
                        const std::function<void(const std::string&)>& set,
                        const std::function<std::string()>& get) {
  Flag& flag = Add(
      name, "NAME", help,
      [choices, set](const std::string& origin, const std::string& text) {
        if (std::find(choices.begin(), choices.end(), text) == choices.end()) {
          throw Error(ErrorKind::kUsage,
                      fmt::format("{}: '{}' is not allowed; give {}{}", origin,
                                  QuoteText(text), JoinWithOr(choices),
                                  DidYouMean(text, choices)));
        }
        set(text);
      });
  flag.kind = ValueKind::kChoice;
  flag.choices = choices;
  flag.get = get;
  return flag.Default(get());
}

const Flag* FlagTable::Find(const std::string& name) const {
  for (const Flag& flag : flags_) {
    if (flag.name == name) return &flag;
  }
  return nullptr;
}

}  // namespace microgpt::cli
