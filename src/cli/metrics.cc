#include "cli/metrics.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "microgpt/system.h"

namespace microgpt::cli {

MetricsFile::MetricsFile(const std::string& path)
    : file_(path), writer_(file_.descriptor(), path) {}

void MetricsFile::WriteHeader(const Options& options, const TrainConfig& config,
                              const Corpus& corpus) {
  using nlohmann::ordered_json;
  const CpuBudget budget = GetCpuBudget();
  const ModelConfig& model = config.model;
  const AdamConfig& adam = config.adam;
  const ordered_json configuration = {
      {"n_embd", model.n_embd},
      {"n_layer", model.n_layer},
      {"block_size", model.block_size},
      {"n_head", model.n_head},
      {"vocab_size", model.vocab_size},
      {"activation", ToString(model.activation)},
      {"num_params", ParameterCount(model)},
      {"num_steps", config.num_steps},
      {"batch_size", config.batch_size},
      {"learning_rate", adam.learning_rate},
      {"beta1", adam.beta1},
      {"beta2", adam.beta2},
      {"adam_eps", adam.eps},
      {"init_std", config.init_std},
      {"init_from", options.init_from},
      {"seed", config.seed},
      {"shuffle", config.shuffle},
      {"input", options.input},
      {"num_docs", corpus.num_documents()}};
  const ordered_json host = {{"cpu", budget.model_name},
                             {"logical_cpus", budget.logical_cpus},
                             {"physical_cores", budget.physical_cores},
                             {"threads", config.threads},
                             {"simd", SimdTarget()},
                             {"executor", DefaultExecutorName()},
                             {"compiler", CompilerName()}};
  const ordered_json header = {
      {"version", Version()}, {"config", configuration}, {"host", host}};
  // A path need not be UTF-8.
  writer_.Append(
      header.dump(-1, ' ', false, ordered_json::error_handler_t::replace) +
      "\n");
  writer_.Flush();
}

void MetricsFile::WriteStep(const StepResult& result, double step_seconds,
                            double elapsed_seconds) {
  const double rate =
      step_seconds > 0 ? static_cast<double>(result.tokens) / step_seconds : 0;
  // {} prints the shortest text that reads back exactly.
  writer_.Append(fmt::format(
      "{{\"step\":{},\"loss\":{},\"lr\":{},\"tokens\":{},\"tok_per_s\":{:.1f},"
      "\"dt_ms\":{:.6f},\"wall_time\":{:.6f}}}\n",
      result.step, result.loss, result.learning_rate, result.tokens, rate,
      step_seconds * 1e3, elapsed_seconds));
}

}  // namespace microgpt::cli
