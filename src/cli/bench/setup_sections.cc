// Where and how a report was measured.
#include <fmt/format.h>

#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "cli/bench/sections.h"
#include "cli/bench/summary.h"
#include "cli/format_bytes.h"
#include "cli/page/format_number.h"

namespace microgpt::cli {
namespace {

struct Property {
  const char* name;
  std::function<std::string(const RunReport&)> text;  // empty where unknown
  Tone tone = Tone::kPlain;
};

std::string Known(int count) {
  return count == 0 ? "" : fmt::format("{}", count);
}

std::string CacheText(const MachineReport& machine) {
  std::string text;
  for (const CacheReport& cache : machine.caches) {
    if (!text.empty()) text += ", ";
    text += fmt::format("L{} {} {}", cache.level, cache.type,
                        FormatBytes(cache.bytes));
    if (cache.count != 0) text += fmt::format(" × {}", cache.count);
  }
  return text;
}

std::vector<Property> MachineProperties() {
  using R = RunReport;
  return {
      {"CPU", [](const R& r) { return r.machine.cpu; }},
      {"architecture", [](const R& r) { return r.machine.architecture; }},
      {"system", [](const R& r) { return r.machine.system; }},
      {"sockets", [](const R& r) { return Known(r.machine.sockets); }},
      {"physical cores",
       [](const R& r) { return Known(r.machine.physical_cores); }},
      {"logical CPUs",
       [](const R& r) { return Known(r.machine.logical_cpus); }},
      {"threads per core",
       [](const R& r) { return Known(r.machine.threads_per_core); }},
      {"NUMA nodes", [](const R& r) { return Known(r.machine.numa_nodes); }},
      {"frequency governor", [](const R& r) { return r.machine.governor; }},
      {"CPUs of the process", [](const R& r) { return r.machine.affinity; }},
      {"CPU quota",
       [](const R& r) {
         return r.machine.cpu_quota
                    ? FormatRatio(*r.machine.cpu_quota) + " CPUs"
                    : "";
       }},
      {"memory",
       [](const R& r) {
         return r.machine.memory_bytes == 0
                    ? ""
                    : FormatBytes(r.machine.memory_bytes);
       }},
      {"caches", [](const R& r) { return CacheText(r.machine); }},
  };
}

std::vector<Property> BuildProperties() {
  using R = RunReport;
  return {
      {"date", [](const R& r) { return r.date; }},
      {"version", [](const R& r) { return r.build.version; }},
      {"commit", [](const R& r) { return r.build.commit; }, Tone::kCode},
      {"compiler", [](const R& r) { return r.build.compiler; }},
      {"flags", [](const R& r) { return r.build.flags; }, Tone::kCode},
      {"SIMD", [](const R& r) { return r.build.simd; }},
      {"executor", [](const R& r) { return r.build.executor; }},
      {"libraries", [](const R& r) { return r.build.libraries; }},
  };
}

std::vector<Property> ProtocolProperties() {
  using R = RunReport;
  return {
      {"repetitions", [](const R& r) { return Known(r.protocol.repetitions); }},
      {"least seconds per repetition",
       [](const R& r) { return FormatNumber(r.protocol.repetition_seconds); }},
      {"order", [](const R& r) { return r.protocol.order; }},
  };
}

// A row per property that any run knows, a column per run.
void AddProperties(const BenchReport& report, const char* caption,
                   const std::vector<Property>& properties, TableGroup& group) {
  Table table{caption, {{"property", false}}, {}};
  for (std::size_t i = 0; i < report.runs.size(); ++i) {
    table.columns.push_back({RunName(report, i), false});
  }
  for (const Property& property : properties) {
    std::vector<Cell> row = {{property.name}};
    bool any = false;
    for (const RunReport& run : report.runs) {
      const std::string text = property.text(run);
      any = any || !text.empty();
      row.push_back(text.empty() ? Cell{"unknown", Tone::kMuted}
                                 : Cell{text, property.tone});
    }
    if (any) table.rows.push_back(std::move(row));
  }
  if (!table.rows.empty()) group.tables.push_back(std::move(table));
}

// A column that says the same in all rows.
void EraseColumn(std::ptrdiff_t column, Table& table) {
  table.columns.erase(table.columns.begin() + column);
  for (std::vector<Cell>& row : table.rows) row.erase(row.begin() + column);
}

void AddCalibration(const BenchReport& report, TableGroup& group) {
  Table table{
      "Calibration",
      {{"run", false}, {"threads"}, {"peak GFLOP/s, float32"}, {"reads, GB/s"}},
      {}};
  for (std::size_t i = 0; i < report.runs.size(); ++i) {
    for (const CalibrationReport& point : report.runs[i].calibration) {
      table.rows.push_back({{RunName(report, i)},
                            {fmt::format("{}", point.threads)},
                            {FormatNumber(point.peak_gflops)},
                            {FormatNumber(point.read_gigabytes_per_second)}});
    }
  }
  if (report.runs.size() == 1) EraseColumn(0, table);
  if (!table.rows.empty()) group.tables.push_back(std::move(table));
}

}  // namespace

void AddSetup(const BenchReport& report, Document& document) {
  if (report.runs.empty()) return;
  document.blocks.push_back(Heading{2, "Setup"});
  TableGroup group;
  AddProperties(report, "Machine", MachineProperties(), group);
  AddProperties(report, "Build", BuildProperties(), group);
  AddProperties(report, "Protocol", ProtocolProperties(), group);
  AddCalibration(report, group);
  document.blocks.push_back(std::move(group));
}

void AddKernels(const BenchReport& report, Document& document) {
  Table table{"Kernels on one thread",
              {{"kernel", false},
               {"shape", false},
               {"run", false},
               {"GFLOP/s"},
               {"of peak"}},
              {}};
  for (std::size_t i = 0; i < report.runs.size(); ++i) {
    for (const KernelReport& kernel : report.runs[i].kernels) {
      table.rows.push_back(
          {{kernel.name},
           {kernel.shape},
           {RunName(report, i)},
           {FormatNumber(kernel.gflops)},
           {kernel.of_peak == 0 ? kNoNumber : FormatPercent(kernel.of_peak)}});
    }
  }
  if (table.rows.empty()) return;
  if (report.runs.size() == 1) EraseColumn(2, table);
  document.blocks.push_back(Heading{2, "Kernels"});
  document.blocks.push_back(std::move(table));
}

}  // namespace microgpt::cli
