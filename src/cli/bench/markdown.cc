// report.md.
#include <cstddef>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "cli/bench/render.h"
#include "cli/page/document.h"
#include "cli/page/text_escape.h"

namespace microgpt::cli {
namespace {

// Code spans have no escapes.
std::string CodeSpan(const std::string& text) {
  const std::string clean = CleanText(text);
  if (clean.empty()) return "";
  if (clean.find_first_of("`|\\") != std::string::npos) {
    return EscapeMarkdown(text);
  }
  return "`" + clean + "`";
}

std::string CellText(const Cell& cell) {
  if (cell.text.empty()) return "";
  switch (cell.tone) {
    case Tone::kCode:
      return CodeSpan(cell.text);
    case Tone::kBad:
    case Tone::kGood:
    case Tone::kMarked:
      return "**" + EscapeMarkdown(cell.text) + "**";
    case Tone::kMuted:
      return "*" + EscapeMarkdown(cell.text) + "*";
    case Tone::kSample:
    case Tone::kPlain:
      break;
  }
  return EscapeMarkdown(cell.text);
}

class MarkdownWriter {
 public:
  void operator()(const Heading& heading) {
    text_ += std::string(static_cast<std::size_t>(heading.level), '#') + " " +
             EscapeMarkdown(heading.text) + "\n\n";
  }
  void operator()(const Paragraph& paragraph) {
    text_ += EscapeMarkdown(paragraph.text) + "\n\n";
  }
  void operator()(const Alert& alert) {
    text_ += "> **" + EscapeMarkdown(alert.text) + "**\n\n";
  }
  void operator()(const Tiles&) {}
  void operator()(const Figures&) {}
  void operator()(const Table& table) {
    text_ += "**" + EscapeMarkdown(table.caption) + "**\n\n";
    std::string rule = "|";
    text_ += "|";
    for (const Column& column : table.columns) {
      text_ += " " + EscapeMarkdown(column.name) + " |";
      rule += column.is_number ? " ---: |" : " --- |";
    }
    text_ += "\n" + rule + "\n";
    for (const std::vector<Cell>& row : table.rows) {
      text_ += "|";
      for (const Cell& cell : row) text_ += " " + CellText(cell) + " |";
      text_ += "\n";
    }
    text_ += "\n";
  }

  void operator()(const TableGroup& group) {
    for (const Table& table : group.tables) (*this)(table);
  }

  std::string Take() { return std::move(text_); }
  void Title(const Document& document) {
    text_ += "# " + EscapeMarkdown(document.title) + "\n\n";
    if (!document.subtitle.empty()) {
      text_ += EscapeMarkdown(document.subtitle) + "\n\n";
    }
  }

 private:
  std::string text_;
};

}  // namespace

std::string ToMarkdown(const BenchReport& report) {
  const Document document = ToDocument(report);
  MarkdownWriter writer;
  writer.Title(document);
  for (const Block& block : document.blocks) std::visit(writer, block);
  std::string text = writer.Take();
  text.pop_back();  // the empty line at the end
  return text;
}

}  // namespace microgpt::cli
