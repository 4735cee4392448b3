// A limit on the size of files, as `ulimit -f` sets it.
#include "tests/crash/crash_fixture.h"

namespace microgpt {
namespace {

class FileSizeTest : public CrashTest {
 protected:
  // No file larger than 512 or 1024 bytes, as the shell counts.
  Outcome RunLimited(const Arguments& arguments) const {
    Invocation invocation = Prepare(arguments);
    invocation.arguments =
        Arguments{"/bin/sh", "-c", "ulimit -f 1; exec \"$@\"", "sh"} +
        invocation.arguments;
    return RunProgram(invocation);
  }
  void ExpectNothingSaved(const Scenario& scenario) const {
    Reset(scenario);
    // The log of the run is the first that does not fit.
    EXPECT_TRUE(EndsWithError(RunLimited(scenario.run), 4,
                              {std::string(kSaved) + "/", "too large"}));
    EXPECT_EQ(CountSaved("."), 0u);
    ExpectRecovery(scenario, 0, 0);
  }
};

TEST_F(FileSizeTest, FirstSave) { ExpectNothingSaved(FirstSaves()); }

TEST_F(FileSizeTest, LaterSave) { ExpectNothingSaved(LaterSaves()); }

}  // namespace
}  // namespace microgpt
