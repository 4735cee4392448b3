// The flags of a command.
#ifndef MICROGPT_CLI_FLAG_TABLE_H_
#define MICROGPT_CLI_FLAG_TABLE_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "cli/flag.h"

namespace microgpt::cli {

// Arguments that are no flags, of a command that takes any.
struct Operands {
  std::string value_name;  // "DIR"; empty: none are taken
  std::string help;
  PathKind path = PathKind::kNone;
  std::vector<std::string>* values = nullptr;
};

// Registers flags that write into variables, which must outlive the table. What
// a variable holds when it is registered is the default that help shows.
// References are good until the next flag is added. Single-threaded.
class FlagTable {
 public:
  // For the flags that follow.
  void Group(const std::string& name) { group_ = name; }

  using Handler =
      std::function<void(const std::string& origin, const std::string& text)>;
  // names: "--threads,-t", the long one first.
  Flag& Add(const std::string& names, const std::string& value_name,
            const std::string& help, const Handler& handle);
  Flag& Integer(const std::string& names, const std::string& help, int& value,
                int low, int high);
  Flag& Integer(const std::string& names, const std::string& help,
                std::int64_t& value, std::int64_t high);
  Flag& Real(const std::string& names, const std::string& help, double& value);
  Flag& Text(const std::string& names, const std::string& value_name,
             const std::string& help, std::string& value);
  Flag& Switch(const std::string& name, const std::string& help, bool& value,
               bool when_given = true);
  // names: of the choices. set: takes one of them; get: returns one or "".
  Flag& Choice(const std::string& name, const std::string& help,
               const std::vector<std::string>& choices,
               const std::function<void(const std::string&)>& set,
               const std::function<std::string()>& get);
  void TakeOperands(const Operands& operands) { operands_ = operands; }

  const std::vector<Flag>& flags() const { return flags_; }
  const Operands& operands() const { return operands_; }

  // name: "--n-embd". Null if there is none.
  const Flag* Find(const std::string& name) const;

 private:
  std::vector<Flag> flags_;
  Operands operands_;
  std::string group_;
};

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_FLAG_TABLE_H_
