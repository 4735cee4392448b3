#include "microgpt/config.h"

#include <fmt/format.h>

#include <cmath>

#include "base/checked_math.h"
#include "microgpt/error.h"

namespace microgpt {
namespace {

[[noreturn]] void Fail(const char* option, const std::string& value,
                       const std::string& allowed) {
  throw Error(ErrorKind::kUsage, fmt::format("{}: {} is out of range; give {}",
                                             option, value, allowed));
}

void CheckInteger(const char* option, std::int64_t value, std::int64_t low,
                  std::int64_t high) {
  if (value >= low && value <= high) return;
  Fail(option, std::to_string(value),
       fmt::format("a whole number from {} to {}", low, high));
}

void CheckReal(const char* option, double value, bool ok,
               const std::string& allowed) {
  if (!ok) Fail(option, fmt::format("{}", value), allowed);
}

}  // namespace

std::uint64_t MemoryEstimate::total_bytes() const {
  return (CheckedSize(parameter_bytes) + moment_bytes + gradient_bytes +
          activation_bytes + corpus_bytes)
      .value();
}

void Validate(const TrainConfig& config) {
  const ModelConfig& model = config.model;
  CheckInteger("--n-embd", model.n_embd, 1, kMaxDimension);
  CheckInteger("--n-layer", model.n_layer, 0, kMaxLayers);
  CheckInteger("--block-size", model.block_size, 1, kMaxDimension);
  CheckInteger("--n-head", model.n_head, 1, kMaxDimension);
  if (model.n_embd % model.n_head != 0) {
    throw Error(ErrorKind::kUsage,
                fmt::format("--n-embd {} is not divisible by --n-head {}; "
                            "change one of them",
                            model.n_embd, model.n_head));
  }
  CheckInteger("--num-steps", config.num_steps, 0, kMaxSteps);
  CheckInteger("--batch-size", config.batch_size, 1, kMaxDimension);
  CheckInteger("--threads", config.threads, 0, kMaxThreads);
  const AdamConfig& adam = config.adam;
  CheckReal("--learning-rate", adam.learning_rate,
            adam.learning_rate >= 0 && adam.learning_rate <= 1e6,
            "a number from 0 to 1e6");
  CheckReal("--beta1", adam.beta1, adam.beta1 >= 0 && adam.beta1 < 1,
            "a number from 0 up to, but not 1");
  CheckReal("--beta2", adam.beta2, adam.beta2 >= 0 && adam.beta2 < 1,
            "a number from 0 up to, but not 1");
  CheckReal("--adam-eps", adam.eps, adam.eps >= 1e-30 && adam.eps <= 1,
            "a number from 1e-30 to 1");
  CheckReal("--init-std", config.init_std,
            config.init_std >= 0 && config.init_std <= 1e6,
            "a number from 0 to 1e6");
}

std::uint64_t ParameterCount(const ModelConfig& config) {
  const CheckedSize c = static_cast<std::uint64_t>(config.n_embd);
  const CheckedSize rows =
      2 * CheckedSize(static_cast<std::uint64_t>(config.vocab_size)) +
      static_cast<std::uint64_t>(config.block_size) +
      CheckedSize(12) * c * static_cast<std::uint64_t>(config.n_layer);
  return (rows * c).value();
}

std::string ToString(Activation activation) {
  return activation == Activation::kRelu2 ? "relu2" : "relu";
}

std::vector<ConfigField> FieldsOf(const TrainConfig& config) {
  const ModelConfig& model = config.model;
  const AdamConfig& adam = config.adam;
  const auto number = [](const char* name, auto value) {
    std::string text = fmt::format("{}", value);
    if (text == "-0") text = "-0.0";  // JSON readers lose the sign of -0
    return ConfigField{name, text, false};
  };
  return {number("n_embd", model.n_embd),
          number("n_layer", model.n_layer),
          number("block_size", model.block_size),
          number("n_head", model.n_head),
          {"activation", ToString(model.activation), true},
          number("num_steps", config.num_steps),
          number("batch_size", config.batch_size),
          number("learning_rate", adam.learning_rate),
          number("beta1", adam.beta1),
          number("beta2", adam.beta2),
          number("adam_eps", adam.eps),
          number("init_std", config.init_std),
          number("seed", config.seed),
          number("shuffle", config.shuffle)};
}

}  // namespace microgpt
