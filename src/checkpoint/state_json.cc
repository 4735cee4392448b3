#include "checkpoint/state_json.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <initializer_list>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "checkpoint/generation.h"
#include "checkpoint/strict_json.h"
#include "microgpt/error.h"

namespace microgpt {
namespace {

using nlohmann::ordered_json;

constexpr std::uint64_t kFormat = 2;
constexpr std::size_t kHashDigits = 32;
constexpr std::string_view kChecksumKey = "\"xxh3\": \"";
constexpr std::string_view kAfterChecksum = "\"\n}\n";
constexpr std::int64_t kMaxInt64 = std::numeric_limits<std::int64_t>::max();

std::string ToHex(std::uint64_t value) {
  char digits[17];
  std::snprintf(digits, sizeof(digits), "%016llx",
                static_cast<unsigned long long>(value));
  return digits;
}

std::uint64_t FromHex(const JsonObject& object, const std::string& text) {
  std::uint64_t value = 0;
  const auto parsed =
      std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (parsed.ec != std::errc() || ToHex(value) != text) {
    object.Fail("'random' does not hold words of 16 hexadecimal digits");
  }
  return value;
}

ordered_json ConfigToJson(const TrainConfig& config) {
  ordered_json json = {{"vocab_size", config.model.vocab_size}};
  for (const ConfigField& field : FieldsOf(config)) {
    json[field.name] = field.is_text ? ordered_json(field.value)
                                     : ordered_json::parse(field.value);
  }
  return json;
}

ordered_json ProgressToJson(const TrainProgress& progress) {
  std::vector<std::string> random;
  for (const std::uint64_t word : progress.random) {
    random.push_back(ToHex(word));
  }
  return {{"step", progress.step},
          {"cursor", progress.cursor},
          {"random", random},
          {"recent_losses", progress.recent_losses},
          {"num_documents", progress.num_documents},
          {"data_fingerprint", progress.data_fingerprint},
          {"num_shards", progress.num_shards},
          {"digest", progress.digest},
          {"validation",
           {{"count", progress.validation.count},
            {"best_loss", progress.validation.best_loss},
            {"best_step", progress.validation.best_step},
            {"since_best", progress.validation.since_best},
            {"fingerprint", progress.validation.fingerprint}}}};
}

enum class Missing { kForbidden, kEmpty };

std::string TakeHash(JsonObject& object, const char* field,
                     Missing missing = Missing::kForbidden) {
  std::string text = object.Text(field);
  if (missing == Missing::kEmpty && text.empty()) return text;
  const bool hex = std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
  });
  if (!hex || text.size() != kHashDigits) {
    object.Fail(std::string(field) + " is not 32 hexadecimal digits");
  }
  return text;
}

int TakeInt(JsonObject& object, const char* field) {
  return static_cast<int>(
      object.Integer(field, 0, std::numeric_limits<int>::max()));
}

// The value whose name the field holds.
template <typename Enum>
Enum TakeChoice(JsonObject& object, const char* field,
                std::initializer_list<Enum> choices) {
  const std::string name = object.Text(field);
  for (const Enum choice : choices) {
    if (ToString(choice) == name) return choice;
  }
  object.Fail(std::string("config.") + field + " is '" + QuoteText(name) +
              "', which is none of its values");
}

void TakeTraining(JsonObject& object, TrainConfig& config) {
  config.num_steps = object.Integer("num_steps", 0, kMaxSteps);
  config.batch_size = TakeInt(object, "batch_size");
  config.grad_accum = TakeInt(object, "grad_accum");
  AdamConfig& adam = config.adam;
  adam.learning_rate = object.Real("learning_rate");
  adam.beta1 = object.Real("beta1");
  adam.beta2 = object.Real("beta2");
  adam.eps = object.Real("adam_eps");
  adam.weight_decay = object.Real("weight_decay");
  config.grad_clip = object.Real("grad_clip");
  ScheduleConfig& schedule = config.schedule;
  schedule.kind = TakeChoice(
      object, "lr_schedule",
      {LrSchedule::kLinear, LrSchedule::kCosine, LrSchedule::kConstant});
  schedule.warmup_steps = object.Integer("warmup_steps", 0, kMaxSteps);
  schedule.min_lr = object.Real("min_lr");
  config.init_std = object.Real("init_std");
  config.seed = object.Unsigned("seed");
  config.eval_every = object.Integer("eval_every", 0, kMaxSteps);
  config.early_stop_patience = TakeInt(object, "early_stop_patience");
}

void TakeData(JsonObject& object, TrainConfig& config) {
  config.shuffle = object.Boolean("shuffle");
  DataConfig& data = config.data;
  data.doc_mode = TakeChoice(
      object, "doc_mode", {DocMode::kLines, DocMode::kText, DocMode::kTokens});
  data.long_docs =
      TakeChoice(object, "long_docs", {LongDocs::kTruncate, LongDocs::kChunk});
  data.val_split = object.Real("val_split");
}

TrainConfig TakeConfig(JsonObject object) {
  TrainConfig config;
  ModelConfig& model = config.model;
  model.vocab_size = TakeInt(object, "vocab_size");
  model.n_embd = TakeInt(object, "n_embd");
  model.n_layer = TakeInt(object, "n_layer");
  model.block_size = TakeInt(object, "block_size");
  model.n_head = TakeInt(object, "n_head");
  model.activation =
      TakeChoice(object, "activation", {Activation::kRelu2, Activation::kRelu});
  TakeTraining(object, config);
  TakeData(object, config);
  object.ExpectEnd();
  try {
    Validate(config);
  } catch (const Error& error) {
    object.Fail(error.what());
  }
  if (model.vocab_size < 1) object.Fail("config.vocab_size is 0");
  return config;
}

ValidationProgress TakeValidation(JsonObject object, std::int64_t step) {
  ValidationProgress validation;
  validation.count = object.Integer("count", 0, step);
  validation.best_loss = object.Real("best_loss");
  validation.best_step = object.Integer("best_step", 0, step);
  validation.since_best = object.Integer(
      "since_best", 0, std::max<std::int64_t>(validation.count, 1) - 1);
  validation.fingerprint = TakeHash(object, "fingerprint", Missing::kEmpty);
  object.ExpectEnd();
  return validation;
}

TrainProgress TakeProgress(JsonObject object, const TrainConfig& config) {
  TrainProgress progress;
  progress.step = object.Integer("step", 0, config.num_steps);
  progress.num_documents = object.Unsigned("num_documents");
  progress.cursor = object.Unsigned("cursor");
  if (progress.cursor >= progress.num_documents) {
    object.Fail("progress.cursor is beyond the last document");
  }
  const std::vector<std::string> random =
      object.Texts("random", progress.random.size());
  if (random.size() != progress.random.size()) {
    object.Fail("progress.random does not hold four words");
  }
  for (std::size_t i = 0; i < random.size(); ++i) {
    progress.random[i] = FromHex(object, random[i]);
  }
  progress.recent_losses = object.Reals("recent_losses", kRecentLosses);
  const auto wanted = std::min<std::int64_t>(progress.step, kRecentLosses);
  if (std::cmp_not_equal(progress.recent_losses.size(), wanted)) {
    object.Fail("progress.recent_losses does not fit progress.step");
  }
  progress.data_fingerprint = TakeHash(object, "data_fingerprint");
  progress.num_shards = object.Unsigned("num_shards");
  progress.digest = TakeHash(object, "digest");
  progress.validation =
      TakeValidation(object.Object("validation"), progress.step);
  object.ExpectEnd();
  return progress;
}

FileSummaries TakeFiles(JsonObject object) {
  FileSummaries files;
  for (const char* name :
       {kModelFile, kOptimizerFile, kConfigFile, kVocabFile}) {
    JsonObject entry = object.Object(name);
    FileSummary& file = files[name];
    file.bytes =
        static_cast<std::uint64_t>(entry.Integer("bytes", 0, kMaxInt64));
    file.xxh3 = TakeHash(entry, "xxh3");
    entry.ExpectEnd();
  }
  object.ExpectEnd();
  return files;
}

}  // namespace

std::string StateJson(const StateFile& file) {
  ordered_json files = ordered_json::object();
  for (const auto& [name, summary] : file.files) {
    files[name] = {{"bytes", summary.bytes}, {"xxh3", summary.xxh3}};
  }
  const CheckpointState& state = file.state;
  const ordered_json json = {{"format", kFormat},
                             {"program_version", state.program_version},
                             {"config", ConfigToJson(state.config)},
                             {"run",
                              {{"input", state.run.input},
                               {"val_input", state.run.val_input},
                               {"save_every", state.run.save_every}}},
                             {"progress", ProgressToJson(state.progress)},
                             {"files", files}};
  std::string text =
      json.dump(2, ' ', false, ordered_json::error_handler_t::replace);
  text.resize(text.size() - 2);  // "\n}"
  text += ",\n  " + std::string(kChecksumKey);
  return text + HashOf(text) + std::string(kAfterChecksum);
}

StateFile ParseStateJson(std::string_view text, const std::string& path) {
  constexpr std::size_t kTail = kHashDigits + kAfterChecksum.size();
  if (text.size() < kTail) FailCheckpoint(path, "it is too short");
  const std::string_view checked = text.substr(0, text.size() - kTail);
  if (!checked.ends_with(kChecksumKey) || !text.ends_with(kAfterChecksum) ||
      text.substr(checked.size(), kHashDigits) != HashOf(checked)) {
    FailCheckpoint(path, "its checksum is wrong");
  }
  return ParseStateBody(text, path);
}

StateFile ParseStateBody(std::string_view body, const std::string& path) {
  JsonObject object(body, path);
  StateFile file;
  const std::uint64_t format = object.Unsigned("format");
  file.state.program_version = object.Text("program_version");
  if (format != kFormat) {
    object.Fail("it has format " + std::to_string(format) +
                ", this program reads " + std::to_string(kFormat) +
                "; it was saved by version " +
                QuoteText(file.state.program_version));
  }
  file.state.config = TakeConfig(object.Object("config"));
  JsonObject run = object.Object("run");
  file.state.run.input = run.Text("input");
  file.state.run.val_input = run.Text("val_input");
  file.state.run.save_every = run.Integer("save_every", 0, kMaxSteps);
  run.ExpectEnd();
  file.state.progress =
      TakeProgress(object.Object("progress"), file.state.config);
  file.files = TakeFiles(object.Object("files"));
  TakeHash(object, "xxh3");
  object.ExpectEnd();
  return file;
}

}  // namespace microgpt
