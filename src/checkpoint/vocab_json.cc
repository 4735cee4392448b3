#include "checkpoint/vocab_json.h"

#include <fmt/format.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "checkpoint/strict_json.h"
#include "data/code_point.h"
#include "microgpt/error.h"

namespace microgpt {
namespace {

constexpr std::string_view kBosName = "<bos>";
constexpr std::string_view kIdsName = "<ids>";

// Receives the events of a flat object; the order of ids makes every duplicate
// and every gap visible without keeping more than the code points.
class VocabReader {
 public:
  explicit VocabReader(const std::string& path) : path_(path) {}

  Tokenizer TakeTokenizer() {
    if (num_ids_ > 0) return Tokenizer::ForIds(num_ids_);
    if (next_id_ == 0) Fail("no token");
    return Tokenizer(std::move(code_points_));
  }

  // The interface that nlohmann::json::sax_parse calls.
  bool null() { Fail("null for an id"); }
  bool boolean(bool /*value*/) { Fail("a boolean for an id"); }
  bool number_integer(std::int64_t /*value*/) { Fail("a negative id"); }
  bool number_float(double /*value*/, const std::string& /*text*/) {
    Fail("an id that is not whole");
  }
  bool string(std::string& /*value*/) { Fail("a text for an id"); }
  bool binary(std::vector<std::uint8_t>& /*value*/) { Fail("binary data"); }
  bool start_array(std::size_t /*elements*/) { Fail("an array"); }
  bool end_array() { return true; }
  bool start_object(std::size_t /*elements*/) {
    if (std::exchange(inside_, true)) Fail("an object in an object");
    return true;
  }
  bool end_object() { return true; }
  bool key(std::string& name) {
    if (num_ids_ > 0) Fail("more than the number of ids");
    if (next_id_ == 0) {
      counts_ids_ = name == kIdsName;
      if (counts_ids_) return true;
      if (name != kBosName) Fail("the first token is not <bos>");
      return true;
    }
    const auto code_point = SingleCodePoint(name);
    if (!code_point) {
      Fail("token '" + QuoteText(name) + "' is not one character");
    }
    if (!code_points_.empty() && *code_point <= code_points_.back()) {
      Fail("token " + DescribeCodePoint(*code_point) + " is out of order");
    }
    code_points_.push_back(*code_point);
    return true;
  }
  bool number_unsigned(std::uint64_t value) {
    if (counts_ids_) {
      if (value < 1 || value > std::numeric_limits<std::int32_t>::max()) {
        Fail(std::to_string(value) + " for the number of ids");
      }
      num_ids_ = static_cast<int>(value);
      return true;
    }
    if (!inside_ || value != next_id_) {
      Fail("id " + std::to_string(value) + " where " +
           std::to_string(next_id_) + " belongs");
    }
    ++next_id_;
    return true;
  }
  bool parse_error(std::size_t position, const std::string& /*token*/,
                   const nlohmann::detail::exception& /*error*/) {
    Fail("not valid JSON at byte " + std::to_string(position));
  }

 private:
  [[noreturn]] void Fail(const std::string& why) const {
    FailCheckpoint(path_, why);
  }

  const std::string& path_;
  bool inside_ = false;
  std::uint64_t next_id_ = 0;
  bool counts_ids_ = false;  // the first name is kIdsName
  int num_ids_ = 0;          // then, once it is known
  std::vector<char32_t> code_points_;
};

}  // namespace

std::string VocabJson(const Tokenizer& tokenizer) {
  if (tokenizer.is_ids()) {
    return fmt::format("{{\n  \"{}\": {}\n}}\n", kIdsName,
                       tokenizer.vocab_size());
  }
  std::string text = fmt::format("{{\n  \"{}\": 0", kBosName);
  std::size_t id = 0;
  for (const char32_t code_point : tokenizer.code_points()) {
    text += fmt::format(",\n  {}: {}",
                        nlohmann::json(ToUtf8(code_point)).dump(), ++id);
  }
  return text + "\n}\n";
}

Tokenizer ParseVocabJson(std::string_view text, const std::string& path) {
  // The parser would take it for the end.
  if (text.find('\0') != std::string_view::npos) {
    FailCheckpoint(path, "it holds a NUL");
  }
  VocabReader reader(path);
  nlohmann::json::sax_parse(text, &reader);
  return reader.TakeTokenizer();
}

}  // namespace microgpt
