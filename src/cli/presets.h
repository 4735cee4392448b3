// Named sets of values, of published trainers.
#ifndef MICROGPT_CLI_PRESETS_H_
#define MICROGPT_CLI_PRESETS_H_

#include <string>
#include <vector>

namespace microgpt::cli {

struct PresetValue {
  std::string flag;  // "--n-embd"
  std::string text;
};

struct Preset {
  std::string name;
  std::string purpose;
  std::vector<PresetValue> values;  // all others are defaults
};

const std::vector<Preset>& Presets();

std::vector<std::string> PresetNames();

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_PRESETS_H_
