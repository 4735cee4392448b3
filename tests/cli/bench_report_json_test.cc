// report.json: exact round trips, and everything else is refused.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/bench/report_json.h"
#include "microgpt/error.h"
#include "tests/cli/bench_report_sample.h"

namespace microgpt::cli {
namespace {

using nlohmann::ordered_json;

constexpr const char* kName = "folder/report.json";

// Every struct once, so that there are few enough keys to spoil each.
BenchReport OneOfEach() {
  BenchReport report = SampleReport();
  report.runs.pop_back();
  RunReport& run = report.runs[0];
  run.models.resize(1);
  ModelReport& model = run.models[0];
  model.strong.resize(1);
  model.strong[0].step_times.resize(1);
  model.weak.clear();
  model.torch.resize(1);
  run.kernels.resize(1);
  run.calibration.resize(1);
  run.machine.caches.resize(1);
  report.suites[0].rows = {{"all", 1.5, 2.5, 0.5, 3.5, 4.5}};
  report.comparisons[0].rows.resize(1);
  return report;
}

// The message of the error; fails unless the text is refused with one line that
// names the file.
std::string Refusal(const std::string& text) {
  try {
    ParseReport(text, kName);
  } catch (const Error& error) {
    const std::string message = error.what();
    EXPECT_EQ(error.kind(), ErrorKind::kInput);
    EXPECT_TRUE(message.starts_with(std::string(kName) + ": ")) << message;
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
    return message;
  }
  ADD_FAILURE() << "accepted: " << text.substr(0, 2000);
  return "";
}

struct Place {
  ordered_json::json_pointer object;
  std::string key;
};

void CollectPlaces(const ordered_json& value,
                   const ordered_json::json_pointer& at,
                   std::vector<Place>& places) {
  if (value.is_array()) {
    for (std::size_t i = 0; i < value.size(); ++i) {
      CollectPlaces(value[i], at / i, places);
    }
  } else if (value.is_object()) {
    for (auto item = value.begin(); item != value.end(); ++item) {
      places.push_back({at, item.key()});
      CollectPlaces(item.value(), at / item.key(), places);
    }
  }
}

// Calls with each key of a report, in a copy of it that may be spoiled.
void ForEachKey(
    const std::function<void(ordered_json& whole, ordered_json& object,
                             const std::string& key)>& spoil) {
  const ordered_json original = ordered_json::parse(ToJson(OneOfEach()));
  std::vector<Place> places;
  CollectPlaces(original, ordered_json::json_pointer(), places);
  ASSERT_GT(places.size(), 100u);
  for (const Place& place : places) {
    SCOPED_TRACE(place.object.to_string() + "/" + place.key);
    ordered_json copy = original;
    spoil(copy, copy[place.object], place.key);
  }
}

TEST(BenchReportJson, ReadsBackExactly) {
  for (const BenchReport& report :
       {BenchReport(), OneOfEach(), SampleReport()}) {
    const std::string text = ToJson(report);
    EXPECT_EQ(ToJson(ParseReport(text, kName)), text);
    EXPECT_TRUE(text.ends_with("\n}\n"));
  }
}

TEST(BenchReportJson, KeepsEveryBit) {
  for (const double value :
       {0.1 + 0.2, 5e-324, std::numeric_limits<double>::max(), -1.0 / 3, 0.0,
        1e23, 9007199254740993.0}) {
    BenchReport report = OneOfEach();
    report.runs[0].models[0].strong[0].gflops = value;
    report.runs[0].machine.memory_bytes = UINT64_MAX;
    report.runs[0].models[0].steps_per_repetition = INT64_MIN;
    const BenchReport read = ParseReport(ToJson(report), kName);
    EXPECT_EQ(read.runs[0].models[0].strong[0].gflops, value);
    EXPECT_EQ(read.runs[0].machine.memory_bytes, UINT64_MAX);
    EXPECT_EQ(read.runs[0].models[0].steps_per_repetition, INT64_MIN);
  }
}

TEST(BenchReportJson, KeepsTextsAndMissingValues) {
  BenchReport report = OneOfEach();
  report.runs[0].label = "\"\\\n\t\x01 <&> µ \xF0\x9F\x98\x80";
  report.runs[0].machine.cpu_quota.reset();
  report.runs[0].models[0].amdahl.reset();
  report.suites[0].rows[0].gflops.reset();
  const BenchReport read = ParseReport(ToJson(report), kName);
  EXPECT_EQ(read.runs[0].label, report.runs[0].label);
  EXPECT_FALSE(read.runs[0].machine.cpu_quota);
  EXPECT_FALSE(read.runs[0].models[0].amdahl);
  EXPECT_FALSE(read.suites[0].rows[0].gflops);
  EXPECT_EQ(read.comparisons[0].rows[0].verdict, Verdict::kFaster);
}

TEST(BenchReportJson, WritesTextThatIsNotUtf8) {
  BenchReport report = OneOfEach();
  report.runs[0].label = "a\xFF";
  EXPECT_EQ(ParseReport(ToJson(report), kName).runs[0].label, "a\xEF\xBF\xBD");
}

TEST(BenchReportJson, RefusesToWriteWhatItCouldNotRead) {
  BenchReport report = OneOfEach();
  report.runs[0].models[0].strong[0].speedup =
      std::numeric_limits<double>::quiet_NaN();
  EXPECT_THROW(ToJson(report), Error);
}

TEST(BenchReportJson, RefusesMissingKeys) {
  ForEachKey(
      [](ordered_json& whole, ordered_json& object, const std::string& key) {
        object.erase(key);
        EXPECT_NE(Refusal(whole.dump()).find(key), std::string::npos);
      });
}

TEST(BenchReportJson, RefusesUnknownKeys) {
  ForEachKey(
      [](ordered_json& whole, ordered_json& object, const std::string& key) {
        object[key + "_new"] = object[key];
        EXPECT_NE(Refusal(whole.dump()).find(key + "_new"), std::string::npos);
        object.erase(key);
        Refusal(whole.dump());
      });
}

TEST(BenchReportJson, RefusesRepeatedKeys) {
  ForEachKey([](ordered_json& whole, ordered_json& object,
                const std::string& key) {
    const std::string stand_in = "stand-in";
    object[stand_in] = object[key];
    std::string text = whole.dump();
    text.replace(text.find(stand_in), stand_in.size(), key);
    const std::string message = Refusal(text);
    EXPECT_NE(message.find("two fields named "), std::string::npos) << message;
    EXPECT_TRUE(message.ends_with(key)) << message;
  });
}

bool MayBeNull(const ordered_json& object, const std::string& key) {
  const bool is_suite_row = object.contains("gigabytes_per_second") &&
                            key != "name" && key != "seconds";
  return is_suite_row || key == "cpu_quota" || key == "amdahl";
}

TEST(BenchReportJson, RefusesOtherTypes) {
  const std::vector<ordered_json> others = {nullptr,
                                            true,
                                            7,
                                            1.5,
                                            "text",
                                            ordered_json::array(),
                                            ordered_json::object()};
  ForEachKey(
      [&](ordered_json& whole, ordered_json& object, const std::string& key) {
        const ordered_json original = object[key];
        for (const ordered_json& other : others) {
          const bool same_kind =
              other.type() == original.type() ||
              (original.is_number_float() && other.is_number()) ||
              (original.is_number_integer() && other.is_number_integer());
          // A verdict has three texts only.
          if (same_kind && key != "verdict" && !original.is_object()) continue;
          if (other.is_null() && MayBeNull(object, key)) continue;
          object[key] = other;
          EXPECT_NE(Refusal(whole.dump()).find(key), std::string::npos)
              << other.dump();
        }
        object[key] = original;
        EXPECT_NO_THROW(ParseReport(whole.dump(), kName));
      });
}

TEST(BenchReportJson, NamesThePlace) {
  ordered_json json = ordered_json::parse(ToJson(SampleReport()));
  json["runs"][1]["models"][0]["strong"][2]["threads"] = "4";
  EXPECT_NE(Refusal(json.dump()).find("runs[1].models[0].strong[2].threads"),
            std::string::npos);
  json["runs"][1]["models"][0]["strong"][2]["threads"] = 4;
  json["runs"][1]["models"][1]["weak"][0]["step_times"][3] = "x";
  EXPECT_NE(
      Refusal(json.dump()).find("runs[1].models[1].weak[0].step_times[3]"),
      std::string::npos);
}

TEST(BenchReportJson, PlacesRepeatedKeysInArrays) {
  std::string text = ToJson(SampleReport());
  const std::string key = "\"baseline_seconds\":";
  text.insert(text.rfind(key), "\"p_value\": 1,");
  EXPECT_NE(Refusal(text).find("comparisons[0].rows[2].p_value"),
            std::string::npos);
}

TEST(BenchReportJson, RefusesEveryTruncation) {
  const std::string text = ToJson(OneOfEach());
  for (std::size_t size = 0; size + 1 < text.size(); ++size) {
    Refusal(text.substr(0, size));
  }
}

TEST(BenchReportJson, RefusesNumbersOutOfRange) {
  const std::string text = ToJson(OneOfEach());
  const auto with = [&](const std::string& key, const std::string& value) {
    std::string changed = text;
    const std::size_t at = changed.find("\"" + key + "\": ");
    const std::size_t from = at + key.size() + 4;
    changed.replace(from, changed.find_first_of(",\n", from) - from, value);
    return changed;
  };
  EXPECT_NO_THROW(ParseReport(with("gflops", "12"), kName));
  for (const char* value :
       {"NaN", "Infinity", "-Infinity", "1e999", "-1e999"}) {
    Refusal(with("gflops", value));
  }
  for (const char* value :
       {"2147483648", "-2147483649", "1e3", "18446744073709551616"}) {
    Refusal(with("threads", value));
  }
  Refusal(with("memory_bytes", "-1"));
  Refusal(with("steps_per_repetition", "9223372036854775808"));
}

TEST(BenchReportJson, RefusesOtherFormats) {
  for (const char* format : {"0", "2", "-1", "\"1\"", "1.0", "null"}) {
    Refusal(std::string("{\"format\": ") + format +
            ", \"runs\": [], \"suites\": [], \"comparisons\": []}");
  }
}

TEST(BenchReportJson, RefusesWhatIsNoReport) {
  for (const char* text :
       {"", " ", "null", "1", "\"text\"", "[]", "{}", "{} {}", "{\"runs\":[]}",
        "// comment\n{}", "{\"format\": 1,}", "\xFF\xFE",
        "{\"a\": \"\xFF\"}"}) {
    Refusal(text);
  }
  Refusal(ToJson(OneOfEach()) + "x");
  Refusal(ToJson(OneOfEach()) + std::string(1, '\0'));
}

TEST(BenchReportJson, RefusesDeepNesting) {
  constexpr std::size_t kDepth = 1000000;
  Refusal(std::string(kDepth, '['));
  Refusal("{\"format\": 1, \"runs\": " + std::string(kDepth, '['));
  std::string objects;
  for (std::size_t i = 0; i < kDepth / 10; ++i) objects += "{\"runs\":";
  EXPECT_LT(Refusal(objects).size(), 300u);
}

TEST(BenchReportJson, KeepsLongKeysShort) {
  EXPECT_LT(Refusal("{\"format\": 1, \"runs\": [], \"suites\": [], "
                    "\"comparisons\": [], \"" +
                    std::string(100000, 'k') + "\\n\": 1}")
                .size(),
            300u);
}

}  // namespace
}  // namespace microgpt::cli
