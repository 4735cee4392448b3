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

void ValidateOptimizer(const TrainConfig& config) {
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
  CheckReal("--weight-decay", adam.weight_decay,
            adam.weight_decay >= 0 && adam.weight_decay <= 1e6,
            "a number from 0 to 1e6");
  CheckReal("--grad-clip", config.grad_clip,
            config.grad_clip >= 0 && config.grad_clip <= 1e30,
            "a number from 0 to 1e30");
  const ScheduleConfig& schedule = config.schedule;
  CheckInteger("--warmup-steps", schedule.warmup_steps, 0, kMaxSteps);
  CheckReal("--min-lr", schedule.min_lr,
            schedule.min_lr >= 0 && schedule.min_lr <= adam.learning_rate,
            fmt::format("a number from 0 to --learning-rate, {}",
                        adam.learning_rate));
}

void ValidateValidation(const TrainConfig& config) {
  const double split = config.data.val_split;
  CheckReal("--val-split", split, split >= 0 && split < 1,
            "a number from 0 up to, but not 1");
  CheckInteger("--eval-every", config.eval_every, 0, kMaxSteps);
  CheckInteger("--early-stop-patience", config.early_stop_patience, 0,
               kMaxDimension);
  if (config.early_stop_patience > 0 && config.eval_every == 0) {
    throw Error(ErrorKind::kUsage,
                "--early-stop-patience needs --eval-every, the steps between "
                "validations");
  }
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
  CheckInteger("--grad-accum", config.grad_accum, 1, kMaxDimension);
  if (DocumentsPerStep(config) > kMaxDocumentsPerStep) {
    throw Error(ErrorKind::kUsage,
                fmt::format("--batch-size {} times --grad-accum {} is more "
                            "than {} documents per step; lower one of them",
                            config.batch_size, config.grad_accum,
                            kMaxDocumentsPerStep));
  }
  ValidateOptimizer(config);
  CheckReal("--init-std", config.init_std,
            config.init_std >= 0 && config.init_std <= 1e6,
            "a number from 0 to 1e6");
  ValidateValidation(config);
}

std::uint64_t ParameterCount(const ModelConfig& config) {
  const CheckedSize c = static_cast<std::uint64_t>(config.n_embd);
  const CheckedSize rows =
      2 * CheckedSize(static_cast<std::uint64_t>(config.vocab_size)) +
      static_cast<std::uint64_t>(config.block_size) +
      CheckedSize(12) * c * static_cast<std::uint64_t>(config.n_layer);
  return (rows * c).value();
}

double FlopsPerToken(const ModelConfig& config) {
  const double width = config.n_embd;
  const double seen = (config.block_size + 1) / 2.0;
  // A query meets every key, a probability every value.
  const double layer = 12 * width * width + 2 * width * seen;
  return 6 * (layer * config.n_layer + width * config.vocab_size);
}

std::string ToString(Activation activation) {
  return activation == Activation::kRelu2 ? "relu2" : "relu";
}

std::string ToString(LrSchedule schedule) {
  switch (schedule) {
    case LrSchedule::kLinear:
      return "linear";
    case LrSchedule::kCosine:
      return "cosine";
    case LrSchedule::kConstant:
      break;
  }
  return "constant";
}

std::string ToString(DocMode mode) {
  switch (mode) {
    case DocMode::kLines:
      return "lines";
    case DocMode::kText:
      return "text";
    case DocMode::kTokens:
      break;
  }
  return "tokens";
}

std::string ToString(LongDocs long_docs) {
  return long_docs == LongDocs::kTruncate ? "truncate" : "chunk";
}

std::int64_t DocumentsPerStep(const TrainConfig& config) {
  return std::int64_t{config.batch_size} * config.grad_accum;
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
          number("shuffle", config.shuffle),
          number("grad_accum", config.grad_accum),
          number("weight_decay", adam.weight_decay),
          number("grad_clip", config.grad_clip),
          {"lr_schedule", ToString(config.schedule.kind), true},
          number("warmup_steps", config.schedule.warmup_steps),
          number("min_lr", config.schedule.min_lr),
          {"doc_mode", ToString(config.data.doc_mode), true},
          {"long_docs", ToString(config.data.long_docs), true},
          number("val_split", config.data.val_split),
          number("eval_every", config.eval_every),
          number("early_stop_patience", config.early_stop_patience)};
}

}  // namespace microgpt
