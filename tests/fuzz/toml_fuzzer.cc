// Files of --config: what is read reads back when it is written again, and
// becomes settings of every command or a clear error.
#include "cli/toml.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "cli/command_flags.h"
#include "cli/settings.h"
#include "cli/toml_string.h"
#include "tests/fuzz/harness.h"

namespace microgpt::fuzz {
namespace {

constexpr const char* kPath = "run.toml";

// Whether `parse` returns; else its Error must be kUsage and one line that
// names the file.
template <typename Function>
bool Understands(Function parse) {
  try {
    parse();
    return true;
  } catch (const Error& error) {
    Require(error.kind() == ErrorKind::kUsage,
            std::string("not kUsage: ") + error.what());
    CheckMessage(error.what(), kPath);
    return false;
  }
}

std::string Written(const std::vector<cli::TomlEntry>& entries) {
  std::string text;
  for (const cli::TomlEntry& entry : entries) {
    const bool quoted = entry.kind == cli::TomlKind::kString;
    text += cli::TomlString(entry.key) + " = " +
            (quoted ? cli::TomlString(entry.text) : entry.text) + "\n";
  }
  return text;
}

void CheckReadsBack(const std::vector<cli::TomlEntry>& entries) {
  const std::vector<cli::TomlEntry> again =
      cli::ParseToml(Written(entries), "again");
  Require(again.size() == entries.size(), "entries are lost");
  for (std::size_t i = 0; i < again.size(); ++i) {
    Require(again[i].key == entries[i].key &&
                again[i].kind == entries[i].kind &&
                again[i].text == entries[i].text,
            "reads back differently");
  }
}

bool SetsFlagsOf(cli::Command command,
                 const std::vector<cli::TomlEntry>& entries) {
  cli::Options options;
  options.command = command;
  cli::FlagTable flags;
  cli::AddFlags(flags, options);
  return Understands([&] {
    for (const cli::Setting& setting : cli::FromFile(flags, entries, kPath)) {
      cli::Apply(setting);
    }
  });
}

}  // namespace
}  // namespace microgpt::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  using namespace microgpt;
  using namespace microgpt::fuzz;
  const std::string_view text = AsText(data, size);
  std::vector<cli::TomlEntry> entries;
  bool understood = true;
  try {
    entries = cli::ParseToml(text, kPath);
  } catch (const Error& error) {
    Require(error.kind() == ErrorKind::kUsage, "not kUsage");
    CheckMessage(error.what(), kPath);
    return 0;
  }
  CheckReadsBack(entries);
  for (const cli::CommandInfo& command : cli::Commands()) {
    understood = SetsFlagsOf(command.command, entries) && understood;
  }
  if (understood) ++accepted_inputs;
  return 0;
}
