#include "cli/flag.h"

#include <algorithm>
#include <utility>

namespace microgpt::cli {

Flag& Flag::Default(std::string text) {
  default_text = std::move(text);
  return *this;
}

Flag& Flag::Unit(std::string text) {
  unit = std::move(text);
  return *this;
}

Flag& Flag::Range(std::string text) {
  range = std::move(text);
  return *this;
}

Flag& Flag::Example(std::string text) {
  example = std::move(text);
  return *this;
}

Flag& Flag::Path(PathKind what) {
  path = what;
  return *this;
}

Flag& Flag::NotRecorded() {
  recorded = false;
  return *this;
}

std::string Flag::Key() const {
  std::string key = name.substr(2);
  std::replace(key.begin(), key.end(), '-', '_');
  return key;
}

std::string Flag::Variable() const {
  std::string variable = kVariablePrefix + Key();
  for (char& letter : variable) {
    if (letter >= 'a' && letter <= 'z') {
      letter = static_cast<char>(letter - 'a' + 'A');
    }
  }
  return variable;
}

std::string JoinWithOr(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
    text += words[i];
  }
  return text;
}

std::string Describe(const Flag& flag) {
  const std::string unit = flag.unit.empty() ? "" : " " + flag.unit;
  std::string range =
      flag.choices.empty() ? flag.range : JoinWithOr(flag.choices);
  if (!range.empty()) range += unit;
  std::string facts;
  if (!flag.default_text.empty()) {
    facts = "default " + flag.default_text + (range.empty() ? unit : "");
  }
  if (!range.empty()) facts += (facts.empty() ? "" : "; ") + range;
  return facts.empty() ? flag.help : flag.help + " (" + facts + ")";
}

}  // namespace microgpt::cli
