// state.json, and the strictness of its reader.
#include "checkpoint/state_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "checkpoint/generation.h"
#include "tests/base/error_of.h"

namespace microgpt {
namespace {

const std::string kHash = "0123456789abcdef0123456789abcdef";

StateFile SomeState() {
  StateFile file;
  file.state.config.model.vocab_size = 27;
  file.state.run = {"/data/names.txt", 100, "/data/more.txt"};
  file.state.program_version = "1.2.3";
  TrainProgress& progress = file.state.progress;
  progress.step = 3;
  progress.cursor = 7;
  progress.random = {1, 0, ~std::uint64_t{0}, 0x8000000000000000u};
  progress.recent_losses = {3.25, 1.0 / 3, 5e-324};
  progress.num_documents = 8;
  progress.data_fingerprint = kHash;
  progress.num_shards = 1;
  progress.digest = kHash;
  progress.validation = {2, 2.5, 1, 1, kHash};
  for (const char* name :
       {kModelFile, kOptimizerFile, kConfigFile, kVocabFile}) {
    file.files[name] = {12345, kHash};
  }
  return file;
}

std::string BodyWith(const std::string& pointer, const nlohmann::json& value) {
  nlohmann::json json = nlohmann::json::parse(StateJson(SomeState()));
  json[nlohmann::json::json_pointer(pointer)] = value;
  return json.dump();
}

testing::AssertionResult Refused(const std::string& body) {
  try {
    ParseStateBody(body, "state.json");
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::kInput && Mentions(error, "state.json")) {
      return testing::AssertionSuccess();
    }
    return testing::AssertionFailure() << error.what();
  }
  return testing::AssertionFailure() << "accepted: " << body;
}

TEST(StateJsonTest, ComesBack) {
  const StateFile saved = SomeState();
  const StateFile found = ParseStateJson(StateJson(saved), "state.json");
  EXPECT_EQ(StateJson(found), StateJson(saved));
  EXPECT_EQ(found.files, saved.files);
  EXPECT_EQ(found.state.progress.random, saved.state.progress.random);
  EXPECT_EQ(found.state.progress.recent_losses,
            saved.state.progress.recent_losses);
  EXPECT_EQ(found.state.run.input, saved.state.run.input);
  EXPECT_EQ(found.state.program_version, "1.2.3");
}

TEST(StateJsonTest, IsJsonWithAChecksumOfWhatStandsBeforeIt) {
  const std::string text = StateJson(SomeState());
  const nlohmann::json json = nlohmann::json::parse(text);
  EXPECT_EQ(json["format"], 2);
  const std::string checksum = json["xxh3"];
  EXPECT_EQ(checksum, HashOf(text.substr(0, text.rfind(checksum))));
  EXPECT_TRUE(text.ends_with(checksum + "\"\n}\n"));
}

TEST(StateJsonTest, TheChecksumCounts) {
  std::string text = StateJson(SomeState());
  text[text.find("27")] = '3';
  const Error error = ErrorOf([&] { ParseStateJson(text, "state.json"); });
  EXPECT_EQ(error.kind(), ErrorKind::kInput);
  EXPECT_TRUE(Mentions(error, "checksum")) << error.what();
}

TEST(StateJsonTest, ALaterFormatIsNamedWithItsVersion) {
  const Error error =
      ErrorOf([] { ParseStateBody(BodyWith("/format", 3), "state.json"); });
  EXPECT_TRUE(Mentions(error, "format 3")) << error.what();
  EXPECT_TRUE(Mentions(error, "1.2.3")) << error.what();
}

TEST(StateJsonTest, EveryFieldIsNeededAndNoOther) {
  const nlohmann::json whole = nlohmann::json::parse(StateJson(SomeState()));
  EXPECT_FALSE(Refused(whole.dump()));
  const nlohmann::json flat = whole.flatten();
  for (const auto& [pointer, value] : flat.items()) {
    const nlohmann::json::json_pointer at(pointer);
    nlohmann::json json = whole;
    nlohmann::json& parent = json[at.parent_pointer()];
    if (parent.is_array()) continue;
    parent.erase(at.back());
    EXPECT_TRUE(Refused(json.dump())) << pointer;
  }
  for (const char* parent :
       {"", "/config", "/run", "/progress", "/files", "/files/config.json"}) {
    EXPECT_TRUE(Refused(BodyWith(std::string(parent) + "/extra", 1))) << parent;
  }
}

TEST(StateJsonTest, EveryFieldHasItsType) {
  const nlohmann::json whole = nlohmann::json::parse(StateJson(SomeState()));
  const nlohmann::json flat = whole.flatten();
  const std::vector<nlohmann::json> others = {
      nullptr, nlohmann::json::array({nlohmann::json::array()}),
      nlohmann::json::object({{"a", 1}})};
  for (const auto& [pointer, value] : flat.items()) {
    for (const nlohmann::json& other : others) {
      EXPECT_TRUE(Refused(BodyWith(pointer, other))) << pointer;
    }
    EXPECT_TRUE(Refused(BodyWith(
        pointer, value.is_string() ? nlohmann::json(1) : nlohmann::json("1"))))
        << pointer;
  }
}

TEST(StateJsonTest, ValuesOutOfRange) {
  const std::vector<std::pair<std::string, nlohmann::json>> values = {
      {"/format", -1},
      {"/format", 1.5},
      {"/config/vocab_size", 0},
      {"/config/vocab_size", -1},
      {"/config/vocab_size", 1ull << 31},
      {"/config/n_embd", 0},
      {"/config/n_embd", 18},
      {"/config/n_embd", 1 << 21},
      {"/config/n_embd", 16.0},
      {"/config/n_embd", std::numeric_limits<std::uint64_t>::max()},
      {"/config/n_layer", -1},
      {"/config/n_layer", 10'001},
      {"/config/block_size", 0},
      {"/config/n_head", 3},
      {"/config/activation", "gelu"},
      {"/config/num_steps", -1},
      {"/config/num_steps", 2},
      {"/config/batch_size", 0},
      {"/config/learning_rate", -0.1},
      {"/config/learning_rate", 1e7},
      {"/config/beta1", 1},
      {"/config/beta2", -0.5},
      {"/config/adam_eps", 0},
      {"/config/init_std", -1},
      {"/config/seed", -1},
      {"/config/seed", 1.5},
      {"/config/shuffle", 1},
      {"/config/grad_accum", 0},
      {"/config/grad_accum", (1 << 20) + 1},
      {"/config/weight_decay", -1},
      {"/config/grad_clip", -1},
      {"/config/lr_schedule", "step"},
      {"/config/warmup_steps", -1},
      {"/config/min_lr", 0.02},
      {"/config/doc_mode", "pages"},
      {"/config/long_docs", "drop"},
      {"/config/val_split", 1},
      {"/config/eval_every", -1},
      {"/config/early_stop_patience", 1},
      {"/progress/validation/count", 4},
      {"/progress/validation/best_step", 4},
      {"/progress/validation/since_best", 2},
      {"/progress/validation/fingerprint", "00"},
      {"/run/save_every", -1},
      {"/run/save_every", 1'000'000'000'001},
      {"/progress/step", -1},
      {"/progress/step", 501},
      {"/progress/step", 2},
      {"/progress/step", 4},
      {"/progress/cursor", 8},
      {"/progress/num_documents", 0},
      {"/progress/num_documents", 7},
      {"/progress/random", {"0000000000000000"}},
      {"/progress/random/0", "1"},
      {"/progress/random/0", "000000000000000G"},
      {"/progress/random/0", "00000000000000AB"},
      {"/progress/random/4", "0000000000000000"},
      {"/progress/recent_losses", {1.0, 2.0}},
      {"/progress/recent_losses", std::vector<double>(51, 1.0)},
      {"/progress/data_fingerprint", kHash.substr(1)},
      {"/progress/digest", "G" + kHash.substr(1)},
      {"/files/model.safetensors/bytes", -1},
      {"/files/model.safetensors/bytes", 1ull << 63},
      {"/files/model.safetensors/xxh3", kHash + "0"},
      {"/xxh3", ""}};
  for (const auto& [pointer, value] : values) {
    EXPECT_TRUE(Refused(BodyWith(pointer, value))) << pointer << " " << value;
  }
}

TEST(StateJsonTest, TextThatIsNoStrictJson) {
  const std::string text = StateJson(SomeState());
  const std::string format = "\"format\": 2";
  const std::string twice =
      std::string(text).insert(text.find(format), format + ", ");
  EXPECT_TRUE(Refused(twice));
  EXPECT_TRUE(Refused(text + "{}"));
  EXPECT_TRUE(Refused(text + std::string(1, '\0')));
  EXPECT_TRUE(Refused(""));
  EXPECT_TRUE(Refused("[]"));
  EXPECT_TRUE(Refused("null"));
  EXPECT_TRUE(Refused(text.substr(0, text.size() - 3)));
  EXPECT_TRUE(
      Refused(std::string(text).replace(text.find("/data"), 1, "\xff")));
  EXPECT_TRUE(Refused(std::string(text).replace(text.find("27"), 2, "1e999")));
  EXPECT_TRUE(Refused(std::string(text).replace(text.find("27"), 2, "NaN")));
  const std::string deep(100'000, '[');
  EXPECT_TRUE(Refused(deep));
  EXPECT_TRUE(Refused("{\"format\": " + deep));
  std::string objects;
  for (int i = 0; i < 100'000; ++i) objects += "{\"a\":";
  EXPECT_TRUE(Refused(objects));
}

TEST(StateJsonTest, ShortTexts) {
  const std::string text = StateJson(SomeState());
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_EQ(ErrorOf([&] {
                ParseStateJson(std::string_view(text).substr(0, size), "x");
              }).kind(),
              ErrorKind::kInput);
  }
}

}  // namespace
}  // namespace microgpt
