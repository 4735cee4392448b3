// Runs that validate.
#ifndef MICROGPT_TESTS_CLI_VALIDATION_FIXTURE_H_
#define MICROGPT_TESTS_CLI_VALIDATION_FIXTURE_H_

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/cli/checkpoint_fixture.h"

namespace microgpt {

class ValidationCliTest : public CheckpointCliTest {
 protected:
  ValidationCliTest() { Write("val", "cora\nbea\ndan\nlimo\n"); }

  // Learns six names by heart: the loss on others falls, then rises.
  static Arguments ValidatedFlags(int steps, int eval_every) {
    return TrainFlags(steps) +
           Arguments{"--val-input",     "val",
                     "--eval-every",    std::to_string(eval_every),
                     "--n-embd",        "32",
                     "--learning-rate", "0.002"};
  }

  // Validation losses of a metrics file, by step.
  std::map<std::int64_t, double> ValidationLosses(
      const std::string& metrics) const {
    std::map<std::int64_t, double> losses;
    for (const std::string& line : Lines(Read(metrics))) {
      const nlohmann::json object = nlohmann::json::parse(line);
      if (object.contains("val_loss")) {
        losses[object.at("step").get<std::int64_t>()] =
            object.at("val_loss").get<double>();
      }
    }
    return losses;
  }
  // Step and loss of the best, the first of equal ones.
  static std::pair<std::int64_t, double> BestOf(
      const std::map<std::int64_t, double>& losses) {
    return *std::min_element(
        losses.begin(), losses.end(),
        [](const auto& a, const auto& b) { return a.second < b.second; });
  }

  static std::string Decimals(double value, int count) {
    char text[64];
    std::snprintf(text, sizeof(text), "%.*f", count, value);
    return text;
  }
  // The loss that eval prints for "val".
  std::string EvalLoss(const std::string& checkpoint) const {
    const std::string first =
        Lines(Output({"eval", "--checkpoint", checkpoint, "--input", "val"}))
            .front();
    return first.substr(first.find(' ') + 1);
  }
  void CopyFolder(const std::string& from, const std::string& to) const {
    std::filesystem::remove_all(PathOf(to));
    std::filesystem::copy(PathOf(from), PathOf(to),
                          std::filesystem::copy_options::recursive);
  }
};

}  // namespace microgpt

#endif  // MICROGPT_TESTS_CLI_VALIDATION_FIXTURE_H_
