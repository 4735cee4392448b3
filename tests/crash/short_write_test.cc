// Short and interrupted writes must not be seen in any file.
#include <cstdlib>
#include <sstream>

#include "tests/crash/crash_fixture.h"

namespace microgpt {
namespace {

class ShortWriteTest : public CrashTest {
 protected:
  void CompareFolders(const std::string& left, const std::string& right) const {
    ASSERT_EQ(NamesIn(left), NamesIn(right));
    for (const std::string& generation : NamesIn(left)) {
      if (generation == "lock") continue;  // names the process
      if (generation == "config.toml") {
        EXPECT_EQ(Read(left + "/config.toml"), Read(right + "/config.toml"));
        continue;
      }
      const std::string inside = "/" + generation;
      ASSERT_EQ(NamesIn(left + inside), NamesIn(right + inside));
      EXPECT_EQ(NamesIn(left + inside).size(), 5u);
      for (const std::string& name : NamesIn(left + inside)) {
        EXPECT_TRUE(Read(left + inside + "/" + name) ==
                    Read(right + inside + "/" + name))
            << generation << "/" << name;
      }
    }
  }
  Outcome RunWithShortWrites(const Arguments& arguments) const {
    Invocation invocation = Prepare(arguments);
    invocation.environment["LD_PRELOAD"] = std::getenv("SHORT_WRITE_LIB");
    invocation.environment["SHORT_WRITE_LOG"] = PathOf("log");
    invocation.out = Stream::File(PathOf("out"));
    return RunProgram(invocation);
  }
  // Steps and losses of a file of --metrics.
  std::vector<std::string> LossesOf(const std::string& metrics) const {
    std::vector<std::string> losses;
    for (const std::string& line : Lines(Read(metrics))) {
      losses.push_back(line.substr(0, line.find(",\"lr\"")));
    }
    if (!losses.empty()) losses.erase(losses.begin());
    return losses;
  }
};

TEST_F(ShortWriteTest, FilesAreTheSame) {
  const Scenario scenario = FirstSaves();
  Reset(scenario);
  const std::string out =
      Output(scenario.run + Arguments{"--metrics", "metrics"});
  Rename(kSaved, "expected");

  const Outcome outcome =
      RunWithShortWrites(scenario.run + Arguments{"--metrics", "metrics2"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(Read("out"), out);
  CompareFolders("expected", kSaved);
  EXPECT_EQ(LossesOf("metrics").size(), 6u);
  EXPECT_EQ(LossesOf("metrics2"), LossesOf("metrics"));

  // That it was not preloaded would pass too.
  unsigned shortened = 0;
  unsigned interrupted = 0;
  std::istringstream(Read("log")) >> shortened >> interrupted;
  EXPECT_GT(shortened, 1000u);
  EXPECT_GT(interrupted, 500u);
}

}  // namespace
}  // namespace microgpt
