// An error from every system call that touches the output folder, one by one.
#include <algorithm>
#include <set>
#include <string>

#include "tests/crash/traced_run.h"

namespace microgpt {
namespace {

// Interrupted, these are to be tried again, or have done their work.
bool SurvivesInterruption(const SystemCall& call) {
  static const std::set<std::string> kNames = {"open",  "openat", "creat",
                                               "write", "flock",  "close"};
  return kNames.contains(call.name);
}

bool IsSync(const SystemCall& call) {
  return call.name == "fsync" || call.name == "fdatasync";
}

// Parameterised by the error.
class FaultTest : public TracedTest,
                  public testing::WithParamInterface<const char*> {
 protected:
  void FailEveryCall(const Scenario& scenario) {
    std::size_t faults = 0;
    bool saving = false;
    for (const SystemCall& call : CallsOf(scenario)) {
      // The folder that kSaved is made in is only opened and synced.
      if (!call.Mentions(kSaved) && !IsSync(call) &&
          !call.Mentions("O_DIRECTORY")) {
        continue;
      }
      SCOPED_TRACE(call.text);
      CheckFault(scenario, call);
      // What an earlier process left may stay if this one fails before it
      // begins to save.
      saving |= call.name.starts_with("mkdir") && call.Mentions(".partial-");
      EXPECT_TRUE(!saving || unfinished_ == 0);
      ASSERT_FALSE(HasFailure());
      ++faults;
    }
    ASSERT_GT(faults, 80u);
    RecordProperty("faults", static_cast<int>(faults));
  }

 private:
  void CheckFault(const Scenario& scenario, const SystemCall& call) {
    const std::string error = GetParam();
    const Outcome outcome =
        RunWithFault(scenario, call, "error=" + error, ",fsync,fdatasync");
    unfinished_ = CountSaved(".partial-") + CountSaved(".partial-", "best");
    const std::vector<SystemCall> trace = LastTrace();
    ASSERT_EQ(std::count_if(trace.begin(), trace.end(),
                            [](const SystemCall& traced) {
                              return traced.Mentions("(INJECTED)");
                            }),
              1);
    const std::size_t last = scenario.states.size() - 1;
    if (outcome.exit_code == 0) {
      EXPECT_EQ(outcome.err, "");
      EXPECT_EQ(DigestOf(outcome.out), scenario.states.back());
      EXPECT_FALSE(IsSync(call)) << "a failed fsync is not seen";
    } else {
      EXPECT_TRUE(EndsWithError(outcome, 4, {}));
      EXPECT_FALSE(error == "EINTR" && SurvivesInterruption(call));
    }
    if (IsSync(call)) {
      const auto syncs = std::count_if(trace.begin(), trace.end(), IsSync);
      EXPECT_EQ(static_cast<std::size_t>(syncs), call.ordinal);
    }
    if (outcome.exit_code == 0) {
      ExpectRecovery(scenario, last, last);
    } else {
      ExpectRecovery(scenario, call.saves, std::min(call.saves + 1, last));
    }
  }

  std::size_t unfinished_ = 0;  // partial generations after the fault
};

TEST_P(FaultTest, FirstSaves) { FailEveryCall(FirstSaves()); }

TEST_P(FaultTest, LaterSaves) { FailEveryCall(LaterSaves()); }

TEST_P(FaultTest, BestSaves) { FailEveryCall(BestSaves()); }

INSTANTIATE_TEST_SUITE_P(All, FaultTest,
                         testing::Values("EIO", "ENOSPC", "EINTR"),
                         [](const auto& test) {
                           return std::string(test.param);
                         });

}  // namespace
}  // namespace microgpt
