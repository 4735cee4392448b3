#include "cli/bench/report_json.h"

#include <fmt/format.h>

#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/bench/report_fields.h"
#include "cli/page/text_escape.h"
#include "microgpt/error.h"

namespace microgpt::cli {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

// A report needs 10: format 1 has no recursive part.
constexpr int kMaxDepth = 12;
constexpr const char* kFormatKey = "format";

constexpr std::pair<Verdict, const char*> kVerdicts[] = {
    {Verdict::kFaster, "faster"},
    {Verdict::kSlower, "slower"},
    {Verdict::kNoise, "noise"}};

class ReportWriter {
 public:
  template <typename T>
  ordered_json Write(const T& x) const {
    ordered_json object = ordered_json::object();
    VisitFields(x, [&](const char* name, const auto& field) {
      object[name] = Write(field);
    });
    return object;
  }

  template <std::integral T>
  ordered_json Write(const T& x) const {
    return x;
  }
  ordered_json Write(const std::string& x) const { return x; }
  ordered_json Write(const double& x) const {
    // JSON has no word for it, and a null could not be read back.
    if (!std::isfinite(x)) {
      throw Error(ErrorKind::kNumeric,
                  "the benchmark report holds a number that is not finite");
    }
    return x;
  }
  ordered_json Write(const Verdict& x) const {
    for (const auto& known : kVerdicts) {
      if (known.first == x) return known.second;
    }
    return nullptr;
  }
  template <typename T>
  ordered_json Write(const std::optional<T>& x) const {
    return x ? Write(*x) : ordered_json(nullptr);
  }
  template <typename T>
  ordered_json Write(const std::vector<T>& x) const {
    ordered_json array = ordered_json::array();
    for (const T& item : x) array.push_back(Write(item));
    return array;
  }
};

// A key of a foreign file, fit for one line of an error.
std::string ShortKey(const std::string& key) {
  constexpr std::size_t kMost = 40;
  return CleanText(key.size() > kMost ? key.substr(0, kMost) + "..." : key);
}

// Where the parser is, and the keys it has seen of every open object.
class ParserPlace {
 public:
  void Open() { levels_.emplace_back(); }
  void Close() { levels_.pop_back(); }
  // False for the second of its name.
  bool Key(const std::string& key) {
    levels_.back().step = ShortKey(key);
    return levels_.back().keys.insert(key).second;
  }
  // Counts items of arrays; objects ignore it.
  void EndValue() {
    if (!levels_.empty()) ++levels_.back().index;
  }
  std::string Text() const {
    std::string text;
    for (const Level& level : levels_) {
      if (level.keys.empty()) {
        text += "[" + std::to_string(level.index) + "]";
      } else {
        text += (text.empty() ? "" : ".") + level.step;
      }
    }
    return text;
  }

 private:
  struct Level {
    std::set<std::string> keys;
    std::string step;
    std::size_t index = 0;
  };
  std::vector<Level> levels_;
};

class ReportReader {
 public:
  explicit ReportReader(const std::string& file) : file_(file) {}

  [[noreturn]] void Fail(const std::string& why) const {
    throw Error(ErrorKind::kInput,
                file_ + ": not a usable benchmark report: " + why);
  }

  json Parse(const std::string& text) const {
    // The parser would take it for the end.
    if (text.find('\0') != std::string::npos) Fail("it holds a NUL");
    using Event = json::parse_event_t;
    ParserPlace place;
    const auto check = [&](int depth, Event event, const json& value) {
      if (depth > kMaxDepth) Fail(place.Text() + " is nested too deeply");
      if (event == Event::key && !place.Key(value.get<std::string>())) {
        Fail("two fields named " + place.Text());
      }
      if (event == Event::object_start || event == Event::array_start) {
        place.Open();
      }
      if (event == Event::object_end || event == Event::array_end) {
        place.Close();
      }
      if (event == Event::object_end || event == Event::array_end ||
          event == Event::value) {
        place.EndValue();
      }
      return true;
    };
    try {
      return json::parse(text, check);
    } catch (const json::parse_error& error) {
      Fail("not valid JSON at byte " + std::to_string(error.byte));
    } catch (const json::out_of_range&) {
      Fail(place.Text() + " is a number out of range");
    }
  }

  void ReadReport(json& value, BenchReport& report) const {
    if (!value.is_object()) Fail("it is not an object");
    const auto format = value.find(kFormatKey);
    if (format == value.end()) Fail(std::string("no field ") + kFormatKey);
    int number = 0;
    Read(*format, kFormatKey, number);
    if (number != BenchReport::kFormat) {
      Fail("it has format " + std::to_string(number) + ", this program reads " +
           std::to_string(BenchReport::kFormat));
    }
    value.erase(format);
    Read(value, "", report);
  }

 private:
  template <typename T>
  void Read(const json& value, const std::string& place, T& x) const {
    if (!value.is_object()) Fail(place + " is not an object");
    const std::string prefix = place.empty() ? "" : place + ".";
    std::set<std::string_view> known;
    VisitFields(x, [&](const char* name, auto& field) {
      const auto at = value.find(name);
      if (at == value.end()) Fail("no field " + prefix + name);
      known.insert(name);
      Read(*at, prefix + name, field);
    });
    for (auto at = value.begin(); at != value.end(); ++at) {
      if (!known.contains(at.key())) {
        Fail("unknown field '" + prefix + ShortKey(at.key()) + "'");
      }
    }
  }

  template <std::integral T>
  void Read(const json& value, const std::string& place, T& x) const {
    const bool fits = value.is_number_unsigned()
                          ? std::in_range<T>(value.get<std::uint64_t>())
                          : value.is_number_integer() &&
                                std::in_range<T>(value.get<std::int64_t>());
    if (!fits) Fail(place + " is not a whole number in range");
    x = value.get<T>();
  }
  void Read(const json& value, const std::string& place, bool& x) const {
    if (!value.is_boolean()) Fail(place + " is not true or false");
    x = value.get<bool>();
  }
  void Read(const json& value, const std::string& place, double& x) const {
    if (!value.is_number() || !std::isfinite(value.get<double>())) {
      Fail(place + " is not a number");
    }
    x = value.get<double>();
  }
  void Read(const json& value, const std::string& place, std::string& x) const {
    if (!value.is_string()) Fail(place + " is not a text");
    x = value.get<std::string>();
  }
  void Read(const json& value, const std::string& place, Verdict& x) const {
    std::string text;
    Read(value, place, text);
    for (const auto& known : kVerdicts) {
      if (text != known.second) continue;
      x = known.first;
      return;
    }
    Fail(place + " is none of faster, slower, noise");
  }
  template <typename T>
  void Read(const json& value, const std::string& place,
            std::optional<T>& x) const {
    x.reset();
    if (!value.is_null()) Read(value, place, x.emplace());
  }
  template <typename T>
  void Read(const json& value, const std::string& place,
            std::vector<T>& x) const {
    if (!value.is_array()) Fail(place + " is not an array");
    x.clear();
    for (const json& item : value) {
      const std::string item_place = fmt::format("{}[{}]", place, x.size());
      Read(item, item_place, x.emplace_back());
    }
  }

  const std::string& file_;
};

}  // namespace

std::string ToJson(const BenchReport& report) {
  ordered_json object = {{kFormatKey, BenchReport::kFormat}};
  object.update(ReportWriter().Write(report));
  // Foreign text need not be UTF-8.
  return object.dump(1, ' ', false, ordered_json::error_handler_t::replace) +
         "\n";
}

BenchReport ParseReport(const std::string& text, const std::string& name) {
  const ReportReader reader(name);
  json value = reader.Parse(text);
  BenchReport report;
  reader.ReadReport(value, report);
  return report;
}

}  // namespace microgpt::cli
