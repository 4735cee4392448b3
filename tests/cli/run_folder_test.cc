// What a run leaves in its folder beside checkpoints: metrics, samples, a page.
#include <csignal>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/cli/checkpoint_fixture.h"

namespace microgpt {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

class RunFolderTest : public CheckpointCliTest {
 protected:
  static Arguments Into(const std::string& folder) {
    return {"--out-dir", folder};
  }
  // Lines of a log without those of times, speed and memory.
  std::vector<json> StepsIn(const std::string& name) const {
    std::vector<json> steps;
    for (const std::string& line : Lines(Read(name))) {
      json object = json::parse(line);
      for (const char* key : {"tok_per_s", "dt_ms", "wall_time", "rss_bytes"}) {
        object.erase(key);
      }
      if (object.contains("step")) steps.push_back(std::move(object));
    }
    return steps;
  }
  std::vector<int> SampledSteps(const std::string& folder) const {
    std::vector<int> steps;
    for (const json& line : StepsIn(folder + "/samples.jsonl")) {
      steps.push_back(line.at("step"));
    }
    return steps;
  }
  bool IsPage(const std::string& folder) const {
    const std::string page = Read(folder + "/report.html");
    return page.starts_with("<!DOCTYPE html>") && page.ends_with("</html>\n");
  }
};

TEST_F(RunFolderTest, MetricsAreThoseOfTheFlag) {
  Results(TrainFlags(30) + Into("run") + Arguments{"--metrics", "m"});
  EXPECT_EQ(StepsIn("run/metrics.jsonl").size(), 30u);
  EXPECT_EQ(Read("run/metrics.jsonl"), Read("m"));
  const json header = json::parse(Lines(Read("m")).at(0));
  EXPECT_EQ(header.at("memory").at("total_bytes"),
            header.at("memory").at("parameter_bytes").get<int>() +
                header.at("memory").at("moment_bytes").get<int>() +
                header.at("memory").at("gradient_bytes").get<int>() +
                header.at("memory").at("activation_bytes").get<int>() +
                header.at("memory").at("corpus_bytes").get<int>());
  EXPECT_GT(json::parse(Lines(Read("m")).back()).at("rss_bytes"), 1 << 20);
}

TEST_F(RunFolderTest, MetricsIntoTheFolderItself) {
  Results(TrainFlags(30) + Into("run") +
          Arguments{"--metrics", "./run/../run/metrics.jsonl"});
  EXPECT_EQ(StepsIn("run/metrics.jsonl").size(), 30u);
  EXPECT_EQ(Lines(Read("run/metrics.jsonl")).size(), 31u);
}

// Samples are the first of those that are printed, and change nothing.
TEST_F(RunFolderTest, SamplesOverTime) {
  const std::string plain = Results(TrainFlags(30));
  EXPECT_EQ(Results(TrainFlags(30) + Into("run")), plain);
  EXPECT_EQ(SampledSteps("run"),
            (std::vector<int>{3, 6, 9, 12, 15, 18, 21, 24, 27, 30}));
  EXPECT_EQ(StepsIn("run/samples.jsonl").back().at("samples"),
            json(SamplesOf(plain)));
  EXPECT_EQ(Results(TrainFlags(30) + Into("often") +
                    Arguments{"--sample-every", "1"}),
            plain);
  EXPECT_EQ(SampledSteps("often").size(), 30u);
  EXPECT_EQ(Results(TrainFlags(30) + Into("seldom") +
                    Arguments{"--sample-every", "1000"}),
            plain);
  EXPECT_EQ(SampledSteps("seldom"), (std::vector<int>{30}));
  EXPECT_EQ(
      Results(TrainFlags(30) + Into("off") + Arguments{"--sample-every", "0"}),
      plain);
  EXPECT_FALSE(fs::exists(PathOf("off/samples.jsonl")));
  Results({"--input", "corpus", "--num-steps", "3", "--num-samples", "0",
           "--out-dir", "none"});
  EXPECT_FALSE(fs::exists(PathOf("none/samples.jsonl")));
}

TEST_F(RunFolderTest, AtMostThreeSamples) {
  Results({"--input", "corpus", "--num-steps", "3", "--num-samples", "5",
           "--out-dir", "run"});
  for (const json& line : StepsIn("run/samples.jsonl")) {
    EXPECT_EQ(line.at("samples").size(), 3u);
  }
}

// Whatever the older generation is, the logs of the resumed run are those of
// the run that never stopped.
TEST_F(RunFolderTest, ResumedLogsAreCutAndContinued) {
  Results(TrainFlags(30) + Into("run") + Arguments{"--save-every", "7"});
  const std::vector<json> metrics = StepsIn("run/metrics.jsonl");
  const std::vector<json> samples = StepsIn("run/samples.jsonl");
  for (const char* file : {"run/metrics.jsonl", "run/samples.jsonl"}) {
    std::ofstream(PathOf(file), std::ios::app) << "{\"step\":31,\"lo";
  }
  Results({"--resume", "run/generation-000005", "--num-samples", "3"});
  EXPECT_EQ(StepsIn("run/metrics.jsonl"), metrics);
  EXPECT_EQ(StepsIn("run/samples.jsonl"), samples);
  double before = 0;
  for (const std::string& line : Lines(Read("run/metrics.jsonl"))) {
    const json object = json::parse(line);
    if (!object.contains("step")) continue;
    EXPECT_GE(object.at("wall_time"), before);
    before = object.at("wall_time");
  }
}

TEST_F(RunFolderTest, AKilledRunLosesNoLine) {
  Results(TrainFlags(60) + Into("whole"));
  Child child(Prepare(TrainFlags(60) + Into("run") +
                      Arguments{"--save-every", "1", "--sample-every", "6"}));
  ASSERT_TRUE(child.ReadUntil("step   10 "));
  child.Send(SIGKILL);
  child.Finish();
  const std::size_t saved =
      static_cast<std::size_t>(std::stoi(Info("run", "step")));
  EXPECT_GE(Lines(Read("run/metrics.jsonl")).size(), saved + 1);
  Results({"--resume", "run", "--num-samples", "3", "--sample-every", "6"});
  EXPECT_EQ(StepsIn("run/metrics.jsonl"), StepsIn("whole/metrics.jsonl"));
  EXPECT_EQ(StepsIn("run/samples.jsonl"), StepsIn("whole/samples.jsonl"));
}

TEST_F(RunFolderTest, DamagedLogsOfAResumedRun) {
  Results(TrainFlags(30) + Into("run") + Arguments{"--save-every", "7"});
  std::string metrics = Read("run/metrics.jsonl");
  metrics.replace(metrics.find("{\"step\":5,"), 3, "???");
  Write("run/metrics.jsonl", metrics);
  const Outcome outcome = Run({"--resume", "run/generation-000005"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_NE(outcome.err.find("run/metrics.jsonl, line 6"), std::string::npos)
      << outcome.err;
  const std::vector<json> steps = StepsIn("run/metrics.jsonl");
  ASSERT_EQ(steps.size(), 6u);
  EXPECT_EQ(steps.at(3).at("step"), 4);
  EXPECT_EQ(steps.at(4).at("step"), 29);
}

TEST_F(RunFolderTest, FilesOfOthersAreNotReplaced) {
  for (const char* name : {"metrics.jsonl", "samples.jsonl", "report.html"}) {
    fs::create_directory(PathOf("mine"));
    Write("mine/" + std::string(name), "my notes\n");
    EXPECT_TRUE(IsError(Run(TrainFlags(3) + Into("mine")), 2,
                        {std::string("mine/") + name}));
    EXPECT_EQ(Read("mine/" + std::string(name)), "my notes\n");
    fs::remove_all(PathOf("mine"));
  }
  Output(
      {"--input", "corpus", "--num-steps", "3", "--metrics", "metrics.jsonl"});
  const std::string metrics = Read("metrics.jsonl");
  EXPECT_TRUE(
      IsError(Run(TrainFlags(3) + Into(".")), 2, {"--out-dir", "metrics"}));
  EXPECT_EQ(Read("metrics.jsonl"), metrics);
}

TEST_F(RunFolderTest, WhatCannotBeWritten) {
  for (const char* name : {"metrics.jsonl", "samples.jsonl"}) {
    fs::create_directories(PathOf("run/" + std::string(name)));
    EXPECT_TRUE(
        IsError(Run(TrainFlags(3) + Into("run")), 4, {std::string(name)}));
    fs::remove_all(PathOf("run"));
  }
}

// It is known only when all is done.
TEST_F(RunFolderTest, APageThatCannotBeWrittenCostsNoResult) {
  fs::create_directories(PathOf("run/report.html.part"));
  const Outcome outcome = Run(TrainFlags(3) + Into("run"));
  EXPECT_TRUE(EndsWithError(outcome, 4, {"report.html"}));
  EXPECT_EQ(DigestOf(outcome.out), Info("run", "digest"));
}

TEST_F(RunFolderTest, APageAtEveryEnd) {
  Results(TrainFlags(3) + Into("complete"));
  EXPECT_TRUE(IsPage("complete"));
  Results(TrainFlags(0) + Into("nothing"));
  EXPECT_TRUE(IsPage("nothing"));
  Results(TrainFlags(300) + Into("early") +
          Arguments{"--val-split", "0.4", "--eval-every", "1",
                    "--early-stop-patience", "1", "--learning-rate", "0.3"});
  EXPECT_TRUE(IsPage("early"));
  EXPECT_LT(StepsIn("early/metrics.jsonl").size(), 300u);
  EXPECT_EQ(StepsIn("early/samples.jsonl").back().at("step"),
            StepsIn("early/metrics.jsonl").back().at("step"));
  EXPECT_EQ(
      Run({"--input", "corpus", "--learning-rate", "1e6", "--init-std", "1e6",
           "--beta1", "0", "--beta2", "0", "--n-layer", "3", "--n-embd", "64",
           "--num-steps", "200", "--out-dir", "diverged"})
          .exit_code,
      5);
  EXPECT_TRUE(IsPage("diverged"));
  Child child(Prepare(TrainFlags(1'000'000'000) + Into("stopped")));
  ASSERT_TRUE(child.ReadUntil("step   10 "));
  child.Send(SIGINT);
  EXPECT_EQ(child.Finish().exit_code, 130);
  EXPECT_TRUE(IsPage("stopped"));
  EXPECT_NE(Read("stopped/report.html").find(" of 1,000,000,000"),
            std::string::npos);
}

TEST_F(RunFolderTest, SampleEveryNeedsAFolder) {
  EXPECT_TRUE(IsError(Run({"--sample-every", "3"}), 2, {"--out-dir"}));
  for (const char* bad : {"-1", "x", "1.5", "1e3", "99999999999999"}) {
    EXPECT_TRUE(IsError(
        Run(TrainFlags(3) + Into("run") + Arguments{"--sample-every", bad}), 2,
        {"--sample-every"}));
  }
}

}  // namespace
}  // namespace microgpt
