// SIGINT in the middle of a save: the first lets it finish, the second does
// not.
#include <algorithm>
#include <csignal>

#include "tests/crash/traced_run.h"

namespace microgpt {
namespace {

class SignalTest : public TracedTest {
 protected:
  // The calls of one name that belong to saves.
  std::vector<SystemCall> SavingCalls(const Scenario& scenario,
                                      const std::string& name) const {
    std::vector<SystemCall> calls;
    for (const SystemCall& call : CallsOf(scenario)) {
      if (call.name == name && call.Mentions(".partial-")) {
        calls.push_back(call);
      }
    }
    return calls;
  }
};

TEST_F(SignalTest, TheSaveUnderWayIsFinished) {
  const Scenario scenario = FirstSaves();
  for (const char* name : {"fsync", "write"}) {
    const std::vector<SystemCall> calls = SavingCalls(scenario, name);
    // Five files in each of three saves.
    ASSERT_GE(calls.size(), 15u);
    for (const SystemCall& call : calls) {
      SCOPED_TRACE(call.text);
      const Outcome outcome = RunWithFault(scenario, call, "signal=INT");
      EXPECT_EQ(outcome.exit_code, 128 + SIGINT);
      EXPECT_NE(outcome.err.find("--resume"), std::string::npos) << outcome.err;
      ExpectRecovery(scenario, call.saves + 1, call.saves + 1);
      ASSERT_FALSE(HasFailure());
    }
  }
}

TEST_F(SignalTest, TheSecondEndsAtOnce) {
  const Scenario scenario = FirstSaves();
  for (const SystemCall& call : SavingCalls(scenario, "fsync")) {
    SCOPED_TRACE(call.text);
    const Outcome outcome =
        RunWithFault(scenario, call, "signal=INT", "", Calls::kThisAndLater);
    EXPECT_EQ(outcome.exit_code, 128 + SIGINT);
    EXPECT_EQ(outcome.err, "");
    // After the last file of a save only the folders are synced: the second
    // signal may come after the rename.
    ExpectRecovery(scenario, call.saves,
                   std::min(call.saves + 1, scenario.states.size() - 1));
    ASSERT_FALSE(HasFailure());
  }
}

}  // namespace
}  // namespace microgpt
