// SIGKILL at the entry of every system call, from the first that touches the
// output folder to the end of the run.
#include <csignal>

#include "tests/crash/traced_run.h"

namespace microgpt {
namespace {

class KillTest : public TracedTest {
 protected:
  void KillAtEveryCall(const Scenario& scenario) const {
    const std::vector<SystemCall> calls = CallsOf(scenario);
    ASSERT_GT(calls.size(), 100u);
    for (const SystemCall& call : calls) {
      SCOPED_TRACE(call.text);
      const Outcome outcome = RunWithFault(scenario, call, "signal=KILL");
      ASSERT_EQ(outcome.signal, SIGKILL) << outcome.err;
      ExpectRecovery(scenario, call.saves, call.saves);
      ASSERT_FALSE(HasFailure());
    }
    RecordProperty("kills", static_cast<int>(calls.size()));
  }
};

TEST_F(KillTest, FirstSaves) { KillAtEveryCall(FirstSaves()); }

TEST_F(KillTest, LaterSaves) { KillAtEveryCall(LaterSaves()); }

TEST_F(KillTest, BestSaves) { KillAtEveryCall(BestSaves()); }

}  // namespace
}  // namespace microgpt
