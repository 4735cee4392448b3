// Corpora that cannot be used, and places that cannot be written to.
#include <fcntl.h>
#include <sys/stat.h>

#include <filesystem>
#include <ostream>

#include "tests/cli/cli_fixture.h"

namespace microgpt {
namespace {

struct InvalidText {
  std::string name;
  std::string text;
  int line;
  int offset;
};

void PrintTo(const InvalidText& invalid, std::ostream* out) {
  *out << invalid.name;
}

const std::vector<InvalidText>& InvalidTexts() {
  static const std::vector<InvalidText> kTexts = {
      {"LoneContinuation", "\x80", 1, 0},
      {"NeverAByte", "ab\xFE\n", 1, 2},
      {"Utf16Mark",
       "\xFF\xFE"
       "a",
       1, 0},
      {"Latin1", "anna\nren\xE9\nbob\n", 2, 8},
      {"OverlongTwo", "ab\ncd\xC0\xAF\n", 2, 5},
      {"OverlongThree", "\n\n\xE0\x80\xAF", 3, 2},
      {"OverlongFour", "a\n\xF0\x80\x80\xAF", 2, 2},
      {"Surrogate", "ab\r\ncd\xED\xA0\x80", 2, 6},
      {"SurrogatePair", "\xED\xA0\xBD\xED\xB8\x80", 1, 0},
      {"TooLarge", "ab\n\xF4\x90\x80\x80", 2, 3},
      {"FiveBytes", "a\xF8\x88\x80\x80\x80", 1, 1},
      {"CutShortAtTheEnd", "ab\nabc\xE2\x82", 2, 6},
      {"CutShortByNewline", "ab\xE2\x82\ncd", 1, 2},
      {"CutShortByLetter",
       "\xF0\x9F\x98"
       "a",
       1, 0},
      {"AfterMark",
       "\xEF\xBB\xBF"
       "a\n\xFF"
       "a",
       2, 5},
      {"HalfAMark", "\xEF\xBB\na", 1, 0},
      {"AfterNul", std::string("a\0\n\xFF", 4), 2, 3},
      {"LastByte", std::string(9999, 'a') + "\xC3", 1, 9999},
      {"ManyLines", std::string(20'000, '\n') + "\xFF", 20'001, 20'000}};
  return kTexts;
}

class InvalidUtf8Test : public CliTest,
                        public testing::WithParamInterface<InvalidText> {};

TEST_P(InvalidUtf8Test, NamesLineAndOffset) {
  const InvalidText& invalid = GetParam();
  Write("text", invalid.text);
  const std::vector<std::string> words = {
      "text: ", "UTF-8", "line " + std::to_string(invalid.line) + ",",
      "byte offset " + std::to_string(invalid.offset) + ":"};
  EXPECT_TRUE(IsError(Run({"--input", "text"}), 3, words));
}

INSTANTIATE_TEST_SUITE_P(All, InvalidUtf8Test,
                         testing::ValuesIn(InvalidTexts()),
                         [](const auto& test) { return test.param.name; });

class InputErrorTest : public CliTest {
 protected:
  void ExpectRefused(const std::string& path) const {
    EXPECT_TRUE(IsError(Run({"--input", path}), 3, {path})) << "train";
    EXPECT_TRUE(IsError(Run({"info", "-i", path}), 3, {path})) << "info";
  }
};

TEST_F(InputErrorTest, Missing) { ExpectRefused("nowhere.txt"); }

TEST_F(InputErrorTest, MissingFolder) { ExpectRefused("nowhere/names.txt"); }

TEST_F(InputErrorTest, NameTooLong) { ExpectRefused(std::string(5000, 'n')); }

TEST_F(InputErrorTest, Directory) { ExpectRefused("."); }

TEST_F(InputErrorTest, EndlessDevice) { ExpectRefused("/dev/zero"); }

TEST_F(InputErrorTest, EmptyDevice) { ExpectRefused("/dev/null"); }

TEST_F(InputErrorTest, Fifo) {
  ASSERT_EQ(::mkfifo(PathOf("fifo").c_str(), 0600), 0);
  ExpectRefused("fifo");
}

TEST_F(InputErrorTest, Socket) {
  ASSERT_EQ(::mknod(PathOf("socket").c_str(), S_IFSOCK | 0600, 0), 0);
  ExpectRefused("socket");
}

TEST_F(InputErrorTest, DanglingLink) {
  std::filesystem::create_symlink("gone", PathOf("link"));
  ExpectRefused("link");
}

TEST_F(InputErrorTest, LinkLoop) {
  std::filesystem::create_symlink("loop", PathOf("loop"));
  ExpectRefused("loop");
}

TEST_F(InputErrorTest, NoDocument) {
  for (const char* text :
       {"", "\n", "\n\n\r\n\n", "\xEF\xBB\xBF", "\xEF\xBB\xBF\r\n"}) {
    Write("text", text);
    ExpectRefused("text");
  }
}

TEST_F(InputErrorTest, UnusableFileOfTheFolder) {
  std::filesystem::create_directory(PathOf("input.txt"));
  EXPECT_TRUE(IsError(Run({}), 3, {"input.txt"}));
  std::filesystem::remove(PathOf("input.txt"));
  std::filesystem::create_symlink("gone", PathOf("input.txt"));
  EXPECT_TRUE(IsError(Run({}), 3, {"input.txt"}));
}

class MetricsErrorTest : public CliTest {
 protected:
  void ExpectRefused(const std::string& path) const {
    EXPECT_TRUE(IsError(Run({"--metrics", path}), 4, {path}));
  }
};

TEST_F(MetricsErrorTest, MissingFolder) { ExpectRefused("nowhere/m.jsonl"); }

TEST_F(MetricsErrorTest, Directory) { ExpectRefused("."); }

TEST_F(MetricsErrorTest, FullDevice) { ExpectRefused("/dev/full"); }

TEST_F(MetricsErrorTest, FifoWithoutReader) {
  ASSERT_EQ(::mkfifo(PathOf("fifo").c_str(), 0600), 0);
  ExpectRefused("fifo");
}

class ResourceTest : public CliTest,
                     public testing::WithParamInterface<Arguments> {};

TEST_P(ResourceTest, IsRefusedBeforeAllocation) {
  const Outcome outcome = Run(GetParam());
  EXPECT_TRUE(IsError(outcome, 6, {"needs ", "available ", "--n-embd"}));
  EXPECT_LT(outcome.peak_kib, 1 << 20);
}

INSTANTIATE_TEST_SUITE_P(
    All, ResourceTest,
    testing::Values(
        Arguments{"--n-embd", "1048576", "--n-head", "1", "--n-layer", "10000"},
        Arguments{"--n-embd", "65536", "--n-layer", "400"},
        Arguments{"--n-embd", "1048576", "--n-layer", "1"},
        Arguments{"--block-size", "1048576", "--n-embd", "1048576"}));

TEST_F(CliTest, SizesBeyondEveryIntegerAreRefused) {
  EXPECT_TRUE(IsError(Run({"--n-embd", "1048576", "--n-head", "1048576",
                           "--n-layer", "10000", "--block-size", "1048576",
                           "--batch-size", "1048576", "--threads", "1024"}),
                      6, {"needs ", "available ", "--n-embd"}));
}

}  // namespace
}  // namespace microgpt
