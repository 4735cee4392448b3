#include "cli/page/html.h"

#include <fmt/format.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "cli/page/page_style.h"
#include "cli/page/svg_plot.h"
#include "cli/page/text_escape.h"

namespace microgpt::cli {
namespace {

const char* ClassOf(Tone tone) {
  switch (tone) {
    case Tone::kCode:
      return "code";
    case Tone::kGood:
      return "good";
    case Tone::kBad:
      return "bad";
    case Tone::kMuted:
      return "muted";
    case Tone::kMarked:
      return "marked";
    case Tone::kSample:
      return "sample";
    case Tone::kPlain:
      break;
  }
  return "";
}

// Isolated, so that text from right to left moves nothing around it.
std::string SampleContent(std::string_view text) {
  std::string content = "<bdi class=\"sample\">";
  for (;;) {
    const std::size_t end = text.find('\n');
    content += EscapeXml(text.substr(0, end));
    if (end == std::string_view::npos) return content + "</bdi>";
    content += '\n';
    text.remove_prefix(end + 1);
  }
}

std::string CellContent(const Cell& cell) {
  if (cell.tone == Tone::kSample) return SampleContent(cell.text);
  std::string text = EscapeXml(cell.text);
  if (cell.tone == Tone::kPlain) return text;
  if (cell.tone == Tone::kCode) return "<code>" + text + "</code>";
  return fmt::format("<span class=\"{}\">{}</span>", ClassOf(cell.tone), text);
}

class HtmlWriter {
 public:
  void operator()(const Heading& heading) {
    if (heading.level == 2) {
      text_ += fmt::format("<h2 id=\"section-{}\">{}</h2>\n", ++sections_,
                           EscapeXml(heading.text));
    } else {
      text_ += "<h3>" + EscapeXml(heading.text) + "</h3>\n";
    }
  }
  void operator()(const Paragraph& paragraph) {
    text_ += "<p>" + EscapeXml(paragraph.text) + "</p>\n";
  }
  void operator()(const Alert& alert) {
    text_ += "<p class=\"alert\" role=\"alert\"><strong>" +
             EscapeXml(alert.text) + "</strong></p>\n";
  }
  void operator()(const Tiles& tiles) {
    text_ += "<dl class=\"tiles\">\n";
    for (const Tile& tile : tiles.tiles) {
      text_ += fmt::format("<div><dt>{}</dt><dd class=\"{}\">{}</dd></div>\n",
                           EscapeXml(tile.label), ClassOf(tile.tone),
                           EscapeXml(tile.value));
    }
    text_ += "</dl>\n";
  }
  void operator()(const Table& table) {
    const std::string caption = EscapeXml(table.caption);
    text_ += fmt::format(
        "<div class=\"scroll\" role=\"region\" tabindex=\"0\" "
        "aria-label=\"{}\">\n<table>\n<caption>{}</caption>\n<thead><tr>",
        caption, caption);
    for (const Column& column : table.columns) {
      text_ += fmt::format("<th scope=\"col\"{}>{}</th>", Align(column),
                           EscapeXml(column.name));
    }
    text_ += "</tr></thead>\n<tbody>\n";
    for (const std::vector<Cell>& row : table.rows) AddRow(table, row);
    text_ += "</tbody>\n</table>\n</div>\n";
  }
  void operator()(const TableGroup& group) {
    text_ += "<div class=\"tables\">\n";
    for (const Table& table : group.tables) (*this)(table);
    text_ += "</div>\n";
  }
  void operator()(const Figures& figures) {
    text_ += figures.large ? "<div class=\"figures large\">\n"
                           : "<div class=\"figures\">\n";
    for (const Figure& figure : figures.figures) {
      text_ += "<figure>\n<figcaption>" + EscapeXml(figure.caption) +
               "</figcaption>\n";
      text_ += std::visit([](const auto& plot) { return DrawPlot(plot); },
                          figure.plot);
      text_ += "</figure>\n";
    }
    text_ += "</div>\n";
  }

  std::string Take() { return std::move(text_); }

 private:
  static const char* Align(const Column& column) {
    return column.is_number ? " class=\"number\"" : "";
  }
  void AddRow(const Table& table, const std::vector<Cell>& row) {
    text_ += "<tr>";
    for (std::size_t i = 0; i < row.size(); ++i) {
      const char* align = Align(table.columns[i]);
      const std::string content = CellContent(row[i]);
      text_ += i == 0
                   ? fmt::format("<th scope=\"row\"{}>{}</th>", align, content)
                   : fmt::format("<td{}>{}</td>", align, content);
    }
    text_ += "</tr>\n";
  }

  std::string text_;
  int sections_ = 0;
};

// Links to the sections that HtmlWriter numbers in the same order.
std::string Contents(const Document& document) {
  std::string links;
  int sections = 0;
  for (const Block& block : document.blocks) {
    const auto* heading = std::get_if<Heading>(&block);
    if (heading == nullptr || heading->level != 2) continue;
    links += fmt::format("<li><a href=\"#section-{}\">{}</a></li>\n",
                         ++sections, EscapeXml(heading->text));
  }
  if (sections < 2) return "";
  return "<nav aria-label=\"Contents\"><ul>\n" + links + "</ul></nav>\n";
}

}  // namespace

std::string GeneratorTag(const std::string& generator) {
  return "<meta name=\"generator\" content=\"" + EscapeXml(generator) + "\"/>";
}

std::string ToHtml(const Document& document) {
  HtmlWriter writer;
  for (const Block& block : document.blocks) std::visit(writer, block);
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
      "<meta charset=\"utf-8\"/>\n"
      "<meta name=\"viewport\" content=\"width=device-width, "
      "initial-scale=1\"/>\n"
      "{4}\n"
      "<title>{0}</title>\n<style>\n{1}</style>\n</head>\n<body>\n<main>\n"
      "<header>\n<h1>{0}</h1>\n<p class=\"subtitle\">{2}</p>\n{3}</header>\n"
      "{5}</main>\n</body>\n</html>\n",
      EscapeXml(document.title), kPageStyle, EscapeXml(document.subtitle),
      Contents(document), GeneratorTag(document.generator), writer.Take());
}

}  // namespace microgpt::cli
