// The flags of a command, on top of CLI11.
#ifndef MICROGPT_CLI_FLAG_TABLE_H_
#define MICROGPT_CLI_FLAG_TABLE_H_

#include <CLI/CLI.hpp>

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

namespace microgpt::cli {

// Registers flags whose text is handed to a function of ours: CLI11's own
// number parsing depends on the locale and names no range. Functions that parse
// throw Error(kUsage).
class FlagTable {
 public:
  // `synopsis` and `footer` frame the text of --help.
  FlagTable(const std::string& synopsis, const std::string& footer);

  // For the flags that follow.
  void Group(const std::string& name) { group_ = name; }

  using Handler =
      std::function<void(const std::string& flag, const std::string& text)>;
  // names: "--threads,-t", the long one first.
  void Add(const std::string& names, const std::string& value_name,
           const std::string& help, const Handler& handle);
  void Integer(const std::string& names, const std::string& help, int& value,
               int low, int high);
  void Integer(const std::string& names, const std::string& help,
               std::int64_t& value, std::int64_t high);
  void Real(const std::string& names, const std::string& help, double& value);
  void Text(const std::string& names, const std::string& value_name,
            const std::string& help, std::string& value);
  void Switch(const std::string& name, const std::string& help, bool& value,
              bool when_given = true);

  // Arguments without a flag, any number of them.
  void Positionals(const std::string& value_name, const std::string& help,
                   std::vector<std::string>& values);

  // Calls the handlers. Returns the text of --help or --version if one of them
  // is among the arguments, else nothing. Throws Error(kUsage).
  std::string Parse(std::vector<std::string> arguments);

  // Long names of the flags that were given, "--n-embd".
  const std::set<std::string>& given() const { return given_; }

 private:
  CLI::App app_;
  std::string group_;
  std::set<std::string> given_;
};

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_FLAG_TABLE_H_
