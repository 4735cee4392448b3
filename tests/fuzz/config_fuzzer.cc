// config.json against the configurations of two runs.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "checkpoint/config_json.h"
#include "microgpt/config.h"
#include "tests/fuzz/harness.h"

namespace microgpt::fuzz {
namespace {

constexpr std::string_view kPath = "folder/config.json";

// That of the seeds, see make_seeds.py.
TrainConfig SeedConfig() {
  TrainConfig config;
  config.model.vocab_size = 27;
  config.model.block_size = 2;
  config.model.n_embd = 2;
  config.model.n_layer = 1;
  config.model.n_head = 1;
  return config;
}

TrainConfig LargeConfig() {
  TrainConfig config = SeedConfig();
  config.model.vocab_size = 1'114'112;
  config.model.n_embd = kMaxDimension;
  config.model.activation = Activation::kRelu;
  config.init_std = 1e-300;
  return config;
}

bool Describes(std::string_view text, const TrainConfig& config) {
  return Accepts(kPath,
                 [&] { CheckConfigJson(text, std::string(kPath), config); });
}

}  // namespace
}  // namespace microgpt::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  using namespace microgpt;
  using namespace microgpt::fuzz;
  static const TrainConfig seed_config = SeedConfig();
  static const TrainConfig large_config = LargeConfig();
  static const bool own_is_read =
      Describes(ConfigJson(seed_config), seed_config) &&
      Describes(ConfigJson(large_config), large_config);
  Require(own_is_read, "what is written is not read");
  const std::string_view text = AsText(data, size);
  const bool seed = Describes(text, seed_config);
  const bool large = Describes(text, large_config);
  Require(!seed || !large, "one text describes two configurations");
  if (seed || large) ++accepted_inputs;
  return 0;
}
