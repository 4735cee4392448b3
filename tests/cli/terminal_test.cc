// Colour and the moving progress line: on a terminal that wants them only.
#include <fcntl.h>
#include <pty.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <stdexcept>

#include "tests/cli/cli_fixture.h"

namespace microgpt {
namespace {

// A pseudo-terminal; the program gets `end()`, the test reads what it shows.
class Terminal {
 public:
  Terminal() {
    if (::openpty(&shown_, &end_, nullptr, nullptr, nullptr) != 0) {
      throw std::runtime_error("no pseudo-terminal");
    }
    ::fcntl(shown_, F_SETFD, FD_CLOEXEC);
    ::fcntl(end_, F_SETFD, FD_CLOEXEC);
    ::fcntl(shown_, F_SETFL, O_NONBLOCK);
  }
  ~Terminal() {
    ::close(shown_);
    ::close(end_);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  int end() const { return end_; }

  // All that was shown so far.
  const std::string& Text() {
    std::array<char, 4096> buffer;
    for (;;) {
      const ssize_t got = ::read(shown_, buffer.data(), buffer.size());
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return text_;
      text_.append(buffer.data(), static_cast<std::size_t>(got));
    }
  }

 private:
  int shown_ = -1;
  int end_ = -1;
  std::string text_;
};

constexpr const char* kEscape = "\033";
constexpr const char* kClearLine = "\r\033[K";

class TerminalTest : public CliTest {
 protected:
  // stderr of a run that fails, shown on a terminal.
  std::string ErrorShown(const Arguments& arguments,
                         const std::string& variable = "",
                         const std::string& value = "") {
    Terminal terminal;
    Invocation invocation = Prepare(arguments + Arguments{"--input", "gone"});
    invocation.environment["TERM"] = "xterm";
    if (!variable.empty()) invocation.environment[variable] = value;
    invocation.err = Stream::Descriptor(terminal.end());
    EXPECT_EQ(RunProgram(invocation).exit_code, 3);
    return terminal.Text();
  }
};

bool HasEscape(const std::string& text) {
  return text.find(kEscape) != std::string::npos;
}

TEST_F(TerminalTest, ErrorsAreColoured) {
  const std::string shown = ErrorShown({});
  EXPECT_TRUE(HasEscape(shown));
  EXPECT_NE(shown.find("\033[0m: gone: "), std::string::npos) << shown;
}

TEST_F(TerminalTest, ColourCanBeForbidden) {
  for (const std::string& shown :
       {ErrorShown({"--no-color"}), ErrorShown({}, "NO_COLOR", "1"),
        ErrorShown({}, "NO_COLOR", "yes"), ErrorShown({}, "TERM", "dumb")}) {
    EXPECT_FALSE(HasEscape(shown)) << shown;
    EXPECT_TRUE(shown.starts_with("microgpt: error: gone: ")) << shown;
  }
}

// As no-color.org says: only when not empty.
TEST_F(TerminalTest, EmptyNoColorForbidsNothing) {
  EXPECT_TRUE(HasEscape(ErrorShown({}, "NO_COLOR", "")));
}

TEST_F(TerminalTest, NoEscapesWithoutATerminal) {
  Invocation invocation = Prepare({"--num-steps", "50", "--threads", "1024"});
  invocation.environment["TERM"] = "xterm";
  Outcome outcome = RunProgram(invocation);
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_FALSE(HasEscape(outcome.out + outcome.err));
  invocation.arguments.emplace_back("--bad");
  outcome = RunProgram(invocation);
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_FALSE(HasEscape(outcome.out + outcome.err));
}

TEST_F(TerminalTest, OutputIsPlainOnATerminal) {
  Terminal terminal;
  Invocation invocation = Prepare({"--num-steps", "50"});
  invocation.environment["TERM"] = "xterm";
  invocation.out = Stream::Descriptor(terminal.end());
  EXPECT_EQ(RunProgram(invocation).exit_code, 0);
  const std::string& shown = terminal.Text();
  EXPECT_NE(shown.find("digest: "), std::string::npos);
  EXPECT_FALSE(HasEscape(shown));
}

TEST_F(TerminalTest, ProgressMovesAndIsCleared) {
  Terminal terminal;
  Invocation invocation = Prepare(
      {"--num-steps", "1000000000", "--log-every", "0", "--block-size", "16"});
  invocation.environment["TERM"] = "xterm";
  invocation.err = Stream::Descriptor(terminal.end());
  Child child(invocation);
  while (terminal.Text().find("tokens/s") == std::string::npos) {
    ASSERT_TRUE(child.Poll()) << "ended without progress";
  }
  child.Send(SIGINT);
  EXPECT_EQ(child.Finish().exit_code, 130);
  const std::string& shown = terminal.Text();
  EXPECT_TRUE(shown.starts_with(kClearLine)) << shown;
  EXPECT_NE(shown.find(kClearLine + std::string("microgpt: ")),
            std::string::npos)
      << shown;
}

TEST_F(TerminalTest, ProgressShowsTheValidationLoss) {
  Write("val", "anna\nemma\n");
  Terminal terminal;
  Invocation invocation =
      Prepare({"--num-steps", "1000000000", "--log-every", "0", "--val-input",
               "val", "--eval-every", "1000"});
  invocation.environment["TERM"] = "xterm";
  invocation.err = Stream::Descriptor(terminal.end());
  Child child(invocation);
  while (terminal.Text().find(" | val loss ") == std::string::npos) {
    ASSERT_TRUE(child.Poll()) << "ended without it";
  }
  child.Send(SIGINT);
  EXPECT_EQ(child.Finish().exit_code, 130);
}

TEST_F(TerminalTest, QuietShowsNoProgress) {
  Terminal terminal;
  Invocation invocation = Prepare({"--num-steps", "20000", "--quiet"});
  invocation.environment["TERM"] = "xterm";
  invocation.err = Stream::Descriptor(terminal.end());
  EXPECT_EQ(RunProgram(invocation).exit_code, 0);
  EXPECT_EQ(terminal.Text(), "");
}

}  // namespace
}  // namespace microgpt
