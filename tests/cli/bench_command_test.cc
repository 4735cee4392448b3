// microgpt bench, from the command line to the files of its report.
#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <ostream>

#include "tests/cli/cli_fixture.h"

namespace microgpt {
namespace {

// Short enough for a test; what it measures means nothing.
const Arguments kShort = {"bench", "--repetitions", "2", "--repetition-seconds",
                          "0.005"};

class BenchTest : public CliTest {
 protected:
  std::vector<std::string> FilesOf(const std::string& name) const {
    std::vector<std::string> names;
    for (const auto& entry :
         std::filesystem::directory_iterator(PathOf(name))) {
      names.push_back(entry.path().filename());
    }
    std::sort(names.begin(), names.end());
    return names;
  }
};

const std::vector<std::string> kReportFiles = {"report.html", "report.json",
                                               "report.md"};

bool Contains(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

TEST_F(BenchTest, PrintsATableAndTheDigests) {
  const std::string out = Output(kShort + Arguments{"--threads", "1,2"});
  EXPECT_TRUE(Contains(out, "| model")) << out;
  EXPECT_TRUE(Contains(out, "16/1/4/8")) << out;
  EXPECT_TRUE(Contains(out, "strong b64")) << out;
  EXPECT_TRUE(Contains(out, "weak b128")) << out;
  EXPECT_TRUE(Contains(out, "identical")) << out;
  EXPECT_FALSE(Contains(out, "DIFFERENT")) << out;
}

TEST_F(BenchTest, DefaultsToTheCoresOfTheMachine) {
  const Outcome outcome = Run(kShort + Arguments{"--quiet"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.err, "");
  EXPECT_TRUE(Contains(outcome.out, "strong b64")) << outcome.out;
}

TEST_F(BenchTest, WritesAReportAndDrawsItAgain) {
  Output(kShort + Arguments{"--threads", "1,2", "--report", "a/b", "--label",
                            "a <label> & \"quotes\""});
  EXPECT_EQ(FilesOf("a/b"), kReportFiles);
  EXPECT_TRUE(Contains(Read("a/b/report.json"), "a <label> & \\\"quotes\\\""));
  EXPECT_TRUE(Contains(Read("a/b/report.html"), "a &lt;label&gt; &amp;"));
  const std::string table =
      Output({"bench", "--from", "a/b/report.json", "--report", "c"});
  EXPECT_TRUE(Contains(table, "strong b64")) << table;
  EXPECT_EQ(FilesOf("c"), kReportFiles);
  for (const std::string& name : kReportFiles) {
    EXPECT_EQ(Read("a/b/" + name), Read("c/" + name)) << name;
  }
}

TEST_F(BenchTest, AnOlderReportIsReplaced) {
  Write("report.md", "old");
  Output(kShort + Arguments{"--threads", "1", "--report", "."});
  EXPECT_FALSE(Contains(Read("report.md"), "old"));
  EXPECT_EQ(FilesOf("."), kReportFiles);
}

TEST_F(BenchTest, MeasuresTextAndTokens) {
  Write("text", "one two three four five six\nseven eight nine\n");
  EXPECT_TRUE(Contains(
      Output(kShort + Arguments{"--input", "text", "--doc-mode", "text",
                                "--batch-size", "4", "--threads", "1"}),
      "strong b4"));
  Write("ids", std::string(4000, '\1'));
  EXPECT_TRUE(Contains(
      Output(kShort + Arguments{"--tokens", "ids", "--vocab-size", "300",
                                "--threads", "1", "--grad-accum", "2"}),
      "strong b64"));
}

TEST_F(BenchTest, SaysThatABrokenReductionIsBroken) {
  const char* const broken = std::getenv("MICROGPT_BROKEN_EXE");
  ASSERT_NE(broken, nullptr);
  // Enough shards for sums below the topmost ones, which are the broken ones.
  Invocation invocation =
      Prepare({"bench", "--repetitions", "2", "--repetition-seconds", "0.2",
               "--threads", "1,2", "--n-embd", "32", "--block-size", "16",
               "--batch-size", "256", "--report", "out", "--quiet"});
  invocation.arguments[0] = broken;
  const Outcome outcome = RunProgram(invocation);
  EXPECT_EQ(outcome.exit_code, 5) << outcome.err;
  EXPECT_TRUE(Contains(outcome.err, "digests differ")) << outcome.err;
  EXPECT_TRUE(Contains(outcome.out, "DIFFERENT")) << outcome.out;
  EXPECT_TRUE(Contains(Read("out/report.json"), "\"digests_equal\": false"));
  for (const char* name : {"out/report.md", "out/report.html"}) {
    EXPECT_TRUE(Contains(Read(name), "DIFFERENT")) << name;
  }
}

TEST_F(BenchTest, AFolderThatCannotBeWrittenFailsFirst) {
  Write("file", "x");
  EXPECT_TRUE(IsError(Run({"bench", "--report", "file", "--quiet"}), 4,
                      {"--report", "file"}));
  EXPECT_TRUE(IsError(Run({"bench", "--report", "file/sub", "--quiet"}), 4,
                      {"--report", "file/sub"}));
  EXPECT_TRUE(IsError(Run({"bench", "--report", "/proc/none", "--quiet"}), 4,
                      {"/proc/none"}));
  EXPECT_EQ(Read("file"), "x");
}

TEST_F(BenchTest, ABadInputFailsBeforeAFolderIsMade) {
  EXPECT_TRUE(IsError(Run({"bench", "--input", "none", "--report", "out"}), 3,
                      {"none"}));
  EXPECT_FALSE(std::filesystem::exists(PathOf("out")));
}

TEST_F(BenchTest, AModelThatDoesNotFitFailsFirst) {
  EXPECT_TRUE(IsError(Run({"bench", "--n-embd", "65536", "--n-layer", "1000",
                           "--quiet", "--threads", "1,2"}),
                      6, {"65536/1000/4/8", "--threads"}));
}

TEST_F(BenchTest, ASignalEndsItWithoutAReport) {
  for (const int signal : {SIGINT, SIGTERM}) {
    Child child(Prepare({"bench", "--repetitions", "1000", "--report", "out",
                         "--threads", "1,2"}));
    while (!std::filesystem::exists(PathOf("out"))) ASSERT_TRUE(child.Poll());
    child.Send(signal);
    const Outcome outcome = child.Finish();
    EXPECT_EQ(outcome.exit_code, 128 + signal);
    EXPECT_EQ(outcome.out, "");
    EXPECT_TRUE(Contains(outcome.err, "nothing was reported")) << outcome.err;
    EXPECT_TRUE(FilesOf("out").empty());
    std::filesystem::remove(PathOf("out"));
  }
}

TEST_F(BenchTest, DrawsOnlyReports) {
  Write("text", "no report");
  Write("other", "{\"format\": 2}");
  for (const char* name : {"text", "other", "none", "."}) {
    EXPECT_TRUE(
        IsError(Run({"bench", "--from", name, "--report", "out"}), 3, {name}))
        << name;
  }
  EXPECT_FALSE(std::filesystem::exists(PathOf("out")));
}

struct UsageCase {
  Arguments arguments;
  std::vector<std::string> words;
};

TEST_F(BenchTest, RefusesWrongFlags) {
  const std::vector<UsageCase> cases = {
      {{"--threads", "0"}, {"--threads", "from 1 to 1024"}},
      {{"--threads", "1,1025"}, {"--threads", "from 1 to 1024"}},
      {{"--threads", "2,2"}, {"--threads", "twice"}},
      {{"--threads", "1,"}, {"--threads"}},
      {{"--threads", ""}, {"--threads"}},
      {{"--repetitions", "0"}, {"--repetitions", "from 1 to 1000"}},
      {{"--repetitions", "1001"}, {"--repetitions"}},
      {{"--repetition-seconds", "0"}, {"--repetition-seconds", "above 0"}},
      {{"--repetition-seconds", "nan"}, {"--repetition-seconds"}},
      {{"--repetition-seconds", "1e9"}, {"--repetition-seconds"}},
      {{"--preset", "large"}, {"--preset", "sweep"}},
      {{"--preset", "sweep", "--n-embd", "8"}, {"--n-embd", "--preset sweep"}},
      {{"--preset", "sweep", "--batch-size", "8"}, {"--batch-size"}},
      {{"--from", "x"}, {"--from", "--report"}},
      {{"--from", "x", "--report", "y", "--threads", "1"},
       {"--threads", "--from"}},
      {{"--label", "x"}, {"--label", "--report"}},
      {{"--report", ""}, {"--report"}},
      {{"--num-steps", "5"}, {"--num-steps"}},
      {{"--learning-rate", "1"}, {"--learning-rate"}},
      {{"--n-embd", "10"}, {"--n-embd 10", "--n-head 4"}},
      {{"--simd", "mmx"}, {"--simd", "'mmx'"}},
      {{"--thread", "1"}, {"did you mean --threads"}},
      {{"stray"}, {"'stray'"}}};
  for (const UsageCase& usage : cases) {
    EXPECT_TRUE(
        IsError(Run(Arguments{"bench"} + usage.arguments), 2, usage.words));
  }
}

TEST_F(BenchTest, HelpNamesItsFlags) {
  const std::string help = Output({"bench", "--help"});
  for (const char* flag : {"--threads", "--repetitions", "--report", "--preset",
                           "--from", "--label", "--batch-size"}) {
    EXPECT_TRUE(Contains(help, flag)) << flag;
  }
  EXPECT_TRUE(Contains(Output({"--help"}), "microgpt bench"));
}

}  // namespace
}  // namespace microgpt
