// Names of generations and of what they hold.
#ifndef MICROGPT_CHECKPOINT_GENERATION_H_
#define MICROGPT_CHECKPOINT_GENERATION_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace microgpt {

inline constexpr const char* kModelFile = "model.safetensors";
inline constexpr const char* kOptimizerFile = "optimizer.safetensors";
inline constexpr const char* kConfigFile = "config.json";
inline constexpr const char* kVocabFile = "vocab.json";
inline constexpr const char* kStateFile = "state.json";

inline constexpr std::uint64_t kMaxGeneration = 999'999'999'999;

// Being written, and being removed. Nobody reads these.
inline constexpr std::string_view kPartialPrefix = ".partial-";
inline constexpr std::string_view kRemovedPrefix = ".removed-";

// "generation-000001", at least six digits; ".partial-000001" and
// ".removed-000001".
std::string GenerationName(std::uint64_t number);
std::string PartialName(std::uint64_t number);
std::string RemovedName(std::uint64_t number);
// The number of such a name; nothing for any other name.
std::optional<std::uint64_t> GenerationNumber(std::string_view name);
std::optional<std::uint64_t> PartialNumber(std::string_view name);

// Numbers of the generations among the names of a folder, ascending.
std::vector<std::uint64_t> GenerationsAmong(
    const std::vector<std::string>& names);

}  // namespace microgpt

#endif  // MICROGPT_CHECKPOINT_GENERATION_H_
