#include "cli/toml.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "cli/toml_string.h"
#include "microgpt/error.h"

namespace microgpt::cli {
namespace {

bool IsBlank(char letter) { return letter == ' ' || letter == '\t'; }
bool IsDigit(char letter) { return letter >= '0' && letter <= '9'; }
bool IsKeyLetter(char letter) {
  return IsDigit(letter) || (letter >= 'a' && letter <= 'z') ||
         (letter >= 'A' && letter <= 'Z') || letter == '_' || letter == '-';
}

// One line. Functions take what they are named after off its front.
class LineParser {
 public:
  LineParser(std::string_view rest, std::string where)
      : rest_(rest), where_(std::move(where)) {}

  // False if the line is blank or a comment.
  bool Parse(TomlEntry& entry) {
    SkipBlanks();
    if (AtEnd()) return false;
    entry.key = Key();
    SkipBlanks();
    if (!rest_.starts_with('=')) {
      Fail(rest_.starts_with('.')
               ? "keys with dots are not used here"
               : "'=' is missing after '" + QuoteText(entry.key) +
                     "'; a line is like: n_embd = 32");
    }
    rest_.remove_prefix(1);
    SkipBlanks();
    if (AtEnd()) Fail("'" + QuoteText(entry.key) + "' has no value");
    Value(entry);
    SkipBlanks();
    if (!AtEnd()) {
      Fail(fmt::format("'{}' after the value of '{}'", QuoteText(rest_),
                       QuoteText(entry.key)));
    }
    return true;
  }

 private:
  [[noreturn]] void Fail(const std::string& why) const {
    throw Error(ErrorKind::kUsage, where_ + why);
  }

  bool AtEnd() const { return rest_.empty() || rest_.front() == '#'; }

  void SkipBlanks() {
    while (!rest_.empty() && IsBlank(rest_.front())) rest_.remove_prefix(1);
  }

  std::string Key() {
    if (rest_.front() == '[') {
      Fail("tables are not used here; write the keys without [headings]");
    }
    if (rest_.front() == '"' || rest_.front() == '\'') return String();
    std::size_t size = 0;
    while (size < rest_.size() && IsKeyLetter(rest_[size])) ++size;
    if (size == 0) {
      Fail(fmt::format("'{}' is no setting; a line is like: n_embd = 32",
                       QuoteText(rest_)));
    }
    return Take(size);
  }

  std::string Take(std::size_t size) {
    std::string text(rest_.substr(0, size));
    rest_.remove_prefix(size);
    return text;
  }

  std::string String() {
    std::string problem;
    std::string text = TakeTomlString(rest_, problem);
    if (!problem.empty()) Fail(problem);
    return text;
  }

  void Value(TomlEntry& entry) {
    switch (rest_.front()) {
      case '"':
      case '\'':
        entry.kind = TomlKind::kString;
        entry.text = String();
        return;
      case '[':
        Fail("'" + QuoteText(entry.key) +
             "' is an array; a list is written as a string: \"1,2,4\"");
      case '{':
        Fail("'" + QuoteText(entry.key) +
             "' is a table; tables are not used here");
      default:
        break;
    }
    std::size_t size = 0;
    while (size < rest_.size() && !IsBlank(rest_[size]) && rest_[size] != '#') {
      ++size;
    }
    const std::string word = Take(size);
    if (!Boolean(word, entry) && !Number(word, entry)) {
      Fail(fmt::format("{}: {} is no value; a text stands in quotes",
                       QuoteText(entry.key), QuoteText(word)));
    }
  }

  static bool Boolean(const std::string& word, TomlEntry& entry) {
    entry.kind = TomlKind::kBoolean;
    entry.text = word;
    return word == "true" || word == "false";
  }

  // Digits with single underscores between them. Appends them to `text`.
  static bool Digits(std::string_view& word, std::string& text) {
    bool digit_before = false;
    while (!word.empty() && (IsDigit(word.front()) || word.front() == '_')) {
      const bool digit = IsDigit(word.front());
      if (!digit && !digit_before) return false;
      if (digit) text += word.front();
      digit_before = digit;
      word.remove_prefix(1);
    }
    return digit_before;
  }

  static bool Number(std::string_view word, TomlEntry& entry) {
    entry.kind = TomlKind::kInteger;
    entry.text.clear();
    if (word.starts_with('-')) entry.text = "-";
    if (word.starts_with('-') || word.starts_with('+')) word.remove_prefix(1);
    if (word == "inf" || word == "nan") {
      entry.kind = TomlKind::kReal;
      entry.text += word;
      return true;
    }
    if (word.size() > 1 && word[0] == '0' && word[1] != '.' && word[1] != 'e' &&
        word[1] != 'E') {
      return false;  // 007, 0x10
    }
    if (!Digits(word, entry.text)) return false;
    if (word.starts_with('.')) {
      entry.kind = TomlKind::kReal;
      entry.text += '.';
      word.remove_prefix(1);
      if (!Digits(word, entry.text)) return false;
    }
    return Exponent(word, entry) && word.empty();
  }

  static bool Exponent(std::string_view& word, TomlEntry& entry) {
    if (!word.starts_with('e') && !word.starts_with('E')) return true;
    entry.kind = TomlKind::kReal;
    entry.text += 'e';
    word.remove_prefix(1);
    if (word.starts_with('-') || word.starts_with('+')) {
      entry.text += word.front();
      word.remove_prefix(1);
    }
    return Digits(word, entry.text);
  }

  std::string_view rest_;
  std::string where_;
};

// What no TOML may have anywhere. Empty: nothing is wrong.
std::string ForbiddenIn(std::string_view line) {
  for (const char letter : line) {
    const auto code = static_cast<unsigned char>(letter);
    if ((code < 0x20 && letter != '\t') || code == 0x7F) {
      return fmt::format("a control character, byte {:#04x}", code);
    }
  }
  try {
    (void)nlohmann::json(std::string(line)).dump();
  } catch (const nlohmann::json::type_error&) {
    return "not UTF-8";
  }
  return "";
}

}  // namespace

std::vector<TomlEntry> ParseToml(std::string_view text,
                                 const std::string& name) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  std::vector<TomlEntry> entries;
  std::map<std::string, int> lines;
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    const std::string where = fmt::format("{}: line {}: ", name, number);
    const std::string forbidden = ForbiddenIn(line);
    if (!forbidden.empty()) throw Error(ErrorKind::kUsage, where + forbidden);
    TomlEntry entry = {"", TomlKind::kString, "", number};
    if (!LineParser(line, where).Parse(entry)) continue;
    std::replace(entry.key.begin(), entry.key.end(), '-', '_');
    const auto [at, is_new] = lines.emplace(entry.key, number);
    if (!is_new) {
      throw Error(ErrorKind::kUsage,
                  where + fmt::format("'{}' has a value already, in line {}",
                                      QuoteText(entry.key), at->second));
    }
    entries.push_back(entry);
  }
  return entries;
}

}  // namespace microgpt::cli
