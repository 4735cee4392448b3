// config.json, in the names that Hugging Face gives to GPT-2.
#ifndef MICROGPT_CHECKPOINT_CONFIG_JSON_H_
#define MICROGPT_CHECKPOINT_CONFIG_JSON_H_

#include <string>
#include <string_view>

#include "microgpt/config.h"

namespace microgpt {

std::string ConfigJson(const TrainConfig& config);

// Throws Error(kInput), naming the file `path` and the first field that differs
// with both values, unless `text` describes `config`.
void CheckConfigJson(std::string_view text, const std::string& path,
                     const TrainConfig& config);

}  // namespace microgpt

#endif  // MICROGPT_CHECKPOINT_CONFIG_JSON_H_
