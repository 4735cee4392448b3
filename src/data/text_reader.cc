// From the bytes of a text to a source of documents.
#include <utf8.h>

#include <algorithm>
#include <bitset>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "data/code_point.h"
#include "data/text_lines.h"
#include "data/text_source.h"
#include "microgpt/error.h"

namespace microgpt {
namespace {

constexpr std::size_t kCodePoints = 0x110000;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

void CheckUtf8(std::string_view text, const std::string& name) {
  const auto invalid = utf8::find_invalid(text.begin(), text.end());
  if (invalid == text.end()) return;
  const auto line = 1 + std::count(text.begin(), invalid, '\n');
  throw Error(ErrorKind::kInput,
              name + ": line " + std::to_string(line) + ", byte offset " +
                  std::to_string(invalid - text.begin()) +
                  ": not valid UTF-8; convert the file to UTF-8");
}

// Every \r\n becomes \n.
void UnifyLineEnds(std::string& text) {
  std::size_t to = text.find("\r\n");
  if (to == std::string::npos) return;
  for (std::size_t from = to; from < text.size(); ++from) {
    const bool crlf =
        text[from] == '\r' && from + 1 < text.size() && text[from + 1] == '\n';
    if (!crlf) text[to++] = text[from];
  }
  text.resize(to);
}

// REQUIRES: valid UTF-8.
std::vector<char32_t> CollectCodePoints(std::string_view text,
                                        std::size_t begin, DocMode mode) {
  const auto seen = std::make_unique<std::bitset<kCodePoints>>();
  char32_t last = 0;
  ForEachSequence(text, begin, mode, [&](std::size_t from, std::size_t to) {
    const char* at = text.data() + from;
    const char* const end = text.data() + to;
    while (at != end) {
      const char32_t code_point = utf8::unchecked::next(at);
      seen->set(code_point);
      last = std::max(last, code_point);
    }
  });
  std::vector<char32_t> code_points;
  for (char32_t code_point = 0; code_point <= last; ++code_point) {
    if (seen->test(code_point)) code_points.push_back(code_point);
  }
  return code_points;
}

[[noreturn]] void ThrowEmpty(const std::string& name, DocMode mode) {
  throw Error(ErrorKind::kInput,
              name + (mode == DocMode::kText
                          ? ": holds no character; give a text file"
                          : ": holds no document (every line is empty); give a "
                            "text file with one document per line"));
}

// Names the first line that has the code point; there is one.
[[noreturn]] void ThrowUnknown(std::string_view text, std::size_t begin,
                               DocMode mode, const std::string& name,
                               char32_t code_point) {
  const std::string character = ToUtf8(code_point);
  // Line ends and byte-order marks may be no part of a document.
  std::size_t at = std::string_view::npos;
  ForEachSequence(text, begin, mode, [&](std::size_t from, std::size_t to) {
    if (at != std::string_view::npos) return;
    const std::size_t inside = text.substr(from, to - from).find(character);
    if (inside != std::string_view::npos) at = from + inside;
  });
  const auto line =
      1 + std::count(text.begin(),
                     text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
  throw Error(ErrorKind::kInput,
              name + ": line " + std::to_string(line) + ": the character " +
                  DescribeCodePoint(code_point) +
                  " does not occur in the vocabulary of the model");
}

}  // namespace

std::shared_ptr<const DocumentSource> ReadText(std::string text,
                                               const std::string& name,
                                               const CorpusOptions& options,
                                               const Tokenizer* vocabulary) {
  const DocMode mode = options.data.doc_mode;
  CheckUtf8(text, name);
  if (mode == DocMode::kText) UnifyLineEnds(text);
  const std::size_t begin =
      text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  std::vector<char32_t> code_points = CollectCodePoints(text, begin, mode);
  if (code_points.empty()) ThrowEmpty(name, mode);
  if (vocabulary == nullptr) {
    return std::make_shared<TextSource>(
        std::move(text), begin, Tokenizer(std::move(code_points)), options);
  }
  for (const char32_t code_point : code_points) {
    if (vocabulary->IdOf(code_point) < 0) {
      ThrowUnknown(text, begin, mode, name, code_point);
    }
  }
  return std::make_shared<TextSource>(std::move(text), begin, *vocabulary,
                                      options);
}

}  // namespace microgpt
