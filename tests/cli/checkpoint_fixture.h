// Runs of the program that save.
#ifndef MICROGPT_TESTS_CLI_CHECKPOINT_FIXTURE_H_
#define MICROGPT_TESTS_CLI_CHECKPOINT_FIXTURE_H_

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/cli/cli_fixture.h"

namespace microgpt {

class CheckpointCliTest : public CliTest {
 protected:
  CheckpointCliTest() { Write("corpus", "anna\nbob\ncleo\ndora\nemil\nfay\n"); }

  // A small training run without output folder.
  static Arguments TrainFlags(int steps) {
    return {"--input",       "corpus",
            "--batch-size",  "5",
            "--num-steps",   std::to_string(steps),
            "--num-samples", "3"};
  }
  // stdout, without the line that differs from run to run. stderr is unread.
  std::string Results(const Arguments& arguments, int exit_code = 0) const {
    const Outcome outcome = Run(arguments);
    EXPECT_EQ(outcome.exit_code, exit_code) << outcome.err;
    return WithoutTime(outcome.out);
  }
  static std::string WithoutTime(const std::string& output) {
    std::string results;
    for (const std::string& line : Lines(output)) {
      if (!line.starts_with("training time: ")) results += line + "\n";
    }
    return results;
  }
  // All lines but those of steps before `first`.
  static std::string From(const std::string& results, int first) {
    std::string kept;
    for (const std::string& line : Lines(results)) {
      const bool earlier =
          line.starts_with("step ") && std::stoi(line.substr(5)) < first;
      if (!earlier) kept += line + "\n";
    }
    return kept;
  }
  // What belongs to checkpoints.
  std::vector<std::string> NamesIn(const std::string& name) const {
    std::vector<std::string> names;
    for (const auto& entry :
         std::filesystem::directory_iterator(PathOf(name))) {
      const std::string file = entry.path().filename().string();
      if (!IsRunFile(file)) names.push_back(file);
    }
    std::sort(names.begin(), names.end());
    return names;
  }
  std::string NewestIn(const std::string& name) const {
    std::string newest;
    for (const std::string& each : NamesIn(name)) {
      if (each.starts_with("generation-")) newest = each;
    }
    return newest;
  }
  // The value of a line "name: value" of info.
  std::string Info(const std::string& folder, const std::string& name) const {
    for (const std::string& line :
         Lines(Output({"info", "--checkpoint", folder}))) {
      if (line.starts_with(name + ": ")) return line.substr(name.size() + 2);
    }
    ADD_FAILURE() << "info says nothing of " << name;
    return "";
  }
};

}  // namespace microgpt

#endif  // MICROGPT_TESTS_CLI_CHECKPOINT_FIXTURE_H_
