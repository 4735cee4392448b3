#include "cli/report/log_reader.h"

#include <fmt/format.h>

#include <cmath>
#include <deque>
#include <nlohmann/json.hpp>
#include <utility>

#include "cli/line_reader.h"
#include "microgpt/checkpoint.h"
#include "microgpt/config.h"
#include "microgpt/error.h"

namespace microgpt::cli {
namespace {

using nlohmann::ordered_json;

// What plots can show.
constexpr double kLargest = 1e150;
constexpr double kMostBytes = 1e18;

[[noreturn]] void Fail(const LineReader& reader, const std::string& why) {
  throw Error(ErrorKind::kInput, reader.Place() + ": " + why);
}

ordered_json ParseObject(const LineReader& reader, const std::string& text) {
  ordered_json line = ordered_json::parse(text, nullptr, false);
  if (!line.is_object()) Fail(reader, "is no JSON object");
  return line;
}

std::optional<double> FindNumber(const LineReader& reader,
                                 const ordered_json& line, const char* key,
                                 double low, double high = kLargest) {
  const auto found = line.find(key);
  if (found == line.end()) return std::nullopt;
  if (!found->is_number()) {
    Fail(reader, fmt::format("\"{}\" is no number", key));
  }
  const auto value = found->get<double>();
  if (!(value >= low && value <= high)) {
    Fail(reader, fmt::format("\"{}\" is {}, which is outside of {} to {}", key,
                             value, low, high));
  }
  return value;
}

std::int64_t StepOf(const LineReader& reader, const ordered_json& line,
                    std::int64_t last_step) {
  const auto found = line.find("step");
  if (found == line.end() || !found->is_number_integer()) {
    Fail(reader, "has no whole number \"step\"");
  }
  const auto value = FindNumber(reader, line, "step", 1);
  if (*value > static_cast<double>(kMaxSteps)) {
    Fail(reader, fmt::format("step {} is beyond {}", *value, kMaxSteps));
  }
  const auto step = found->get<std::int64_t>();
  if (step <= last_step) {
    Fail(reader,
         fmt::format("step {} does not follow step {}", step, last_step));
  }
  return step;
}

// Of an object of the first line; other values than texts as JSON.
std::vector<NamedValue> ValuesOf(const ordered_json& header, const char* key) {
  std::vector<NamedValue> values;
  const auto object = header.find(key);
  if (object == header.end() || !object->is_object()) return values;
  for (const auto& [name, value] : object->items()) {
    values.push_back(
        {name, value.is_string()
                   ? value.get<std::string>()
                   : value.dump(-1, ' ', false,
                                ordered_json::error_handler_t::replace)});
  }
  return values;
}

double NumberAt(const ordered_json& header, const char* object,
                const char* key) {
  const auto found = header.find(object);
  if (found == header.end() || !found->is_object()) return 0;
  const auto value = found->find(key);
  if (value == found->end() || !value->is_number()) return 0;
  const auto number = value->get<double>();
  return number > 0 && number <= kMostBytes ? number : 0;
}

void ReadHeader(LineReader& reader, const std::string& path, RunData& run) {
  std::string text;
  if (!reader.Next(text)) {
    throw Error(ErrorKind::kInput,
                path + ": is empty, or its first line is not complete");
  }
  const ordered_json header = ordered_json::parse(text, nullptr, false);
  const auto config = header.find("config");
  if (!header.is_object() || config == header.end() || !config->is_object()) {
    Fail(reader,
         "holds no configuration, so this is no metrics file of microgpt; give "
         "a folder of --out-dir or a file of --metrics");
  }
  const auto version = header.find("version");
  if (version != header.end() && version->is_string()) {
    run.version = version->get<std::string>();
  }
  run.config = ValuesOf(header, "config");
  run.host = ValuesOf(header, "host");
  run.memory = ValuesOf(header, "memory");
  run.num_steps =
      static_cast<std::int64_t>(NumberAt(header, "config", "num_steps"));
  run.memory_bytes = NumberAt(header, "memory", "total_bytes");
}

// One line after the first.
void AddStep(const LineReader& reader, const ordered_json& line,
             std::deque<double>& recent, RunData& run) {
  const std::int64_t step = StepOf(reader, line, run.last_step);
  const auto number = [&](const char* key, double low) {
    return FindNumber(reader, line, key, low);
  };
  const auto loss = number("loss", -kLargest);
  if (!loss) Fail(reader, "has no number \"loss\"");
  const double time = number("wall_time", 0).value_or(0);
  run.last_step = step;
  ++run.steps;
  run.loss.Add(step, time, *loss);
  recent.push_back(*loss);
  if (recent.size() > kRecentLosses) recent.pop_front();
  if (const auto rate = number("lr", 0)) {
    run.learning_rate.Add(step, time, *rate);
  }
  if (const auto norm = number("grad_norm", 0)) {
    run.gradient_norm.Add(step, time, *norm);
  }
  const double tokens = number("tokens", 0).value_or(0);
  const double seconds = number("dt_ms", 0).value_or(0) / 1e3;
  run.tokens += tokens;
  run.training_seconds += seconds;
  if (seconds > 0) {
    run.tokens_per_second.Add(step, time, tokens / seconds, seconds);
  }
  const auto bytes = FindNumber(reader, line, "rss_bytes", 0, kMostBytes);
  if (bytes) {
    run.resident_bytes.Add(step, time, *bytes);
    run.peak_bytes = std::max(run.peak_bytes, *bytes);
  }
  if (const auto validation = number("val_loss", -kLargest)) {
    run.validation.Add(step, time, *validation);
    if (!run.best_validation || *validation < run.best_validation->loss) {
      run.best_validation = {*validation, step};
    }
  }
}

}  // namespace

RunData ReadMetrics(const std::string& path) {
  LineReader reader(path);
  RunData run;
  ReadHeader(reader, path, run);
  std::deque<double> recent;
  for (std::string text; reader.Next(text);) {
    AddStep(reader, ParseObject(reader, text), recent, run);
  }
  for (const double loss : recent) {
    run.recent_loss += loss / static_cast<double>(recent.size());
  }
  return run;
}

std::vector<SampleSet> ReadSamples(const std::string& path) {
  constexpr std::size_t kMostSets = 12;
  LineReader reader(path);
  std::vector<SampleSet> kept;
  SampleSet last;
  std::int64_t stride = 1;
  for (std::string text; reader.Next(text);) {
    const ordered_json line = ParseObject(reader, text);
    last = {StepOf(reader, line, last.step), {}};
    const auto samples = line.find("samples");
    if (samples == line.end() || !samples->is_array()) {
      Fail(reader, "has no array \"samples\"");
    }
    for (const ordered_json& sample : *samples) {
      if (!sample.is_string()) Fail(reader, "has a sample that is no text");
      last.samples.push_back(sample.get<std::string>());
    }
    if ((reader.number() - 1) % stride != 0) continue;
    kept.push_back(last);
    if (kept.size() <= kMostSets) continue;
    stride *= 2;
    for (std::size_t i = 0; 2 * i < kept.size(); ++i) {
      if (i > 0) kept[i] = std::move(kept[2 * i]);
    }
    kept.resize((kept.size() + 1) / 2);
  }
  if (last.step > 0 && kept.back().step != last.step) {
    kept.push_back(std::move(last));
  }
  return kept;
}

}  // namespace microgpt::cli
