// What a page shows, between a report and the languages it is written in, so
// that they cannot differ. All texts are foreign until they are escaped.
#ifndef MICROGPT_CLI_PAGE_DOCUMENT_H_
#define MICROGPT_CLI_PAGE_DOCUMENT_H_

#include <string>
#include <variant>
#include <vector>

#include "cli/page/svg_plot.h"

namespace microgpt::cli {

enum class Tone {
  kPlain,
  kCode,
  kGood,
  kBad,
  kMuted,
  kMarked,  // differs from its neighbours
  kSample,  // line ends are kept
};

struct Cell {
  std::string text;
  Tone tone = Tone::kPlain;
};

struct Column {
  std::string name;
  bool is_number = true;
};

// The first cell of a row names the row.
struct Table {
  std::string caption;
  std::vector<Column> columns;
  std::vector<std::vector<Cell>> rows;
};

// Small ones, side by side where there is room.
struct TableGroup {
  std::vector<Table> tables;
};

struct Heading {
  int level = 2;  // 2 or 3
  std::string text;
};

struct Paragraph {
  std::string text;
};

// Something that must not be overlooked.
struct Alert {
  std::string text;
};

// The main results in large type; Markdown says them in the summary.
struct Tile {
  std::string value;
  std::string label;
  Tone tone = Tone::kPlain;
};
struct Tiles {
  std::vector<Tile> tiles;
};

// For HTML only: Markdown has no drawings of its own.
struct Figure {
  std::string caption;
  std::variant<LinePlot, BarPlot> plot;
};
struct Figures {
  std::vector<Figure> figures;
  bool large = false;  // two side by side instead of three
};

using Block =
    std::variant<Heading, Paragraph, Alert, Tiles, Table, TableGroup, Figures>;

struct Document {
  std::string generator;  // command that made it, by which it is known again
  std::string title;
  std::string subtitle;
  std::vector<Block> blocks;
};

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_PAGE_DOCUMENT_H_
