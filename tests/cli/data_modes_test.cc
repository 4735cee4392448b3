// Texts as a stream, chunks of long lines and token ids, from training to
// evaluation.
#include <sys/stat.h>

#include <ostream>
#include <sstream>
#include <utility>

#include "tests/cli/checkpoint_fixture.h"
#include "tests/data/token_bytes.h"

namespace microgpt {
namespace {

std::vector<std::uint16_t> SomeIds() {
  std::vector<std::uint16_t> ids;
  for (std::uint32_t i = 0; i < 300; ++i) {
    ids.push_back(static_cast<std::uint16_t>(i * 5 % 23));
  }
  return ids;
}

// How each way to read data is asked for.
struct Mode {
  std::string name;
  Arguments data;   // of training
  Arguments other;  // the same kind, changed
  Arguments eval;
  int vocab_size;
  int documents;
  std::string doc_mode;
};

void PrintTo(const Mode& mode, std::ostream* out) { *out << mode.name; }

std::vector<Mode> Modes() {
  return {{"Text",
           {"--doc-mode", "text", "--input", "book"},
           {"--input", "book2"},
           {"--input", "book"},
           10,
           10,
           "text"},
          {"Chunks",
           {"--long-docs", "chunk", "--input", "book"},
           {"--input", "book2"},
           {"--input", "book"},
           9,
           11,
           "lines"},
          {"Tokens",
           {"--tokens", "ids", "--vocab-size", "23"},
           {"--tokens", "ids2"},
           {"--tokens", "ids"},
           23,
           38,
           "tokens"}};
}

class DataModesTest : public CheckpointCliTest,
                      public testing::WithParamInterface<Mode> {
 protected:
  DataModesTest() {
    Write("book",
          "abcabcabcabcabcabcabca\r\n\r\nbca cab \xC3\xA9\nabcdefabcdefabcdef"
          "abcdefabcd\nbcabcabcabcab\n");
    Write("book2", "abc\nabcdef \xC3\xA9\nabcabcabcabc\n");
    Write("ids", NanoGptFile(SomeIds()));
    Write("ids2", LlmcFile({1, 2, 3, 22, 0, 7}));
  }
  Arguments Flags(int steps) const {
    return GetParam().data + Arguments{"--batch-size",  "5",
                                       "--num-steps",   std::to_string(steps),
                                       "--num-samples", "3"};
  }
};

TEST_P(DataModesTest, CountsAndOneDigestForThreads) {
  const std::string expected = Results(Flags(20) + Arguments{"-t", "1"});
  EXPECT_TRUE(expected.starts_with(
      "vocab size: " + std::to_string(GetParam().vocab_size) +
      ", num docs: " + std::to_string(GetParam().documents) + "\n"))
      << expected;
  for (const char* threads : {"2", "3", "8"}) {
    EXPECT_EQ(Results(Flags(20) + Arguments{"-t", threads}), expected);
  }
}

TEST_P(DataModesTest, ResumeIsExact) {
  const std::string whole = Results(Flags(20));
  for (const std::string at : {"7", "12"}) {
    const std::string run = "run" + at;
    Results(Flags(20) + Arguments{"--out-dir", run, "--save-every", at});
    // The last save but one.
    std::filesystem::remove_all(PathOf(run + "/" + NewestIn(run)));
    const std::string rest = Results({"--resume", run, "--num-samples", "3"});
    EXPECT_EQ(DigestOf(rest), DigestOf(whole));
    EXPECT_EQ(SamplesOf(rest), SamplesOf(whole));
  }
}

TEST_P(DataModesTest, SampleEvalAndInfoOfTheRun) {
  const std::string trained =
      Results(Flags(20) + Arguments{"--out-dir", "run"});
  EXPECT_EQ(SamplesOf(Output(
                {"sample", "--checkpoint", "run", "--num-samples", "3"})),
            SamplesOf(trained));
  EXPECT_EQ(Info("run", "doc_mode"), GetParam().doc_mode);
  const std::string eval =
      Output(Arguments{"eval", "--checkpoint", "run"} + GetParam().eval);
  EXPECT_TRUE(eval.ends_with(
      "num docs: " + std::to_string(GetParam().documents) + "\n"))
      << eval;
}

// All documents in one batch: the loss of the next step is the loss of eval.
TEST_P(DataModesTest, EvalIsTheLossOfTraining) {
  Results(GetParam().data +
          Arguments{"--batch-size", std::to_string(GetParam().documents),
                    "--num-steps", "3", "--out-dir", "run", "--no-shuffle"});
  const std::string eval =
      Output(Arguments{"eval", "--checkpoint", "run"} + GetParam().eval);
  Results({"--resume", "run", "--num-steps", "4", "--metrics", "m"});
  const std::string metrics = Lines(Read("m")).back();
  const std::string key = "\"loss\":";
  const double loss = std::stod(metrics.substr(metrics.find(key) + key.size()));
  char expected[64];
  std::snprintf(expected, sizeof(expected), "loss: %.6f\n", loss);
  EXPECT_TRUE(eval.starts_with(expected)) << eval << metrics;
}

TEST_P(DataModesTest, ChangedDataAreRefusedUnlessAllowed) {
  Results(Flags(5) + Arguments{"--out-dir", "run"});
  const Arguments resume =
      Arguments{"--resume", "run", "--num-steps", "9"} + GetParam().other;
  EXPECT_TRUE(IsError(Run(resume), 3, {"--allow-changed-data"}));
  const std::string results =
      Results(resume + Arguments{"--allow-changed-data"});
  EXPECT_NE(results.find("step    9 /    9"), std::string::npos) << results;
}

TEST_P(DataModesTest, OtherModesContradictTheCheckpoint) {
  Results(Flags(5) + Arguments{"--out-dir", "run"});
  const Arguments resume = {"--resume", "run"};
  for (const Mode& other : Modes()) {
    if (other.name == GetParam().name) continue;
    EXPECT_TRUE(IsError(Run(resume + other.data), 3, {"run"})) << other.name;
  }
  EXPECT_TRUE(
      IsError(Run(resume + Arguments{"--block-size", "9"}), 3, {"block_size"}));
}

INSTANTIATE_TEST_SUITE_P(All, DataModesTest, testing::ValuesIn(Modes()),
                         [](const auto& test) { return test.param.name; });

class TokensTest : public CheckpointCliTest {
 protected:
  TokensTest() { Write("ids", NanoGptFile(SomeIds())); }
  static Arguments Tokens(const std::string& vocab_size = "23") {
    return {"--tokens", "ids", "--vocab-size", vocab_size};
  }
};

TEST_F(TokensTest, SamplesAreIds) {
  const Arguments flags = {"--num-steps",  "5", "--num-samples", "4",
                           "--block-size", "6"};
  for (const std::string& text : SamplesOf(Output(Tokens() + flags))) {
    std::istringstream ids(text);
    int count = 0;
    for (int id = -1; ids >> id; ++count) {
      EXPECT_TRUE(id >= 0 && id < 23) << text;
      EXPECT_TRUE(count > 0 || id == 0) << text;
    }
    EXPECT_TRUE(ids.eof()) << text;
    EXPECT_EQ(count, 7);
  }
  for (const std::string& text :
       SamplesOf(Output(Tokens() + flags + Arguments{"--prompt", " 22  5"}))) {
    EXPECT_TRUE(text.starts_with("22 5 ")) << text;
  }
  for (const char* prompt : {"23", "a", "-1", "0 0 0 0 0 0 0"}) {
    EXPECT_TRUE(IsError(Run(Tokens() + flags + Arguments{"--prompt", prompt}),
                        3, {"--prompt"}))
        << prompt;
  }
}

TEST_F(TokensTest, VocabularyOfTheCheckpoint) {
  Results(Tokens() + Arguments{"--num-steps", "2", "--out-dir", "run"});
  EXPECT_EQ(Read("run/" + NewestIn("run") + "/vocab.json"),
            "{\n  \"<ids>\": 23\n}\n");
  const std::string eval =
      Output({"eval", "--checkpoint", "run", "--tokens", "ids"});
  EXPECT_NE(eval.find("bits per token: "), std::string::npos) << eval;
  EXPECT_EQ(eval.find("character"), std::string::npos) << eval;
  EXPECT_NE(eval.find("tokens: 299\n"), std::string::npos) << eval;
  Write("large", NanoGptFile({1, 2, 23}));
  EXPECT_TRUE(IsError(Run({"eval", "--checkpoint", "run", "--tokens", "large"}),
                      3, {"large", "token 2 ", "id 23"}));
  EXPECT_TRUE(IsError(Run({"eval", "--checkpoint", "run", "--input", "corpus"}),
                      3, {"--input", "token ids", "--tokens"}));
  EXPECT_TRUE(IsError(Run({"--resume", "run", "--input", "corpus"}), 3,
                      {"--input", "--tokens"}));
  EXPECT_TRUE(IsError(Run(Arguments{"--resume", "run"} + Tokens("24")), 3,
                      {"--vocab-size", "24", "23"}));
  Results(
      Arguments{"--input", "corpus", "--num-steps", "2", "--out-dir", "text"});
  for (const Arguments& command : {Arguments{"eval", "--checkpoint", "text"},
                                   Arguments{"--resume", "text"}}) {
    EXPECT_TRUE(IsError(Run(command + Arguments{"--tokens", "ids"}), 3,
                        {"--tokens", "characters", "--input"}));
  }
}

TEST_F(TokensTest, FilesThatCannotBeUsed) {
  Write("odd", "abc");
  Write("empty", "");
  Write("cut", LlmcFile({1, 2, 3}).substr(0, 1027));
  Write("version", TokenHeader(20240520, 9, 2) + std::string(4, '\0'));
  ASSERT_EQ(::mkfifo(PathOf("fifo").c_str(), 0600), 0);
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"odd", "odd number"},    {"empty", "0 tokens"},
      {"cut", "says 3 tokens"}, {"version", "version 9"},
      {"fifo", "FIFO"},         {".", "directory"},
      {"/dev/zero", "device"},  {"missing", "cannot be opened"}};
  for (const auto& one : cases) {
    EXPECT_TRUE(IsError(Run({"--tokens", one.first, "--vocab-size", "23"}), 3,
                        {one.first, one.second}));
  }
  EXPECT_TRUE(
      IsError(Run(Tokens("22")), 3, {"ids: token ", "id 22", "--vocab-size"}));
}

TEST_F(TokensTest, InfoNeedsNoCorpus) {
  const std::string info =
      Output({"info", "--vocab-size", "50257", "--n-embd", "768", "--n-head",
              "12", "--n-layer", "12", "--block-size", "256", "-t", "2"});
  EXPECT_NE(info.find("vocab size: 50257\n"), std::string::npos) << info;
  EXPECT_EQ(info.find("num docs"), std::string::npos) << info;
  EXPECT_NE(info.find("num params: 162326016\n"), std::string::npos) << info;
  EXPECT_NE(info.find("training FLOPs per token: 755403264\n"),
            std::string::npos)
      << info;
  EXPECT_NE(info.find("training memory, 2 threads: "), std::string::npos);
  const std::string with_file = Output(Arguments{"info"} + Tokens());
  EXPECT_NE(with_file.find("vocab size: 23, num docs: 38\n"), std::string::npos)
      << with_file;
  EXPECT_TRUE(IsError(Run({"info", "--vocab-size", "5", "--input", "corpus"}),
                      2, {"--vocab-size"}));
}

TEST_F(CheckpointCliTest, TruncationIsSaidOnce) {
  Write("long", "abcdefghijkl\nab\n" + std::string(20, 'a') + "\nba\n");
  const Arguments flags = {"--input", "long", "--num-steps", "4"};
  const Outcome outcome = Run(flags);
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.err,
            "microgpt: 2 of 4 documents are longer than --block-size 8, their "
            "last 18 tokens are not used; --long-docs chunk would use them\n");
  for (const Arguments& more :
       {Arguments{"--quiet"}, Arguments{"--long-docs", "chunk"},
        Arguments{"--doc-mode", "text"}, Arguments{"--block-size", "21"}}) {
    EXPECT_EQ(Run(flags + more).err, "") << more.front();
  }
}

TEST_F(CheckpointCliTest, UnknownCharactersOfAStream) {
  Write("book", "abc\nabc\n");
  Results(Arguments{"--doc-mode", "text", "--input", "book", "--num-steps", "2",
                    "--out-dir", "run"});
  Write("other", "abc\nabd\n");
  EXPECT_TRUE(IsError(Run({"eval", "--checkpoint", "run", "--input", "other"}),
                      3, {"other: line 2", "U+0064 'd'"}));
  Write("empty", "");
  EXPECT_TRUE(IsError(Run({"--doc-mode", "text", "--input", "empty"}), 3,
                      {"empty: holds no character"}));
}

}  // namespace
}  // namespace microgpt
