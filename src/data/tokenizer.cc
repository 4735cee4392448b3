#include "microgpt/tokenizer.h"

#include <utf8.h>

#include <cassert>
#include <iterator>
#include <utility>

#include "data/code_point.h"
#include "microgpt/error.h"

namespace microgpt {

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

std::vector<std::int32_t> Tokenizer::Encode(std::string_view text) const {
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
