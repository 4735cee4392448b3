// One flag of a command, as data. Parsing, --help, the man page, completions,
// keys of configuration files and names of the environment all come from it.
#ifndef MICROGPT_CLI_FLAG_H_
#define MICROGPT_CLI_FLAG_H_

#include <functional>
#include <string>
#include <vector>

namespace microgpt::cli {

enum class ValueKind { kSwitch, kInteger, kReal, kText, kChoice, kList };
enum class PathKind { kNone, kFile, kFolder };

struct Flag {
  std::string name;                  // "--n-embd"
  std::string short_name;            // "-t"; empty: none
  std::string value_name;            // "N"; empty: a switch
  std::string group;                 // heading in --help
  std::string help;                  // one sentence, without a full stop
  std::string default_text;          // empty: none
  std::string unit;                  // "steps"; empty: none
  std::string range;                 // "1 to 1024"; empty: any
  std::vector<std::string> choices;  // of kChoice
  std::string example;               // a value, for the man page
  ValueKind kind = ValueKind::kText;
  PathKind path = PathKind::kNone;
  bool is_key = true;       // configuration files may have it
  bool is_variable = true;  // the environment may have it
  bool recorded = true;     // part of the configuration of a run

  // Takes the text of a value; switches take "true" and "false". Errors,
  // Error(kUsage), begin with `origin`, the place that the value is from.
  std::function<void(const std::string& origin, const std::string& text)> set;
  // The value now, as `set` would take it; empty where there is none.
  std::function<std::string()> get;

  Flag& Default(std::string text);
  Flag& Unit(std::string text);
  Flag& Range(std::string text);
  Flag& Example(std::string text);
  Flag& Path(PathKind what);
  Flag& NotRecorded();

  std::string Key() const;       // "n_embd"
  std::string Variable() const;  // "MICROGPT_N_EMBD"
};

// Help, default, unit and range in one sentence.
std::string Describe(const Flag& flag);

// "a, b or c".
std::string JoinWithOr(const std::vector<std::string>& words);

inline constexpr const char* kVariablePrefix = "MICROGPT_";

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_FLAG_H_
