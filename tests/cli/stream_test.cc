// Standard streams that are closed, full or lose their reader.
#include "tests/cli/cli_fixture.h"

namespace microgpt {
namespace {

class StreamTest : public CliTest {
 protected:
  StreamTest() { Write("corpus", "anna\nbob\ncleo\n"); }

  Invocation Train(const Arguments& more = {}) const {
    return Prepare(Arguments{"--input", "corpus", "--num-steps", "20"} + more);
  }
};

TEST_F(StreamTest, ClosedInputAndError) {
  const std::string digest = DigestOf(RunProgram(Train()).out);
  Invocation invocation = Train();
  invocation.in = Stream::Closed();
  invocation.err = Stream::Closed();
  const Outcome outcome = RunProgram(invocation);
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(DigestOf(outcome.out), digest);
}

TEST_F(StreamTest, ClosedOutput) {
  for (const bool closed_input : {false, true}) {
    Invocation invocation = Train();
    invocation.out = Stream::Closed();
    if (closed_input) invocation.in = Stream::Closed();
    const Outcome outcome = RunProgram(invocation);
    EXPECT_EQ(outcome.signal, 0);
    EXPECT_FALSE(outcome.timed_out);
    EXPECT_TRUE(outcome.exit_code == 0 || outcome.exit_code == 4);
  }
}

// Whatever file is opened first must not receive what is printed.
TEST_F(StreamTest, ClosedStreamsDoNotLeakIntoFiles) {
  Invocation invocation = Train({"--metrics", "metrics"});
  invocation.in = Stream::Closed();
  invocation.out = Stream::Closed();
  invocation.err = Stream::Closed();
  const Outcome outcome = RunProgram(invocation);
  EXPECT_EQ(outcome.signal, 0);
  for (const std::string& line : Lines(Read("metrics"))) {
    EXPECT_TRUE(line.starts_with("{") && line.ends_with("}")) << line;
  }
  EXPECT_EQ(Read("corpus"), "anna\nbob\ncleo\n");
}

TEST_F(StreamTest, ClosedErrorKeepsTheExitCode) {
  Invocation invocation = Prepare({"--n-embd", "0"});
  invocation.err = Stream::Closed();
  EXPECT_EQ(RunProgram(invocation).exit_code, 2);
  invocation.err = Stream::File("/dev/full");
  EXPECT_EQ(RunProgram(invocation).exit_code, 2);
}

TEST_F(StreamTest, FullOutput) {
  for (const Arguments& arguments :
       {Arguments{}, Arguments{"--quiet"}, Arguments{"--help"},
        Arguments{"--version"}, Arguments{"info"}}) {
    Invocation invocation = Prepare(arguments);
    invocation.out = Stream::File("/dev/full");
    EXPECT_TRUE(EndsWithError(RunProgram(invocation), 4, {"standard output"}))
        << testing::PrintToString(arguments);
  }
}

TEST_F(StreamTest, FullErrorDoesNotHurt) {
  Invocation invocation = Train({"--threads", "1024"});
  invocation.err = Stream::File("/dev/full");
  EXPECT_EQ(RunProgram(invocation).exit_code, 0);
}

TEST_F(StreamTest, ReaderGoesAwayAfterOneLine) {
  Child child(Prepare({"--num-steps", "1000000000", "--long-docs", "chunk"}));
  ASSERT_TRUE(child.ReadUntil("\n"));
  child.CloseOutput();
  const Outcome outcome = child.Finish();
  EXPECT_FALSE(outcome.timed_out);
  EXPECT_EQ(outcome.signal, 0);
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.err, "");
}

TEST_F(StreamTest, ReaderWasNeverThere) {
  for (const Arguments& arguments :
       {Arguments{"--num-steps", "10"}, Arguments{"--help"}}) {
    Child child(Prepare(arguments));
    child.CloseOutput();
    const Outcome outcome = child.Finish();
    EXPECT_EQ(outcome.signal, 0);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  }
}

// Whoever asks for metrics wants them all, read or not.
TEST_F(StreamTest, MetricsAreFinishedWithoutAReader) {
  Child child(Train({"--metrics", "metrics"}));
  child.CloseOutput();
  EXPECT_EQ(child.Finish().exit_code, 0);
  EXPECT_EQ(Lines(Read("metrics")).size(), 21u);
}

}  // namespace
}  // namespace microgpt
