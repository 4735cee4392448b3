#include "cli/metrics.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <system_error>

#include "microgpt/error.h"
#include "microgpt/system.h"

namespace microgpt::cli {

// A run that was killed may have logged more steps than it saved, and half a
// line.
MetricsFile::Kept MetricsFile::Cut(const std::string& path,
                                   std::int64_t steps_done) {
  Kept kept;
  std::error_code ignored;
  if (steps_done == 0 || !std::filesystem::is_regular_file(path, ignored)) {
    return kept;
  }
  std::ifstream file(path, std::ios::binary);
  for (std::string line; std::getline(file, line) && !file.eof();) {
    const auto json = nlohmann::json::parse(line, nullptr, false);
    if (!json.is_object()) break;
    if (kept.bytes == 0) {
      if (!json.contains("config")) break;
    } else {
      const auto step = json.find("step");
      const auto time = json.find("wall_time");
      if (step == json.end() || !step->is_number_integer() ||
          step->get<std::int64_t>() > steps_done || time == json.end() ||
          !time->is_number()) {
        break;
      }
      kept.wall_time = time->get<double>();
    }
    kept.bytes += line.size() + 1;
  }
  if (kept.bytes == 0) return kept;
  std::filesystem::resize_file(path, kept.bytes, ignored);
  if (ignored) {
    throw Error(ErrorKind::kIo,
                path + ": cannot be shortened: " + ignored.message());
  }
  return kept;
}

MetricsFile::MetricsFile(const std::string& path, std::int64_t steps_done)
    : kept_(Cut(path, steps_done)),
      file_(path, kept_.bytes == 0 ? OutputFile::Mode::kReplace
                                   : OutputFile::Mode::kAppend),
      writer_(file_.descriptor(), path) {}

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
  const ordered_json header = {
      {"version", Version()}, {"config", configuration}, {"host", host}};
  // A path need not be UTF-8.
  writer_.Append(
      header.dump(-1, ' ', false, ordered_json::error_handler_t::replace) +
      "\n");
  writer_.Flush();
}

void MetricsFile::WriteStep(const StepResult& result, double step_seconds,
                            double elapsed_seconds,
                            std::optional<double> validation_loss) {
  const double rate =
      step_seconds > 0 ? static_cast<double>(result.tokens) / step_seconds : 0;
  // {} prints the shortest text that reads back exactly.
  const auto optional = [](const char* name,
                           const std::optional<double>& value) {
    return value ? fmt::format("\"{}\":{},", name, *value) : std::string();
  };
  writer_.Append(fmt::format(
      "{{\"step\":{},\"loss\":{},\"lr\":{},{}\"tokens\":{},"
      "\"tok_per_s\":{:.1f},\"dt_ms\":{:.6f},{}\"wall_time\":{:.6f}}}\n",
      result.step, result.loss, result.learning_rate,
      optional("grad_norm", result.grad_norm), result.tokens, rate,
      step_seconds * 1e3, optional("val_loss", validation_loss),
      kept_.wall_time + elapsed_seconds));
}

}  // namespace microgpt::cli
