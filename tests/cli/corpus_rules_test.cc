// Which corpus is read, and how its bytes become documents and characters.
#include <ostream>

#include "tests/cli/cli_fixture.h"

namespace microgpt {
namespace {

using std::string_literals::operator""s;

struct CorpusCase {
  std::string name;
  std::string text;
  int vocab_size;  // with the BOS token
  int documents;
};

void PrintTo(const CorpusCase& corpus, std::ostream* out) {
  *out << corpus.name;
}

const std::vector<CorpusCase>& CorpusCases() {
  static const std::vector<CorpusCase> kCases = {
      {"Plain", "ab\ncd\n", 5, 2},
      {"NoFinalNewline", "ab\ncd", 5, 2},
      {"Crlf", "ab\r\ncd\r\n", 5, 2},
      {"CrlfWithoutTheLast", "ab\r\ncd", 5, 2},
      {"MixedEnds", "ab\r\ncd\nef\r\n", 7, 3},
      {"LoneCr", "ab\rcd\n", 6, 1},
      {"CrAtTheEnd", "ab\n\r", 4, 2},
      {"TwoCrs", "ab\r\r\n", 4, 1},
      {"EmptyLines", "\n\nab\n\n\r\ncd\n\n", 5, 2},
      {"Mark", "\xEF\xBB\xBF"s + "ab\n", 3, 1},
      {"MarkInside", "ab\xEF\xBB\xBF\n", 4, 1},
      {"TwoMarks", "\xEF\xBB\xBF\xEF\xBB\xBF"s + "ab\n", 4, 1},
      {"Nul", "a\0b\n"s, 4, 1},
      {"OnlyNul", "\0"s, 2, 1},
      {"Tab", "a\tb\n", 4, 1},
      {"SpacesStay", " a \n", 3, 1},
      {"OnlySpaces", "   \n", 2, 1},
      {"OneCharacter", "a", 2, 1},
      {"OtherBreaksAreCharacters", "a\x0B\x0C\xC2\x85\xE2\x80\xA8", 6, 1},
      {"TwoBytes", "\xC3\xA9\xC3\xA8\xC3\xA9\n", 3, 1},
      {"FourBytes", "\xF0\x9F\x98\x80\xF4\x8F\xBF\xBF\n", 3, 1},
      {"CombiningIsNotJoined", "e\xCC\x81\xC3\xA9\n", 4, 1},
      {"NonCharacter", "\xEF\xBF\xBF\xEF\xB7\x90\n", 3, 1},
      {"LongerThanTheBlock", std::string(5000, 'a') + "b\n", 3, 1},
      {"Repeated", "ab\nab\nab\n", 3, 3}};
  return kCases;
}

std::string CountsOf(int vocab_size, int documents) {
  return "vocab size: " + std::to_string(vocab_size) +
         ", num docs: " + std::to_string(documents) + "\n";
}

class CorpusRulesTest : public CliTest,
                        public testing::WithParamInterface<CorpusCase> {};

TEST_P(CorpusRulesTest, CountsCharactersAndDocuments) {
  const CorpusCase& corpus = GetParam();
  Write("corpus", corpus.text);
  const std::string output =
      Output({"--input", "corpus", "--num-steps", "2", "--num-samples", "2"});
  EXPECT_TRUE(output.starts_with(CountsOf(corpus.vocab_size, corpus.documents)))
      << output;
}

INSTANTIATE_TEST_SUITE_P(All, CorpusRulesTest, testing::ValuesIn(CorpusCases()),
                         [](const auto& test) { return test.param.name; });

class CorpusChoiceTest : public CliTest {
 protected:
  // As the output says it, for no training at all.
  std::string Counts(const Arguments& flags) const {
    const std::string output =
        Output(Arguments{"--num-steps", "0", "--num-samples", "0"} + flags);
    return output.substr(0, output.find('\n') + 1);
  }
};

TEST_F(CorpusChoiceTest, BuiltInWithoutAFile) {
  const std::string counts = Counts({});
  EXPECT_TRUE(counts.starts_with("vocab size: 27, num docs: ")) << counts;
}

TEST_F(CorpusChoiceTest, InputTxtOfTheFolder) {
  Write("input.txt", "xyz\n");
  EXPECT_EQ(Counts({}), CountsOf(4, 1));
}

TEST_F(CorpusChoiceTest, InputWinsOverInputTxt) {
  Write("input.txt", "xyz\n");
  Write("other", "ab\nab\n");
  EXPECT_EQ(Counts({"--input", "other"}), CountsOf(3, 2));
  EXPECT_EQ(Counts({"-i", PathOf("other")}), CountsOf(3, 2));
}

TEST_F(CorpusChoiceTest, OnlyTheExactNameIsRead) {
  Write("INPUT.TXT", "xyz\n");
  Write("input", "xyz\n");
  EXPECT_TRUE(Counts({}).starts_with("vocab size: 27"));
}

TEST_F(CorpusChoiceTest, EqualDocumentsGiveEqualDigests) {
  const Arguments flags = {"--quiet", "--num-samples", "0", "--num-steps", "9"};
  Write("unix", "ab\ncd\n");
  const std::string digest = DigestOf(Output(flags + Arguments{"-i", "unix"}));
  for (const char* text : {"ab\r\ncd\r\n", "ab\ncd", "\n\nab\n\ncd\n\n",
                           "\xEF\xBB\xBF"
                           "ab\ncd\n"}) {
    Write("same", text);
    EXPECT_EQ(DigestOf(Output(flags + Arguments{"-i", "same"})), digest)
        << text;
  }
  Write("other", "ab\ndc\n");
  EXPECT_NE(DigestOf(Output(flags + Arguments{"-i", "other"})), digest);
}

}  // namespace
}  // namespace microgpt
