#include "cli/presets.h"

namespace microgpt::cli {

const std::vector<Preset>& Presets() {
  static const std::vector<Preset> kPresets = {
      {"microgpt-c", "microgpt.c: the defaults", {}},
      {"microgpt-py",
       "microgpt.py, the program that started the family",
       {{"--activation", "relu"},
        {"--block-size", "16"},
        {"--init-std", "0.08"},
        {"--beta1", "0.85"},
        {"--beta2", "0.99"},
        {"--num-steps", "1000"}}},
      // Its dropout, which this program lacks, is 0 in that recipe.
      {"nano",
       "nanoGPT's recipe for Shakespeare's characters on a CPU",
       {{"--doc-mode", "text"},
        {"--block-size", "64"},
        {"--batch-size", "12"},
        {"--n-layer", "4"},
        {"--n-head", "4"},
        {"--n-embd", "128"},
        {"--num-steps", "2000"},
        {"--learning-rate", "0.001"},
        {"--min-lr", "0.0001"},
        {"--lr-schedule", "cosine"},
        {"--warmup-steps", "100"},
        {"--beta2", "0.99"},
        {"--weight-decay", "0.1"},
        {"--grad-clip", "1"}}}};
  return kPresets;
}

std::vector<std::string> PresetNames() {
  std::vector<std::string> names;
  for (const Preset& preset : Presets()) names.push_back(preset.name);
  return names;
}

}  // namespace microgpt::cli
