#include "checkpoint/config_json.h"

#include <nlohmann/json.hpp>

#include "checkpoint/strict_json.h"
#include "microgpt/error.h"
#include "microgpt/tokenizer.h"

namespace microgpt {
namespace {

nlohmann::ordered_json Describe(const TrainConfig& config) {
  const ModelConfig& model = config.model;
  return {{"model_type", "microgpt"},
          {"vocab_size", model.vocab_size},
          {"n_positions", model.block_size},
          {"n_embd", model.n_embd},
          {"n_layer", model.n_layer},
          {"n_head", model.n_head},
          {"n_inner", 4 * static_cast<std::int64_t>(model.n_embd)},
          {"activation_function", ToString(model.activation)},
          {"layer_norm_epsilon", 1e-5},
          {"initializer_range", config.init_std},
          {"bos_token_id", Tokenizer::kBos},
          {"eos_token_id", Tokenizer::kBos},
          {"tie_word_embeddings", false}};
}

}  // namespace

std::string ConfigJson(const TrainConfig& config) {
  return Describe(config).dump(2) + "\n";
}

void CheckConfigJson(std::string_view text, const std::string& path,
                     const TrainConfig& config) {
  const nlohmann::json found = ParseStrictJson(text, path);
  const nlohmann::ordered_json described = Describe(config);
  for (const auto& [name, wanted] : described.items()) {
    const auto at = found.find(name);
    if (at == found.end()) FailCheckpoint(path, "no field " + name);
    if (*at != nlohmann::json(wanted)) {
      FailCheckpoint(path, name + " is " + QuoteText(at->dump()) +
                               " here and " + wanted.dump() +
                               " in the configuration of the run");
    }
  }
}

}  // namespace microgpt
