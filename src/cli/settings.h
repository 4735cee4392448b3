// Values of flags, and where they are from.
#ifndef MICROGPT_CLI_SETTINGS_H_
#define MICROGPT_CLI_SETTINGS_H_

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cli/command_line.h"
#include "cli/flag_table.h"
#include "cli/options.h"
#include "cli/toml.h"

namespace microgpt::cli {

// Nearest first: of two values of a flag the nearer one is taken.
enum class Source { kCommandLine, kEnvironment, kFile, kPreset };

struct Setting {
  const Flag* flag;
  Source source;
  std::string place;   // "MICROGPT_N_EMBD", "run.toml", "preset nano"; of the
                       // command line empty
  std::string origin;  // what errors begin with: "run.toml: n_embd"
  std::string text;
  std::optional<TomlKind> kind;  // of kFile
};

// One value per flag, the nearest. Single-threaded.
class Settings {
 public:
  // Keeps those whose flags have no value yet, so the nearest source first.
  void Add(const std::vector<Setting>& settings);

  const Setting* Find(const std::string& flag) const;
  // The nearest source among these flags; nothing if none has a value.
  std::optional<Source> NearestOf(const std::set<std::string>& flags) const;
  // Forgets those of the flags that are from farther away than `source`.
  void DropBeyond(Source source, const std::set<std::string>& flags);
  // Forgets all but those of the command line and of the flags named.
  void KeepTypedAnd(const std::set<std::string>& flags);

  const std::vector<Setting>& all() const { return settings_; }

 private:
  std::vector<Setting> settings_;
};

std::vector<Setting> FromCommandLine(const CommandLine& line);

// environment: "NAME=value" up to a null pointer; null: none. An empty value is
// none. Names that begin like ours and are close to one go into `warnings`.
std::vector<Setting> FromEnvironment(const FlagTable& flags,
                                     const char* const* environment,
                                     std::vector<std::string>& warnings);

// entries: of the file `path`. Keys of other commands are passed over.
// Throws Error(kUsage) for a key that no command has.
std::vector<Setting> FromFile(const FlagTable& flags,
                              const std::vector<TomlEntry>& entries,
                              const std::string& path);

// REQUIRES: the name of a preset. Flags that the command lacks are left out.
std::vector<Setting> FromPreset(const FlagTable& flags,
                                const std::string& name);

// Hands the value to the flag. Throws Error(kUsage), beginning with the origin.
void Apply(const Setting& setting);

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_SETTINGS_H_
