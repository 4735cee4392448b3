// Flags that several commands have.
#ifndef MICROGPT_CLI_COMMON_FLAGS_H_
#define MICROGPT_CLI_COMMON_FLAGS_H_

#include <string>
#include <vector>

#include "cli/flag_table.h"
#include "cli/options.h"

namespace microgpt::cli {

// A flag whose value is one of a few names.
template <typename Enum>
Flag& AddChoice(FlagTable& flags, const std::string& name,
                const std::string& help, const std::vector<Enum>& choices,
                Enum& value) {
  std::vector<std::string> names;
  names.reserve(choices.size());
  for (const Enum choice : choices) names.push_back(ToString(choice));
  const auto set = [&value, choices](const std::string& text) {
    for (const Enum choice : choices) {
      if (ToString(choice) == text) value = choice;
    }
  };
  return flags.Choice(name, help, names, set,
                      [&value] { return ToString(value); });
}

// help: without a full stop.
Flag& AddInputFlag(FlagTable& flags, const std::string& help, Options& options);
void AddDataFlags(FlagTable& flags, Options& options);
void AddModelFlags(FlagTable& flags, Options& options);
// choices: names of presets.
void AddPresetFlag(FlagTable& flags, const std::string& help,
                   const std::vector<std::string>& choices, Options& options);
void AddBatchFlags(FlagTable& flags, Options& options);
void AddGradClipFlag(FlagTable& flags, Options& options);
Flag& AddSeedFlag(FlagTable& flags, const std::string& help, Options& options);
void AddSimdFlag(FlagTable& flags, Options& options);
void AddMachineFlags(FlagTable& flags, Options& options);
void AddColorFlag(FlagTable& flags, Options& options);
void AddCheckpointFlag(FlagTable& flags, Options& options);
// --config, --help and --version.
void AddGeneralFlags(FlagTable& flags, Options& options);

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_COMMON_FLAGS_H_
