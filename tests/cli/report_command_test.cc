// microgpt report: which pages it draws, and what it refuses.
#include <filesystem>

#include "tests/cli/checkpoint_fixture.h"

namespace microgpt {
namespace {

namespace fs = std::filesystem;

class ReportCommandTest : public CheckpointCliTest {
 protected:
  ReportCommandTest() {
    Results(TrainFlags(20) + Arguments{"--out-dir", "one"});
    Results(TrainFlags(30) + Arguments{"--out-dir", "two", "--grad-clip", "1"});
  }
  bool Says(const std::string& page, const std::string& words) const {
    return Read(page).find(words) != std::string::npos;
  }
};

TEST_F(ReportCommandTest, OneFolderHasItsPageInside) {
  const std::string at_the_end = Read("one/report.html");
  fs::remove(PathOf("one/report.html"));
  EXPECT_EQ(Output({"report", "one"}), "report: one/report.html\n");
  EXPECT_EQ(Read("one/report.html"), at_the_end);
  // And again, over it.
  EXPECT_EQ(Output({"report", "one/"}), "report: one/report.html\n");
  EXPECT_FALSE(fs::exists(PathOf("report.html")));
  EXPECT_TRUE(Says("one/report.html", "measured only with --grad-clip"));
}

TEST_F(ReportCommandTest, SeveralAreCompared) {
  EXPECT_EQ(Output({"report", "one", "two", "one/metrics.jsonl"}),
            "report: report.html\n");
  for (const char* words :
       {"Comparison of runs", "</svg>one</li>", "</svg>two</li>",
        "</svg>one (2)</li>", "<td><span class=\"marked\">30</span></td>",
        "Gradient norm"}) {
    EXPECT_TRUE(Says("report.html", words)) << words;
  }
  EXPECT_FALSE(Says("report.html", "measured only with --grad-clip"));
}

TEST_F(ReportCommandTest, AFileAndAnotherName) {
  EXPECT_EQ(Output({"report", "two/metrics.jsonl"}), "report: report.html\n");
  EXPECT_TRUE(Says("report.html", "Run two"));
  EXPECT_TRUE(Says("report.html", "sample 3"));
  EXPECT_EQ(Output({"report", "--output", "x.html", "two"}),
            "report: x.html\n");
  EXPECT_TRUE(Says("x.html", "Run two"));
}

TEST_F(ReportCommandTest, TheRunningRunsLogWillDo) {
  Write("two/metrics.jsonl", Read("two/metrics.jsonl") + "{\"step\":31,");
  Output({"report", "two"});
  EXPECT_TRUE(Says("two/report.html", "30 of 30"));
}

TEST_F(ReportCommandTest, TextOfAnyKindIsOnlyText) {
  const std::string sample =
      "<script>\\u0000\\u001b[2J\\u202e&amp;\\n]]>\\ud83d\\ude00";
  Write("two/samples.jsonl",
        "{\"step\":3,\"samples\":[\"" + sample + "\",\"\"]}\n");
  fs::rename(PathOf("two"), PathOf("a<b>&\"c"));
  Output({"report", "a<b>&\"c"});
  const std::string page = Read("a<b>&\"c/report.html");
  EXPECT_EQ(page.find("<script"), std::string::npos);
  EXPECT_NE(page.find("&lt;script&gt;"), std::string::npos);
  EXPECT_NE(page.find("Run a&lt;b&gt;&amp;&quot;c"), std::string::npos);
  EXPECT_EQ(page.find('\0'), std::string::npos);
  EXPECT_EQ(page.find('\x1B'), std::string::npos);
  EXPECT_NE(page.find("\xF0\x9F\x98\x80"), std::string::npos);
}

TEST_F(ReportCommandTest, OtherFilesAreNotReplaced) {
  Write("report.html", "<html>mine</html>");
  fs::create_directory(PathOf("folder"));
  EXPECT_TRUE(IsError(Run({"report", "one", "two"}), 2, {"report.html"}));
  for (const char* output :
       {"one/metrics.jsonl", "corpus", "/dev/null", "folder", "report.html"}) {
    EXPECT_TRUE(
        IsError(Run({"report", "one", "--output", output}), 2, {output}));
  }
  EXPECT_EQ(Read("report.html"), "<html>mine</html>");
}

TEST_F(ReportCommandTest, WhatCannotBeReadOrWritten) {
  Write("empty", "");
  Write("half", "{\"version\":\"1\",\"config\":{}}");
  fs::create_directory(PathOf("folder"));
  for (const char* run : {"gone", "gone/metrics.jsonl", "corpus", "empty",
                          "half", "folder", "one/samples.jsonl", "/dev/null",
                          "one/generation-000002/model.safetensors"}) {
    EXPECT_TRUE(IsError(Run({"report", run}), 3, {run}));
  }
  Write("two/metrics.jsonl", Read("two/metrics.jsonl") + "x\n");
  EXPECT_TRUE(IsError(Run({"report", "one", "two"}), 3,
                      {"two/metrics.jsonl, line 32"}));
  EXPECT_FALSE(fs::exists(PathOf("report.html")));
  Write("one/samples.jsonl", "{}\n");
  EXPECT_TRUE(
      IsError(Run({"report", "one"}), 3, {"one/samples.jsonl, line 1"}));
  fs::remove(PathOf("one/samples.jsonl"));
  EXPECT_TRUE(IsError(Run({"report", "one", "--output", "gone/x.html"}), 4,
                      {"gone/x.html"}));
}

TEST_F(ReportCommandTest, Usage) {
  const Arguments many(25, "one");
  EXPECT_TRUE(IsError(Run({"report"}), 2, {"DIR"}));
  EXPECT_TRUE(IsError(Run({"report", ""}), 2, {"DIR"}));
  EXPECT_TRUE(IsError(Run(Arguments{"report"} + many), 2, {"25", "24"}));
  EXPECT_TRUE(IsError(Run({"report", "one", "--bad"}), 2, {"--bad"}));
  EXPECT_TRUE(IsError(Run({"report", "one", "--output", ""}), 2, {"--output"}));
  EXPECT_TRUE(IsError(Run({"report", "one", "--output", "a", "--output", "b"}),
                      2, {"--output"}));
  EXPECT_TRUE(IsError(Run({"one"}), 2, {"one"}));
  EXPECT_TRUE(IsError(Run({"train", "one"}), 2, {"one"}));
}

}  // namespace
}  // namespace microgpt
