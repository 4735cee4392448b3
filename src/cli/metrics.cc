#include "cli/metrics.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "microgpt/config.h"
#include "microgpt/system.h"

namespace microgpt::cli {

namespace {

nlohmann::ordered_json MemoryJson(const Trainer& trainer) {
  const MemoryEstimate estimate =
      EstimateTrainingMemory(trainer.config(), trainer.corpus().memory_bytes());
  return {{"parameter_bytes", estimate.parameter_bytes},
          {"moment_bytes", estimate.moment_bytes},
          {"gradient_bytes", estimate.gradient_bytes},
          {"activation_bytes", estimate.activation_bytes},
          {"corpus_bytes", estimate.corpus_bytes},
          {"total_bytes", estimate.total_bytes()}};
}

}  // namespace

MetricsFile::MetricsFile(const std::string& path, std::int64_t steps_done)
    : kept_(FindKept(path, steps_done, true)), file_(path, kept_) {}

void MetricsFile::WriteHeader(const Options& options, const Trainer& trainer) {
  if (kept_.bytes > 0) return;
  using nlohmann::ordered_json;
  const TrainConfig& config = trainer.config();
  const CpuBudget budget = GetCpuBudget();
  ordered_json configuration = {{"vocab_size", config.model.vocab_size},
                                {"num_params", ParameterCount(config.model)},
                                {"num_docs", trainer.corpus().num_documents()},
                                {"input", options.input},
                                {"val_input", options.val_input},
                                {"init_from", options.init_from},
                                {"resume", options.resume}};
  if (const Corpus* validation = trainer.validation_corpus()) {
    configuration["num_val_docs"] = validation->num_documents();
  }
  for (const ConfigField& field : FieldsOf(config)) {
    configuration[field.name] = field.is_text
                                    ? ordered_json(field.value)
                                    : ordered_json::parse(field.value);
  }
  const ordered_json host = {{"cpu", budget.model_name},
                             {"logical_cpus", budget.logical_cpus},
                             {"physical_cores", budget.physical_cores},
                             {"threads", config.threads},
                             {"simd", SimdTarget()},
                             {"executor", DefaultExecutorName()},
                             {"compiler", CompilerName()}};
  const ordered_json header = {{"version", Version()},
                               {"config", configuration},
                               {"host", host},
                               {"memory", MemoryJson(trainer)}};
  // A path need not be UTF-8.
  file_.Append(
      header.dump(-1, ' ', false, ordered_json::error_handler_t::replace) +
      "\n");
  file_.Flush();
}

void MetricsFile::WriteStep(const StepRecord& record,
                            std::optional<std::uint64_t> resident_bytes) {
  const StepResult& result = record.result;
  const double rate =
      record.step_seconds > 0
          ? static_cast<double>(result.tokens) / record.step_seconds
          : 0;
  // {} prints the shortest text that reads back exactly.
  const auto optional = [](const char* name, const auto& value) {
    return value ? fmt::format("\"{}\":{},", name, *value) : std::string();
  };
  file_.Append(fmt::format(
      "{{\"step\":{},\"loss\":{},\"lr\":{},{}\"tokens\":{},"
      "\"tok_per_s\":{:.1f},\"dt_ms\":{:.6f},{}{}\"wall_time\":{:.6f}}}\n",
      result.step, result.loss, result.learning_rate,
      optional("grad_norm", result.grad_norm), result.tokens, rate,
      record.step_seconds * 1e3, optional("val_loss", record.validation_loss),
      optional("rss_bytes", resident_bytes),
      kept_.wall_time + record.elapsed_seconds));
}

}  // namespace microgpt::cli
