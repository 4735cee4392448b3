// Runs of the program with files of --config and a chosen environment.
#ifndef MICROGPT_TESTS_CLI_SETTINGS_FIXTURE_H_
#define MICROGPT_TESTS_CLI_SETTINGS_FIXTURE_H_

#include <map>
#include <string>

#include "tests/cli/checkpoint_fixture.h"

namespace microgpt {

using Variables = std::map<std::string, std::string>;

class SettingsTest : public CheckpointCliTest {
 protected:
  Outcome RunIn(const Variables& variables, const Arguments& arguments) const {
    Invocation invocation = Prepare(arguments);
    for (const auto& [name, value] : variables) {
      invocation.environment[name] = value;
    }
    return RunProgram(invocation);
  }

  // What info prints of the model that the settings describe: "num params: N".
  static std::string ParametersIn(const Outcome& outcome) {
    for (const std::string& line : Lines(outcome.out)) {
      if (line.starts_with("num params: ")) return line.substr(12);
    }
    return "exit " + std::to_string(outcome.exit_code) + ": " + outcome.err;
  }
  // n_layer layers of width n_embd, block 8, 10 tokens, as info counts them.
  static std::string Parameters(int n_embd, int n_layer) {
    const int rows = 2 * 10 + 8 + 12 * n_embd * n_layer;
    return std::to_string(rows * n_embd);
  }
  // The model of 10 tokens that info finds in the settings.
  std::string Model(const Variables& variables,
                    const Arguments& arguments) const {
    return ParametersIn(
        RunIn(variables, Arguments{"info", "--vocab-size", "10"} + arguments));
  }

  // Results of a run of a few steps.
  std::string Digest(const Arguments& arguments,
                     const Variables& variables = {}) const {
    const Outcome outcome = RunIn(variables, arguments);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return outcome.exit_code == 0 ? DigestOf(outcome.out) : outcome.err;
  }
};

}  // namespace microgpt

#endif  // MICROGPT_TESTS_CLI_SETTINGS_FIXTURE_H_
