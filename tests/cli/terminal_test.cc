// Colour and the moving progress line: on a terminal that wants them only.
#include <fcntl.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <stdexcept>
#include <utility>

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

  void Resize(unsigned short columns) {
    winsize size = {};
    size.ws_col = columns;
    size.ws_row = 24;
    ::ioctl(end_, TIOCSWINSZ, &size);
  }

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

// What a terminal shows in the end, line by line, if it is wide enough; an
// empty line for each that was only cleared.
std::vector<std::string> Screen(const std::string& text) {
  std::vector<std::string> lines = {""};
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.compare(i, 4, kClearLine) == 0) {
      lines.back().clear();
      i += 3;
    } else if (text.compare(i, 2, "\r\n") == 0) {
      lines.emplace_back();
      ++i;
    } else if (text[i] == '\033') {
      i = text.find('m', i);
    } else {
      lines.back() += text[i];
    }
  }
  return lines;
}

// Of every moving line that was drawn, without escapes.
std::vector<std::string> DrawnLines(const std::string& text) {
  std::vector<std::string> drawn;
  for (std::size_t at = text.find(kClearLine); at != std::string::npos;) {
    const std::size_t next = text.find(kClearLine, at + 1);
    const std::string line = text.substr(at + 4, next - at - 4);
    if (next != std::string::npos) drawn.push_back(Screen(line).front());
    at = next;
  }
  return drawn;
}

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

class MovingLineTest : public TerminalTest {
 protected:
  // A run without end whose stderr is the terminal.
  Invocation Endless(const Arguments& more = {}) const {
    Invocation invocation = Prepare(
        Arguments{"--num-steps", "1000000000", "--block-size", "16"} + more);
    invocation.environment["TERM"] = "xterm";
    invocation.err = Stream::Descriptor(terminal_.end());
    return invocation;
  }
  // Until so many more lines were drawn.
  void WaitForLines(Child& child, std::size_t count) {
    const std::size_t before = DrawnLines(terminal_.Text()).size();
    while (DrawnLines(terminal_.Text()).size() < before + count) {
      ASSERT_TRUE(child.Poll()) << terminal_.Text();
    }
  }
  // Reads the terminal, or the program would wait for a reader.
  int ExitCode(Child& child) {
    while (child.Poll()) terminal_.Text();
    return child.Finish().exit_code;
  }

  Terminal terminal_;
};

TEST_F(MovingLineTest, FitsTheTerminalWhenItIsResized) {
  terminal_.Resize(40);
  Child child(Endless({"--log-every", "0"}));
  WaitForLines(child, 2);
  for (const std::string& line : DrawnLines(terminal_.Text())) {
    EXPECT_LT(line.size(), 40u) << line;
    EXPECT_NE(line.find("loss"), std::string::npos) << line;
  }
  terminal_.Resize(200);
  WaitForLines(child, 3);
  const std::string wide = DrawnLines(terminal_.Text()).back();
  EXPECT_GT(wide.size(), 80u) << wide;
  EXPECT_NE(wide.find("elapsed"), std::string::npos) << wide;
  terminal_.Resize(20);
  WaitForLines(child, 3);
  EXPECT_LT(DrawnLines(terminal_.Text()).back().size(), 20u);
}

TEST_F(MovingLineTest, StepLinesScrollAboveIt) {
  terminal_.Resize(100);
  Invocation invocation = Endless({"--num-samples", "0"});
  invocation.out = Stream::Descriptor(terminal_.end());
  Child child(invocation);
  WaitForLines(child, 10);
  child.Send(SIGINT);
  EXPECT_EQ(ExitCode(child), 130);
  const std::string& shown = terminal_.Text();
  EXPECT_NE(shown.find("tokens/s"), std::string::npos);
  const std::vector<std::string> screen = Screen(shown);
  // Sizes, a note about long documents, then every step, and how it ended.
  std::size_t step = 0;
  for (const std::string& line : screen) {
    EXPECT_EQ(line.find("tokens/s"), std::string::npos) << line;
    if (!line.starts_with("step ")) continue;
    ++step;
    char expected[64];
    std::snprintf(expected, sizeof(expected), "step %4zu / 1000000000 | loss ",
                  step);
    ASSERT_TRUE(line.starts_with(expected)) << line;
    ASSERT_EQ(line.size() - line.rfind('.'), 5u) << line;
  }
  EXPECT_GT(step, 10u);
  ASSERT_GE(screen.size(), 2u);
  EXPECT_TRUE(screen[screen.size() - 2].starts_with("microgpt: stopped by"));
  EXPECT_EQ(screen.back(), "");
}

TEST_F(MovingLineTest, LeavesNothingBehind) {
  for (const int signal : {SIGINT, SIGTERM}) {
    Child child(Endless({"--log-every", "0"}));
    WaitForLines(child, 2);
    child.Send(signal);
    EXPECT_EQ(ExitCode(child), 128 + signal);
    for (const std::string& line : Screen(terminal_.Text())) {
      EXPECT_EQ(line.find("tokens/s"), std::string::npos) << line;
    }
  }
}

TEST_F(MovingLineTest, NorDoesAnError) {
  // The metrics reach the limit of a file after many draws.
  Invocation invocation = Endless({"--log-every", "0", "--metrics", "m"});
  invocation.arguments.insert(
      invocation.arguments.begin(),
      {"/bin/sh", "-c", "ulimit -f 20000; exec \"$0\" \"$@\""});
  Child child(invocation);
  EXPECT_EQ(ExitCode(child), 4);
  const std::vector<std::string> screen = Screen(terminal_.Text());
  for (const std::string& line : screen) {
    EXPECT_EQ(line.find("tokens/s"), std::string::npos) << line;
  }
  EXPECT_TRUE(screen[screen.size() - 2].starts_with("microgpt: error: "));
}

TEST_F(MovingLineTest, Utf8WhereTheLocaleIs) {
  const std::string heavy = "\xE2\x94\x80";
  struct Case {
    const char* variable;
    const char* value;
    bool utf8;
  };
  for (const Case& each :
       {Case{"LANG", "C.UTF-8", true}, Case{"LC_CTYPE", "de_DE.utf8", true},
        Case{"LC_ALL", "en_US.UTF8", true}, Case{"LC_ALL", "C", false},
        Case{"LANG", "de_DE.ISO-8859-1", false}, Case{"LANG", "", false}}) {
    Terminal terminal;
    Invocation invocation = Endless({"--log-every", "0"});
    invocation.environment["LC_CTYPE"] = std::nullopt;
    invocation.environment[each.variable] = each.value;
    invocation.err = Stream::Descriptor(terminal.end());
    Child child(invocation);
    while (terminal.Text().find("tokens/s") == std::string::npos) {
      ASSERT_TRUE(child.Poll());
    }
    child.Send(SIGINT);
    child.Finish();
    EXPECT_EQ(terminal.Text().find(heavy) != std::string::npos, each.utf8)
        << each.variable << "=" << each.value;
  }
}

TEST_F(MovingLineTest, NoEscapesWhereTheyAreNotWanted) {
  for (const auto& [variable, value] :
       {std::pair("NO_COLOR", "1"), std::pair("TERM", "dumb")}) {
    Invocation invocation = Endless({"--log-every", "0"});
    invocation.environment[variable] = value;
    Child child(invocation);
    const std::size_t before = terminal_.Text().size();
    while (terminal_.Text().find("tokens/s", before) == std::string::npos) {
      ASSERT_TRUE(child.Poll());
    }
    child.Send(SIGINT);
    EXPECT_EQ(ExitCode(child), 130);
  }
  EXPECT_FALSE(HasEscape(terminal_.Text()));
  for (const std::string& line : Screen(terminal_.Text())) {
    EXPECT_TRUE(line.empty() || line.starts_with("microgpt: ")) << line;
  }
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
