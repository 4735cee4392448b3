// Disks that are full or read-only: file systems of the test's own, in a mount
// namespace that ends with its shell.
#include <cstdlib>
#include <stdexcept>

#include "tests/crash/crash_fixture.h"

namespace microgpt {
namespace {

// A third of a mebibyte for each generation.
const Arguments kTraining = {"--quiet", "--num-samples", "0",   "--input",
                             "words",   "--n-embd",      "36",  "--n-layer",
                             "2",       "--num-steps",   "6",   "--save-every",
                             "2",       "--out-dir",     "disk"};

class MountTest : public CrashTest {
 protected:
  // Runs `script` with "$microgpt" and "$@" in a namespace of its own. Streams
  // of commands go to files that it names.
  void Shell(const std::string& script, const Arguments& arguments) const {
    const char* unshare = std::getenv("UNSHARE_EXE");
    if (unshare == nullptr) throw std::runtime_error("UNSHARE_EXE");
    Invocation invocation = Prepare({});
    const std::string program = invocation.arguments.front();
    invocation.environment["microgpt"] = program;
    invocation.arguments =
        Arguments{unshare, "-rm", "/bin/sh", "-euc", script, "sh"} + arguments;
    const Outcome outcome = RunProgram(invocation);
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    ASSERT_EQ(outcome.err, "");
  }
  // What the script has written to NAME.out, NAME.err and NAME.code.
  Outcome OutcomeOf(const std::string& name) const {
    Outcome outcome;
    outcome.exit_code = std::stoi(Read(name + ".code"));
    outcome.out = Read(name + ".out");
    outcome.err = Read(name + ".err");
    return outcome;
  }
};

// run NAME COMMAND...
const std::string kRun =
    "run() { name=$1; shift; code=0\n"
    "\"$@\" >\"$name.out\" 2>\"$name.err\" || code=$?\n"
    "echo $code >\"$name.code\"; }\n";

TEST_F(MountTest, FullDisk) {
  Shell(kRun +
            "mkdir disk\n"
            "mount -t tmpfs -o size=1m none disk\n"
            "run full \"$microgpt\" \"$@\"\n"
            "ls -A -I '*.jsonl' -I report.html disk >names\n"
            "run info \"$microgpt\" info --checkpoint disk\n"
            "run again \"$microgpt\" --resume disk --quiet\n"
            "mount -o remount,size=4m disk\n"
            "run resumed \"$microgpt\" --resume disk --quiet --num-samples 0\n"
            "ls -A -I '*.jsonl' -I report.html disk >names-resumed\n"
            "umount disk\n"
            "mount -t tmpfs none disk\n"
            "run whole \"$microgpt\" \"$@\"\n",
        kTraining);
  ASSERT_FALSE(HasFailure());
  const Outcome whole = OutcomeOf("whole");
  EXPECT_EQ(whole.exit_code, 0);
  EXPECT_TRUE(IsError(OutcomeOf("full"), 4, {"No space left on device"}));
  EXPECT_EQ(Read("names"),
            "config.toml\ngeneration-000001\ngeneration-000002\nlock\n");
  EXPECT_EQ(OutcomeOf("info").exit_code, 0);
  EXPECT_NE(OutcomeOf("info").out.find("step: 2 of 6\n"), std::string::npos);
  EXPECT_TRUE(IsError(OutcomeOf("again"), 4, {"No space left on device"}));
  EXPECT_EQ(OutcomeOf("resumed").err, "");
  EXPECT_EQ(OutcomeOf("resumed").exit_code, 0);
  EXPECT_EQ(DigestOf(OutcomeOf("resumed").out), DigestOf(whole.out));
  EXPECT_EQ(Read("names-resumed"),
            "config.toml\ngeneration-000003\ngeneration-000004\nlock\n");
}

// Room for the run, but not for its best model as well.
TEST_F(MountTest, FullWhenTheBestModelIsFound) {
  Write("val", "anna\nbob\n");
  Shell(kRun +
            "mkdir disk\n"
            "mount -t tmpfs -o size=600k none disk\n"
            "run full \"$microgpt\" \"$@\"\n"
            "ls -A -I '*.jsonl' -I report.html disk disk/best >names\n"
            "run info \"$microgpt\" info --checkpoint disk\n"
            "mount -o remount,size=4m disk\n"
            "run resumed \"$microgpt\" --resume disk --quiet --num-samples 0\n"
            "run best \"$microgpt\" info --checkpoint disk/best\n"
            "umount disk\n"
            "mount -t tmpfs none disk\n"
            "run whole \"$microgpt\" \"$@\"\n"
            "run whole-best \"$microgpt\" info --checkpoint disk/best\n",
        kTraining + Arguments{"--val-input", "val", "--eval-every", "2"});
  ASSERT_FALSE(HasFailure());
  EXPECT_TRUE(
      IsError(OutcomeOf("full"), 4, {"disk/best/", "No space left on device"}));
  EXPECT_EQ(Read("names"),
            "disk:\nbest\nconfig.toml\ngeneration-000001\nlock\n\n"
            "disk/best:\nlock\n");
  EXPECT_NE(OutcomeOf("info").out.find("step: 0 of 6\n"), std::string::npos);
  EXPECT_EQ(OutcomeOf("resumed").err, "");
  EXPECT_EQ(DigestOf(OutcomeOf("resumed").out),
            DigestOf(OutcomeOf("whole").out));
  EXPECT_EQ(DigestOf(OutcomeOf("best").out),
            DigestOf(OutcomeOf("whole-best").out));
}

// Not even room for the first generation.
TEST_F(MountTest, FullFromTheStart) {
  Shell(kRun +
            "mkdir disk\n"
            "mount -t tmpfs -o size=64k none disk\n"
            "run full \"$microgpt\" \"$@\"\n"
            "ls -A -I '*.jsonl' -I report.html disk >names\n"
            "mount -o remount,size=4m disk\n"
            "run larger \"$microgpt\" \"$@\"\n",
        kTraining);
  ASSERT_FALSE(HasFailure());
  EXPECT_TRUE(IsError(OutcomeOf("full"), 4, {"No space left on device"}));
  EXPECT_EQ(Read("names"), "lock\n");
  EXPECT_EQ(OutcomeOf("larger").exit_code, 0);
}

TEST_F(MountTest, ReadOnlyDisk) {
  Shell(kRun +
            "mkdir disk\n"
            "mount -t tmpfs none disk\n"
            "mkdir disk/empty\n"
            "\"$microgpt\" --num-steps 3 --quiet --out-dir disk/old >old.out\n"
            "mount -o remount,ro disk\n"
            "for folder in empty missing; do\n"
            "  run $folder \"$microgpt\" --out-dir disk/$folder\n"
            "done\n"
            "run resume \"$microgpt\" --resume disk/old --num-steps 6\n"
            "run info \"$microgpt\" info --checkpoint disk/old\n"
            "run sample \"$microgpt\" sample --checkpoint disk/old\n",
        {});
  ASSERT_FALSE(HasFailure());
  for (const char* name : {"empty", "missing", "resume"}) {
    EXPECT_TRUE(IsError(OutcomeOf(name), 4, {"Read-only file system"})) << name;
  }
  EXPECT_EQ(OutcomeOf("info").exit_code, 0);
  EXPECT_EQ(DigestOf(OutcomeOf("info").out), DigestOf(Read("old.out")));
  EXPECT_EQ(OutcomeOf("sample").exit_code, 0);
  EXPECT_EQ(SamplesOf(OutcomeOf("sample").out).size(), 20u);
}

}  // namespace
}  // namespace microgpt
