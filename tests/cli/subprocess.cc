#include "tests/cli/subprocess.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <stdexcept>
#include <system_error>
#include <utility>

extern char** environ;

namespace microgpt {
namespace {

constexpr int kPollMilliseconds = 2;
constexpr int kCannotStart = 127;

int Check(int result, const char* what) {
  if (result < 0) {
    throw std::system_error(errno, std::generic_category(), what);
  }
  return result;
}

void CloseIfOpen(int& descriptor) {
  if (descriptor >= 0) ::close(descriptor);
  descriptor = -1;
}

std::vector<std::string> BuildEnvironment(const Invocation& invocation) {
  std::vector<std::string> variables;
  for (char** at = environ; *at != nullptr; ++at) {
    const std::string variable = *at;
    const std::string name = variable.substr(0, variable.find('='));
    if (!invocation.environment.contains(name)) variables.push_back(variable);
  }
  for (const auto& [name, value] : invocation.environment) {
    if (value) variables.push_back(name + "=" + *value);
  }
  return variables;
}

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// In the child: makes `number` the stream; -1 if that fails.
int Install(const Stream& stream, int pipe_end, int number) {
  switch (stream.kind) {
    case Stream::Kind::kClosed:
      ::close(number);
      return 0;
    case Stream::Kind::kPipe:
      return ::dup2(pipe_end, number);
    case Stream::Kind::kDescriptor:
      return ::dup2(stream.descriptor, number);
    case Stream::Kind::kFile:
      break;
  }
  const int mode = number == STDIN_FILENO ? O_RDONLY : O_WRONLY | O_CREAT;
  const int opened = ::open(stream.path.c_str(), mode | O_CLOEXEC, 0600);
  return opened < 0 ? -1 : ::dup2(opened, number);
}

[[noreturn]] void RunChild(const Invocation& invocation,
                           const std::array<int, 2>& ends,
                           const std::vector<char*>& arguments,
                           const std::vector<char*>& environment) {
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  for (const int number : {SIGINT, SIGTERM, SIGPIPE}) {
    std::signal(number, SIG_DFL);
  }
  const bool ready =
      (invocation.folder.empty() || ::chdir(invocation.folder.c_str()) == 0) &&
      Install(invocation.in, -1, STDIN_FILENO) >= 0 &&
      Install(invocation.out, ends[0], STDOUT_FILENO) >= 0 &&
      Install(invocation.err, ends[1], STDERR_FILENO) >= 0;
  if (ready) ::execve(arguments[0], arguments.data(), environment.data());
  ::_exit(kCannotStart);
}

}  // namespace

Child::Child(const Invocation& invocation)
    : deadline_(std::chrono::steady_clock::now() + invocation.limit) {
  std::vector<std::string> arguments = invocation.arguments;
  std::vector<std::string> variables = BuildEnvironment(invocation);
  const std::vector<char*> argument_pointers = Pointers(arguments);
  const std::vector<char*> variable_pointers = Pointers(variables);
  std::array<int, 2> ends = {-1, -1};
  const std::array<const Stream*, 2> streams = {&invocation.out,
                                                &invocation.err};
  for (std::size_t i = 0; i < streams.size(); ++i) {
    if (streams[i]->kind != Stream::Kind::kPipe) continue;
    std::array<int, 2> both = {-1, -1};
    Check(::pipe2(both.data(), O_CLOEXEC), "pipe");
    pipes_[i] = both[0];
    ends[i] = both[1];
  }
  process_ = Check(::fork(), "fork");
  if (process_ == 0) {
    RunChild(invocation, ends, argument_pointers, variable_pointers);
  }
  for (int& end : ends) CloseIfOpen(end);
}

Child::~Child() {
  for (int& descriptor : pipes_) CloseIfOpen(descriptor);
  if (ended_) return;
  ::kill(process_, SIGKILL);
  while (::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

void Child::ReadPipes(int wait_milliseconds) {
  std::array<pollfd, 2> polled = {};
  for (std::size_t i = 0; i < polled.size(); ++i) {
    polled[i] = {pipes_[i], POLLIN, 0};  // poll skips -1
  }
  if (::poll(polled.data(), polled.size(), wait_milliseconds) <= 0) return;
  for (std::size_t i = 0; i < polled.size(); ++i) {
    if (polled[i].revents == 0) continue;
    std::array<char, 1 << 16> buffer;
    const ssize_t got = ::read(pipes_[i], buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    std::string& text = i == 0 ? outcome_.out : outcome_.err;
    if (got > 0) text.append(buffer.data(), static_cast<std::size_t>(got));
    if (got <= 0) CloseIfOpen(pipes_[i]);
  }
}

void Child::KillIfLate() {
  if (outcome_.timed_out || std::chrono::steady_clock::now() < deadline_) {
    return;
  }
  outcome_.timed_out = true;
  ::kill(process_, SIGKILL);
}

bool Child::Poll() {
  if (ended_) return false;
  ReadPipes(kPollMilliseconds);
  KillIfLate();
  int status = 0;
  rusage usage = {};
  if (::wait4(process_, &status, WNOHANG, &usage) != process_) return true;
  ended_ = true;
  outcome_.peak_kib = usage.ru_maxrss;
  if (WIFEXITED(status)) outcome_.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) outcome_.signal = WTERMSIG(status);
  return false;
}

bool Child::ReadUntil(std::string_view text) {
  while (outcome_.out.find(text) == std::string::npos) {
    if (!Poll()) return false;
  }
  return true;
}

void Child::Send(int signal) {
  if (!ended_) ::kill(process_, signal);
}

void Child::CloseOutput() { CloseIfOpen(pipes_[0]); }

Outcome Child::Finish() {
  while (Poll()) {
  }
  while (pipes_[0] >= 0 || pipes_[1] >= 0) ReadPipes(kPollMilliseconds);
  return outcome_;
}

Outcome RunProgram(const Invocation& invocation) {
  return Child(invocation).Finish();
}

}  // namespace microgpt
