// Numbers and texts of runs.
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "cli/format_bytes.h"
#include "cli/page/format_number.h"
#include "cli/report/run_document.h"

namespace microgpt::cli {
namespace {

std::string Count(double value) {
  constexpr double kMostCounted = 1e18;
  return value < kMostCounted ? FormatCount(static_cast<std::uint64_t>(value))
                              : FormatNumber(value);
}

std::string Steps(const RunData& run) {
  std::string done = Count(static_cast<double>(run.last_step));
  if (run.num_steps <= 0) return done;
  return done + " of " + Count(static_cast<double>(run.num_steps));
}

const std::string* Find(const std::vector<NamedValue>& values,
                        const std::string& name) {
  for (const NamedValue& value : values) {
    if (value.name == name) return &value.value;
  }
  return nullptr;
}

// Of all runs, in order of appearance, without those that are empty in all.
std::vector<std::string> NamesIn(const std::vector<RunData>& runs,
                                 std::vector<NamedValue> RunData::*values) {
  std::vector<std::string> names;
  for (const RunData& run : runs) {
    for (const NamedValue& value : run.*values) {
      const bool known =
          std::find(names.begin(), names.end(), value.name) != names.end();
      // A file that no run was given.
      if (!known && !value.value.empty()) names.push_back(value.name);
    }
  }
  return names;
}

// A row for each name, a column for each run; rows in which runs differ are
// marked.
Table CompareValues(const std::vector<RunData>& runs,
                    const std::string& caption,
                    std::vector<NamedValue> RunData::*values) {
  Table table{caption, {{"name", false}}, {}};
  for (const RunData& run : runs) {
    table.columns.push_back({runs.size() == 1 ? "value" : run.name, false});
  }
  for (const std::string& name : NamesIn(runs, values)) {
    std::vector<Cell> row = {{name}};
    for (const RunData& run : runs) {
      const std::string* value = Find(run.*values, name);
      row.push_back({value == nullptr || value->empty() ? kNoNumber : *value});
    }
    const bool differ =
        std::any_of(row.begin() + 1, row.end(),
                    [&](const Cell& cell) { return cell.text != row[1].text; });
    if (differ) {
      for (std::size_t i = 1; i < row.size(); ++i) row[i].tone = Tone::kMarked;
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

std::string BytesText(const std::string& value) {
  const bool whole = !value.empty() && value.size() < 19 &&
                     value.find_first_not_of("0123456789") == std::string::npos;
  return whole ? FormatBytes(std::stoull(value)) : value;
}

Table MemoryTable(const std::vector<RunData>& runs) {
  constexpr std::string_view kUnit = "_bytes";
  Table table =
      CompareValues(runs, "Memory of training, estimated", &RunData::memory);
  for (std::vector<Cell>& row : table.rows) {
    std::string& name = row.front().text;
    if (name.ends_with(kUnit)) name.resize(name.size() - kUnit.size());
    for (std::size_t i = 1; i < row.size(); ++i) {
      row[i].text = BytesText(row[i].text);
    }
  }
  return table;
}

// As much as a reader compares.
std::string Shortened(const std::string& text) {
  constexpr std::size_t kMostBytes = 2000;
  if (text.size() <= kMostBytes) return text;
  std::size_t end = kMostBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0u) == 0x80u) {
    --end;
  }
  return text.substr(0, end) + "…";
}

}  // namespace

void AddSummary(const std::vector<RunData>& runs, Document& document) {
  Table table{"Summary",
              {{"run", false},
               {"steps"},
               {"training loss, last 50 steps"},
               {"best validation loss"},
               {"at step"},
               {"tokens"},
               {"training time"},
               {"tokens/s"},
               {"peak memory"}},
              {}};
  for (const RunData& run : runs) {
    const bool any = run.steps > 0;
    const auto& best = run.best_validation;
    table.rows.push_back(
        {{run.name},
         {Steps(run)},
         {any ? FormatNumber(run.recent_loss) : kNoNumber},
         {best ? FormatNumber(best->loss) : kNoNumber},
         {best ? Count(static_cast<double>(best->step)) : kNoNumber},
         {Count(run.tokens)},
         {FormatTime(run.training_seconds)},
         {any ? FormatNumber(run.rate()) : kNoNumber},
         {run.peak_bytes > 0
              ? FormatBytes(static_cast<std::uint64_t>(run.peak_bytes))
              : kNoNumber}});
  }
  document.blocks.push_back(std::move(table));
}

void AddConfigurations(const std::vector<RunData>& runs, Document& document) {
  document.blocks.push_back(Heading{2, "Configuration"});
  std::vector<Table> tables = {
      CompareValues(runs, "Configuration", &RunData::config),
      CompareValues(runs, "Machine and build", &RunData::host),
      MemoryTable(runs)};
  std::vector<Cell> versions = {{"version"}};
  for (const RunData& run : runs) versions.push_back({run.version});
  tables[1].rows.insert(tables[1].rows.begin(), std::move(versions));
  std::erase_if(tables, [](const Table& table) { return table.rows.empty(); });
  if (runs.size() == 1) {
    document.blocks.push_back(TableGroup{std::move(tables)});
    return;
  }
  document.blocks.push_back(Paragraph{"Values that differ are marked."});
  for (Table& table : tables) document.blocks.push_back(std::move(table));
}

void AddSamples(const std::vector<RunData>& runs, Document& document) {
  const bool one = runs.size() == 1;
  std::size_t most = 0;
  for (const RunData& run : runs) {
    for (const SampleSet& set : run.samples) {
      most = std::max(most, set.samples.size());
    }
  }
  if (most == 0) return;
  Table table{one ? "Samples over time" : "The last samples of every run",
              {{"step"}},
              {}};
  if (!one) table.columns.insert(table.columns.begin(), {"run", false});
  for (std::size_t i = 1; i <= most; ++i) {
    table.columns.push_back({fmt::format("sample {}", i), false});
  }
  for (const RunData& run : runs) {
    for (const SampleSet& set : run.samples) {
      if (!one && &set != &run.samples.back()) continue;
      std::vector<Cell> row = {{Count(static_cast<double>(set.step))}};
      if (!one) row.insert(row.begin(), {run.name});
      for (const std::string& sample : set.samples) {
        row.push_back({Shortened(sample), Tone::kSample});
      }
      row.resize(table.columns.size());
      table.rows.push_back(std::move(row));
    }
  }
  document.blocks.push_back(Heading{2, "Samples"});
  document.blocks.push_back(std::move(table));
}

}  // namespace microgpt::cli
