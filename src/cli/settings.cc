#include "cli/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "cli/command_flags.h"
#include "cli/did_you_mean.h"
#include "cli/presets.h"
#include "microgpt/error.h"

namespace microgpt::cli {
namespace {

[[noreturn]] void FailUsage(const std::string& message) {
  throw Error(ErrorKind::kUsage, message);
}

// Names close to ours are slips; others belong to somebody else.
void WarnAboutVariable(const std::string& name,
                       std::vector<std::string>& warnings) {
  std::string letters = name;
  for (char& letter : letters) {
    if (letter >= 'a' && letter <= 'z') {
      letter = static_cast<char>(letter - 'a' + 'A');
    }
  }
  const std::size_t prefix = std::string_view(kVariablePrefix).size();
  std::vector<std::string> known;
  for (const Flag& flag : EveryFlag()) {
    if (flag.is_variable) known.push_back(flag.Variable().substr(prefix));
  }
  const std::string nearest = Nearest(letters.substr(prefix), known);
  if (nearest.empty()) return;
  warnings.push_back(
      fmt::format("the environment variable {} has no meaning; did you mean "
                  "{}{}?",
                  name, kVariablePrefix, nearest));
}

bool IsVariable(const std::string& name) {
  return std::any_of(EveryFlag().begin(), EveryFlag().end(),
                     [&name](const Flag& flag) {
                       return flag.is_variable && flag.Variable() == name;
                     });
}

void RefuseUnknownKey(const TomlEntry& entry, const std::string& path) {
  std::vector<std::string> keys;
  for (const Flag& flag : EveryFlag()) {
    if (!flag.is_key) continue;
    if (flag.Key() == entry.key) return;
    keys.push_back(flag.Key());
  }
  const bool flag =
      entry.key == "config" || entry.key == "help" || entry.key == "version";
  FailUsage(
      fmt::format("{}: line {}: {}{}", path, entry.line,
                  flag ? entry.key + " is for the command line, not for a file"
                       : "unknown key '" + QuoteText(entry.key) + "'",
                  flag ? "" : DidYouMean(entry.key, keys)));
}

bool Fits(TomlKind found, ValueKind wanted) {
  switch (wanted) {
    case ValueKind::kSwitch:
      return found == TomlKind::kBoolean;
    case ValueKind::kInteger:
      return found == TomlKind::kInteger;
    case ValueKind::kReal:
      return found == TomlKind::kInteger || found == TomlKind::kReal;
    case ValueKind::kText:
    case ValueKind::kChoice:
      return found == TomlKind::kString;
    case ValueKind::kList:
      break;
  }
  return found == TomlKind::kString || found == TomlKind::kInteger;
}

std::string Wanted(const Flag& flag) {
  switch (flag.kind) {
    case ValueKind::kSwitch:
      return "true or false";
    case ValueKind::kInteger:
      return "a whole number, without quotes";
    case ValueKind::kReal:
      return "a number, without quotes";
    case ValueKind::kText:
    case ValueKind::kChoice:
      return "a text, in quotes";
    case ValueKind::kList:
      break;
  }
  return "a list in quotes, such as \"1,2,4\"";
}

std::string TextOfSwitch(const Setting& setting) {
  if (setting.text == "true" || setting.text == "1") return "true";
  if (setting.text == "false" || setting.text == "0") return "false";
  FailUsage(
      fmt::format("{}: '{}' is not allowed; give 1 or 0, or true or false",
                  setting.origin, QuoteText(setting.text)));
}

}  // namespace

void Settings::Add(const std::vector<Setting>& settings) {
  for (const Setting& setting : settings) {
    if (Find(setting.flag->name) == nullptr) settings_.push_back(setting);
  }
}

const Setting* Settings::Find(const std::string& flag) const {
  for (const Setting& setting : settings_) {
    if (setting.flag->name == flag) return &setting;
  }
  return nullptr;
}

std::optional<Source> Settings::NearestOf(
    const std::set<std::string>& flags) const {
  std::optional<Source> nearest;
  for (const Setting& setting : settings_) {
    if (!flags.contains(setting.flag->name)) continue;
    if (!nearest || setting.source < *nearest) nearest = setting.source;
  }
  return nearest;
}

void Settings::DropBeyond(Source source, const std::set<std::string>& flags) {
  std::erase_if(settings_, [&](const Setting& setting) {
    return setting.source > source && flags.contains(setting.flag->name);
  });
}

void Settings::KeepTypedAnd(const std::set<std::string>& flags) {
  std::erase_if(settings_, [&](const Setting& setting) {
    return setting.source != Source::kCommandLine &&
           !flags.contains(setting.flag->name);
  });
}

std::vector<Setting> FromCommandLine(const CommandLine& line) {
  std::vector<Setting> settings;
  for (const TypedFlag& typed : line.typed) {
    settings.push_back({typed.flag, Source::kCommandLine, "", typed.flag->name,
                        typed.text, std::nullopt});
  }
  return settings;
}

std::vector<Setting> FromEnvironment(const FlagTable& flags,
                                     const char* const* environment,
                                     std::vector<std::string>& warnings) {
  std::vector<Setting> settings;
  for (; environment != nullptr && *environment != nullptr; ++environment) {
    const std::string_view entry = *environment;
    if (!entry.starts_with(kVariablePrefix)) continue;
    const std::size_t equals = entry.find('=');
    if (equals == std::string_view::npos || equals + 1 == entry.size()) {
      continue;
    }
    const std::string name(entry.substr(0, equals));
    if (!IsVariable(name)) WarnAboutVariable(name, warnings);
    for (const Flag& flag : flags.flags()) {
      if (!flag.is_variable || flag.Variable() != name) continue;
      settings.push_back({&flag, Source::kEnvironment, name, name,
                          std::string(entry.substr(equals + 1)), std::nullopt});
    }
  }
  return settings;
}

std::vector<Setting> FromFile(const FlagTable& flags,
                              const std::vector<TomlEntry>& entries,
                              const std::string& path) {
  std::vector<Setting> settings;
  for (const TomlEntry& entry : entries) {
    RefuseUnknownKey(entry, path);
    for (const Flag& flag : flags.flags()) {
      if (!flag.is_key || flag.Key() != entry.key) continue;
      settings.push_back({&flag, Source::kFile, path, path + ": " + entry.key,
                          entry.text, entry.kind});
    }
  }
  return settings;
}

std::vector<Setting> FromPreset(const FlagTable& flags,
                                const std::string& name) {
  std::vector<Setting> settings;
  for (const Preset& preset : Presets()) {
    if (preset.name != name) continue;
    for (const PresetValue& value : preset.values) {
      const Flag* const flag = flags.Find(value.flag);
      if (flag == nullptr) continue;
      settings.push_back({flag, Source::kPreset, "--preset " + name,
                          "--preset " + name, value.text, std::nullopt});
    }
  }
  return settings;
}

void Apply(const Setting& setting) {
  const Flag& flag = *setting.flag;
  if (setting.kind && !Fits(*setting.kind, flag.kind)) {
    FailUsage(fmt::format("{}: '{}' is of the wrong type; give {}",
                          setting.origin, QuoteText(setting.text),
                          Wanted(flag)));
  }
  flag.set(setting.origin, flag.kind == ValueKind::kSwitch
                               ? TextOfSwitch(setting)
                               : setting.text);
}

}  // namespace microgpt::cli
