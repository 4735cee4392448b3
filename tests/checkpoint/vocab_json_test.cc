// vocab.json and config.json as other programs read them, and the reader.
#include "checkpoint/vocab_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "checkpoint/config_json.h"
#include "tests/base/error_of.h"

namespace microgpt {
namespace {

TEST(VocabJsonTest, MapsTokensToIds) {
  const Tokenizer tokenizer({0, '\n', '"', '\\', 'a', 0xE9, 0x4E2D, 0x1F600});
  const nlohmann::json json = nlohmann::json::parse(VocabJson(tokenizer));
  EXPECT_EQ(json.size(), 9u);
  EXPECT_EQ(json["<bos>"], 0);
  EXPECT_EQ(json[std::string(1, '\0')], 1);
  EXPECT_EQ(json["\n"], 2);
  EXPECT_EQ(json["\""], 3);
  EXPECT_EQ(json["\\"], 4);
  EXPECT_EQ(json["a"], 5);
  EXPECT_EQ(json["é"], 6);
  EXPECT_EQ(json["中"], 7);
  EXPECT_EQ(json["😀"], 8);
}

TEST(VocabJsonTest, ComesBack) {
  std::vector<char32_t> all;
  for (char32_t c = 0; c < 0x110000; c += 7) {
    if (c < 0xD800 || c >= 0xE000) all.push_back(c);
  }
  for (const std::vector<char32_t>& code_points :
       {std::vector<char32_t>{}, {0}, {'a', 'b'}, {0x10FFFF}, all}) {
    const Tokenizer tokenizer(code_points);
    EXPECT_EQ(ParseVocabJson(VocabJson(tokenizer), "v").code_points(),
              code_points);
  }
}

TEST(VocabJsonTest, RefusesEverythingElse) {
  const std::string nul(1, '\0');
  const std::vector<std::string> texts = {
      "",
      "{}",
      "[]",
      "null",
      "0",
      "\"a\"",
      "{",
      "{\"<bos>\": 0",
      "{\"<bos>\": 0}}",
      "{\"<bos>\": 0}" + nul,
      "{\"<bos>\": 1}",
      "{\"<bos>\": -0.0}",
      "{\"<bos>\": 0.0}",
      "{\"<bos>\": -1}",
      "{\"<bos>\": null}",
      "{\"<bos>\": true}",
      "{\"<bos>\": \"0\"}",
      "{\"<bos>\": [0]}",
      "{\"<bos>\": {\"a\": 0}}",
      "{\"a\": 0}",
      "{\"a\": 1, \"<bos>\": 0}",
      "{\"<bos>\": 0, \"<bos>\": 1}",
      "{\"<bos>\": 0, \"a\": 2}",
      "{\"<bos>\": 0, \"a\": 0}",
      "{\"<bos>\": 0, \"a\": 1, \"a\": 2}",
      "{\"<bos>\": 0, \"b\": 1, \"a\": 2}",
      "{\"<bos>\": 0, \"\": 1}",
      "{\"<bos>\": 0, \"ab\": 1}",
      "{\"<bos>\": 0, \"a\": 18446744073709551616}",
      "{\"<bos>\": 0, \"\xff\": 1}",
      "{\"<bos>\": 0, \"\xc3\": 1}",
      "{\"<bos>\": 0, \"\\ud800\": 1}",
      "{\"<bos>\": 0, " + std::string(100'000, '[')};
  for (const std::string& text : texts) {
    const Error error = ErrorOf([&] { ParseVocabJson(text, "vocab.json"); });
    EXPECT_EQ(error.kind(), ErrorKind::kInput) << text.substr(0, 60);
    EXPECT_TRUE(Mentions(error, "vocab.json")) << error.what();
  }
}

TEST(VocabJsonTest, OfIdsIsTheirNumber) {
  EXPECT_EQ(VocabJson(Tokenizer::ForIds(50257)), "{\n  \"<ids>\": 50257\n}\n");
  for (const int size : {1, 2, 50257, 2147483647}) {
    const Tokenizer ids = Tokenizer::ForIds(size);
    EXPECT_EQ(ParseVocabJson(VocabJson(ids), "v"), ids);
  }
}

TEST(VocabJsonTest, OfIdsNothingElseIsRead) {
  for (const char* text :
       {"{\"<ids>\": 0}", "{\"<ids>\": -5}", "{\"<ids>\": 2147483648}",
        "{\"<ids>\": 18446744073709551616}", "{\"<ids>\": 5.0}",
        "{\"<ids>\": \"5\"}", "{\"<ids>\": [5]}", "{\"<ids>\": null}",
        "{\"<ids>\": 5, \"<ids>\": 5}", "{\"<ids>\": 5, \"a\": 1}",
        "{\"<ids>\": 5, \"<bos>\": 0}", "{\"<bos>\": 0, \"<ids>\": 5}",
        "{\"<ids>\": {\"<ids>\": 5}}", "{\"<ids>\": 5", "{\"<ids>\"}",
        "{\"<ids>\": 5}}"}) {
    const Error error = ErrorOf([&] { ParseVocabJson(text, "vocab.json"); });
    EXPECT_EQ(error.kind(), ErrorKind::kInput) << text;
    EXPECT_TRUE(Mentions(error, "vocab.json")) << error.what();
  }
}

TEST(ConfigJsonTest, HasTheNamesOfHuggingFace) {
  TrainConfig config;
  config.model = {27, 8, 16, 1, 4, Activation::kRelu};
  config.init_std = 0.08;
  const nlohmann::json expected = {{"model_type", "microgpt"},
                                   {"vocab_size", 27},
                                   {"n_positions", 8},
                                   {"n_embd", 16},
                                   {"n_layer", 1},
                                   {"n_head", 4},
                                   {"n_inner", 64},
                                   {"activation_function", "relu"},
                                   {"layer_norm_epsilon", 1e-5},
                                   {"initializer_range", 0.08},
                                   {"bos_token_id", 0},
                                   {"eos_token_id", 0},
                                   {"tie_word_embeddings", false}};
  EXPECT_EQ(nlohmann::json::parse(ConfigJson(config)), expected);
  CheckConfigJson(ConfigJson(config), "config.json", config);
  // What others add is theirs.
  nlohmann::json more = expected;
  more["architectures"] = {"Microgpt"};
  CheckConfigJson(more.dump(), "config.json", config);
}

}  // namespace
}  // namespace microgpt
