// JSON files of checkpoints, read without trust.
#ifndef MICROGPT_CHECKPOINT_STRICT_JSON_H_
#define MICROGPT_CHECKPOINT_STRICT_JSON_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace microgpt {

// Throws Error(kInput) "path: not a usable checkpoint file: why".
[[noreturn]] void FailCheckpoint(const std::string& path,
                                 const std::string& why);

// Throws Error(kInput) for text that is no JSON object, has a key twice, is
// nested deeper than four levels or holds a NUL.
nlohmann::json ParseStrictJson(std::string_view text, const std::string& path);

// One object, read field by field: every field must be asked for once, have the
// type and range asked for, and nothing may be left over.
class JsonObject {
 public:
  // `path` names the file in errors and must outlive the object. Throws like
  // ParseStrictJson.
  JsonObject(std::string_view text, const std::string& path);
  ~JsonObject();
  JsonObject(JsonObject&&) noexcept;

  // Each throws Error(kInput), naming the field.
  std::int64_t Integer(const char* field, std::int64_t low, std::int64_t high);
  std::uint64_t Unsigned(const char* field);
  double Real(const char* field);  // finite
  bool Boolean(const char* field);
  std::string Text(const char* field);
  std::vector<double> Reals(const char* field, std::size_t most);
  std::vector<std::string> Texts(const char* field, std::size_t most);
  JsonObject Object(const char* field);

  // REQUIRES: all fields have been read. Throws if there is another one.
  void ExpectEnd() const;

  [[noreturn]] void Fail(const std::string& why) const;

 private:
  JsonObject(nlohmann::json&& value, const std::string& path,
             std::string prefix);
  nlohmann::json Take(const char* field);

  const std::string& path_;
  std::string prefix_;  // of nested fields, "files."
  std::unique_ptr<nlohmann::json> value_;
};

}  // namespace microgpt

#endif  // MICROGPT_CHECKPOINT_STRICT_JSON_H_
