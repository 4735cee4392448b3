#include "microgpt/tokenizer.h"

#include <fmt/format.h>
#include <utf8.h>

#include <algorithm>
#include <cassert>
#include <charconv>
#include <iterator>
#include <system_error>
#include <utility>

#include "data/code_point.h"
#include "microgpt/error.h"

namespace microgpt {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

std::vector<std::int32_t> ParseIds(std::string_view text, int vocab_size) {
  std::vector<std::int32_t> ids;
  for (;;) {
    text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
    if (text.empty()) return ids;
    const std::string_view word = text.substr(0, text.find_first_of(kBlanks));
    text.remove_prefix(word.size());
    std::int32_t id = -1;
    const char* const end = word.data() + word.size();
    const auto [stop, status] = std::from_chars(word.data(), end, id);
    // from_chars takes a minus.
    const bool digits = word.front() >= '0' && word.front() <= '9';
    if (!digits || status != std::errc() || stop != end || id >= vocab_size) {
      throw Error(ErrorKind::kInput, "'" + QuoteText(word) +
                                         "' is no token id; they are numbers "
                                         "from 0 to " +
                                         std::to_string(vocab_size - 1));
    }
    ids.push_back(id);
  }
}

}  // namespace

Tokenizer::Tokenizer(std::vector<char32_t> code_points)
    : code_points_(std::move(code_points)) {
  std::int32_t id = kBos;
  std::int32_t pages = 0;
  for (const char32_t code_point : code_points_) {
    const std::size_t page = code_point >> 8;
    if (page >= page_of_.size()) page_of_.resize(page + 1, -1);
    if (page_of_[page] < 0) {
      page_of_[page] = pages++;
      ids_.resize(static_cast<std::size_t>(pages) << 8, -1);
    }
    ids_[(static_cast<std::size_t>(page_of_[page]) << 8) |
         (code_point & 0xFF)] = ++id;
  }
}

Tokenizer Tokenizer::ForIds(int vocab_size) {
  assert(vocab_size > 0);
  Tokenizer tokenizer({});
  tokenizer.num_ids_ = vocab_size;
  return tokenizer;
}

std::vector<std::int32_t> Tokenizer::Encode(std::string_view text) const {
  if (is_ids()) return ParseIds(text, num_ids_);
  const auto invalid = utf8::find_invalid(text.begin(), text.end());
  if (invalid != text.end()) {
    throw Error(ErrorKind::kInput,
                "the text is not valid UTF-8 at byte offset " +
                    std::to_string(invalid - text.begin()));
  }
  std::vector<std::int32_t> ids;
  for (auto at = text.begin(); at != text.end();) {
    const char32_t code_point = utf8::unchecked::next(at);
    const std::int32_t id = IdOf(code_point);
    if (id < 0) {
      throw Error(ErrorKind::kInput,
                  "the character " + DescribeCodePoint(code_point) +
                      " does not occur in the vocabulary of the model");
    }
    ids.push_back(id);
  }
  return ids;
}

std::string Tokenizer::Decode(std::span<const std::int32_t> ids) const {
  if (is_ids()) return fmt::format("{}", fmt::join(ids, " "));
  std::string text;
  for (const std::int32_t id : ids) {
    if (id == kBos) continue;
    assert(id > 0 && id < vocab_size());
    utf8::unchecked::append(code_points_[static_cast<std::size_t>(id) - 1],
                            std::back_inserter(text));
  }
  return text;
}

}  // namespace microgpt
