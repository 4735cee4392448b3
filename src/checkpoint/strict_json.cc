#include "checkpoint/strict_json.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "microgpt/error.h"

namespace microgpt {
namespace {

using nlohmann::json;

constexpr int kMaxDepth = 4;

}  // namespace

void FailCheckpoint(const std::string& path, const std::string& why) {
  throw Error(ErrorKind::kInput,
              path + ": not a usable checkpoint file: " + why);
}

json ParseStrictJson(std::string_view text, const std::string& path) {
  if (text.find('\0') != std::string_view::npos) {
    FailCheckpoint(path, "it holds a NUL");
  }
  std::vector<std::set<std::string>> keys;  // of the objects still open
  const auto check = [&](int depth, json::parse_event_t event, json& value) {
    if (depth > kMaxDepth) FailCheckpoint(path, "nested too deeply");
    if (event == json::parse_event_t::object_start) {
      keys.emplace_back();
    } else if (event == json::parse_event_t::object_end) {
      keys.pop_back();
    } else if (event == json::parse_event_t::key &&
               !keys.back().insert(value.get<std::string>()).second) {
      FailCheckpoint(path, "two fields named '" +
                               QuoteText(value.get<std::string>()) + "'");
    }
    return true;
  };
  json value;
  try {
    value = json::parse(text, check);
  } catch (const json::parse_error& error) {
    FailCheckpoint(path,
                   "not valid JSON at byte " + std::to_string(error.byte));
  } catch (const json::out_of_range&) {
    FailCheckpoint(path, "a number is out of range");
  }
  if (!value.is_object()) FailCheckpoint(path, "not a JSON object");
  return value;
}

JsonObject::JsonObject(std::string_view text, const std::string& path)
    : JsonObject(ParseStrictJson(text, path), path, "") {}
JsonObject::JsonObject(json&& value, const std::string& path,
                       std::string prefix)
    : path_(path),
      prefix_(std::move(prefix)),
      value_(std::make_unique<json>(std::move(value))) {}
JsonObject::~JsonObject() = default;
JsonObject::JsonObject(JsonObject&&) noexcept = default;

void JsonObject::Fail(const std::string& why) const {
  FailCheckpoint(path_, why);
}

json JsonObject::Take(const char* field) {
  const auto at = value_->find(field);
  if (at == value_->end()) Fail("no field " + prefix_ + field);
  json value = std::move(*at);
  value_->erase(at);
  return value;
}

std::int64_t JsonObject::Integer(const char* field, std::int64_t low,
                                 std::int64_t high) {
  const json value = Take(field);
  const bool fits = value.is_number_unsigned()
                        ? value.get<std::uint64_t>() <= INT64_MAX
                        : value.is_number_integer();
  const std::int64_t number = fits ? value.get<std::int64_t>() : 0;
  if (!fits || number < low || number > high) {
    Fail(prefix_ + field + " is not a whole number from " +
         std::to_string(low) + " to " + std::to_string(high));
  }
  return number;
}

std::uint64_t JsonObject::Unsigned(const char* field) {
  const json value = Take(field);
  if (!value.is_number_unsigned()) {
    Fail(prefix_ + field + " is not a whole number from 0 upward");
  }
  return value.get<std::uint64_t>();
}

double JsonObject::Real(const char* field) {
  const json value = Take(field);
  if (!value.is_number() || !std::isfinite(value.get<double>())) {
    Fail(prefix_ + field + " is not a number");
  }
  return value.get<double>();
}

bool JsonObject::Boolean(const char* field) {
  const json value = Take(field);
  if (!value.is_boolean()) Fail(prefix_ + field + " is not true or false");
  return value.get<bool>();
}

std::string JsonObject::Text(const char* field) {
  const json value = Take(field);
  if (!value.is_string()) Fail(prefix_ + field + " is not a text");
  return value.get<std::string>();
}

std::vector<double> JsonObject::Reals(const char* field, std::size_t most) {
  const json value = Take(field);
  const bool fits = value.is_array() && value.size() <= most;
  if (!fits || !std::all_of(value.begin(), value.end(),
                            [](const json& x) { return x.is_number(); })) {
    Fail(prefix_ + field + " is not an array of at most " +
         std::to_string(most) + " numbers");
  }
  return value.get<std::vector<double>>();
}

std::vector<std::string> JsonObject::Texts(const char* field,
                                           std::size_t most) {
  const json value = Take(field);
  const bool fits = value.is_array() && value.size() <= most;
  if (!fits || !std::all_of(value.begin(), value.end(),
                            [](const json& x) { return x.is_string(); })) {
    Fail(prefix_ + field + " is not an array of at most " +
         std::to_string(most) + " texts");
  }
  return value.get<std::vector<std::string>>();
}

JsonObject JsonObject::Object(const char* field) {
  json value = Take(field);
  if (!value.is_object()) Fail(prefix_ + field + " is not an object");
  return JsonObject(std::move(value), path_, prefix_ + field + ".");
}

void JsonObject::ExpectEnd() const {
  if (value_->empty()) return;
  Fail("unknown field '" + prefix_ + QuoteText(value_->begin().key()) + "'");
}

}  // namespace microgpt
