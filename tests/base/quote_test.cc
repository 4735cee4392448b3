// Foreign text in messages: short, whole characters, no control characters.
#include "microgpt/error.h"

#include <gtest/gtest.h>

#include <string>

namespace microgpt {
namespace {

std::string Repeat(const std::string& text, std::size_t times) {
  std::string result;
  for (std::size_t i = 0; i < times; ++i) result += text;
  return result;
}

TEST(QuoteTest, KeepsShortText) {
  for (const std::string& text :
       {std::string(), std::string("emma"),
        std::string("žlutý kůň 日本 🙂"), std::string(40, 'x')}) {
    EXPECT_EQ(QuoteText(text), text);
  }
}

TEST(QuoteTest, CutsLongText) {
  EXPECT_EQ(QuoteText(std::string(41, 'x')), std::string(40, 'x') + "...");
  EXPECT_EQ(QuoteText(std::string(1'000'000, 'x')),
            std::string(40, 'x') + "...");
}

TEST(QuoteTest, CutsBetweenCharacters) {
  // The 40th byte lies inside a character, at each place it can.
  for (std::size_t ascii = 0; ascii < 8; ++ascii) {
    for (const std::string& character :
         {std::string("é"), std::string("日"), std::string("🙂")}) {
      const std::string start(ascii, 'x');
      const std::size_t whole = (40 - ascii) / character.size();
      EXPECT_EQ(QuoteText(start + Repeat(character, 30)),
                start + Repeat(character, whole) + "...");
    }
  }
}

TEST(QuoteTest, ReplacesControlCharacters) {
  for (int byte = 0; byte < 0x80; ++byte) {
    const bool control = byte < 0x20 || byte == 0x7F;
    const char c = static_cast<char>(byte);
    EXPECT_EQ(QuoteText(std::string("a") + c + "b"),
              std::string("a") + (control ? '?' : c) + "b")
        << byte;
  }
}

TEST(QuoteTest, EndsForTextThatIsNotUtf8) {
  EXPECT_EQ(QuoteText(std::string(100, '\x80')), "...");
  EXPECT_EQ(QuoteText("\xFF\xC3"), "\xFF\xC3");
}

}  // namespace
}  // namespace microgpt
