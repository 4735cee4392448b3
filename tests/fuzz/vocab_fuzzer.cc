// vocab.json and back.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "checkpoint/vocab_json.h"
#include "microgpt/tokenizer.h"
#include "tests/fuzz/harness.h"

namespace microgpt::fuzz {
namespace {

constexpr std::string_view kPath = "folder/vocab.json";

Tokenizer Parse(std::string_view text) {
  return ParseVocabJson(text, std::string(kPath));
}

void CheckIds(const Tokenizer& tokenizer) {
  Require(tokenizer.vocab_size() > 0, "no ids");
  const std::vector<std::int32_t> ends = {0, tokenizer.vocab_size() - 1};
  Require(tokenizer.Encode(tokenizer.Decode(ends)) == ends, "other ids");
}

void CheckTokens(const Tokenizer& tokenizer) {
  if (tokenizer.is_ids()) return CheckIds(tokenizer);
  std::vector<std::int32_t> ids;
  char32_t least = 0;
  for (const char32_t code_point : tokenizer.code_points()) {
    const auto id = static_cast<std::int32_t>(ids.size()) + 1;
    Require(code_point >= least && code_point < 0x110000, "a wrong code point");
    Require(tokenizer.IdOf(code_point) == id, "a wrong id");
    ids.push_back(id);
    least = code_point + 1;
  }
  Require(std::cmp_equal(tokenizer.vocab_size(), ids.size() + 1), "a wrong V");
  Require(tokenizer.Encode(tokenizer.Decode(ids)) == ids,
          "decoding is not undone by encoding");
}

}  // namespace
}  // namespace microgpt::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  using namespace microgpt;
  using namespace microgpt::fuzz;
  std::optional<Tokenizer> tokenizer;
  if (!Accepts(kPath, [&] { tokenizer = Parse(AsText(data, size)); })) return 0;
  ++accepted_inputs;
  CheckTokens(*tokenizer);
  const Tokenizer again = Parse(VocabJson(*tokenizer));
  Require(again == *tokenizer, "tokens changed");
  return 0;
}
