// The sequences of characters of a text: its lines, or all of it.
#ifndef MICROGPT_DATA_TEXT_LINES_H_
#define MICROGPT_DATA_TEXT_LINES_H_

#include <cstddef>
#include <string_view>

#include "microgpt/config.h"

namespace microgpt {

// Offsets of the line end (\n, \r\n or the end of the text) after `begin`, and
// of the next line.
struct LineEnd {
  std::size_t end;
  std::size_t next;
};

inline LineEnd FindLineEnd(std::string_view text, std::size_t begin) {
  const std::size_t newline = text.find('\n', begin);
  if (newline == std::string_view::npos) return {text.size(), text.size()};
  const bool crlf = newline > begin && text[newline - 1] == '\r';
  return {crlf ? newline - 1 : newline, newline + 1};
}

// Calls visit(from, to) for what BOS stands around, in offsets of `text`, from
// `begin` on.
template <typename Visit>
void ForEachSequence(std::string_view text, std::size_t begin, DocMode mode,
                     Visit visit) {
  if (mode == DocMode::kText) {
    if (begin < text.size()) visit(begin, text.size());
    return;
  }
  while (begin < text.size()) {
    const LineEnd line = FindLineEnd(text, begin);
    if (line.end > begin) visit(begin, line.end);
    begin = line.next;
  }
}

}  // namespace microgpt

#endif  // MICROGPT_DATA_TEXT_LINES_H_
