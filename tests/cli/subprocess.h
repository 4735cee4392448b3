// Runs a program with chosen streams, environment and folder, under a time
// limit that only a hang can reach.
#ifndef MICROGPT_TESTS_CLI_SUBPROCESS_H_
#define MICROGPT_TESTS_CLI_SUBPROCESS_H_

#include <sys/types.h>

#include <array>
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace microgpt {

// What a standard stream of the child is.
struct Stream {
  enum class Kind { kPipe, kClosed, kFile, kDescriptor };

  static Stream Pipe() { return {}; }
  static Stream Closed() { return {Kind::kClosed, "", -1}; }
  static Stream File(std::string path) {
    return {Kind::kFile, std::move(path), -1};
  }
  // Stays the caller's.
  static Stream Descriptor(int descriptor) {
    return {Kind::kDescriptor, "", descriptor};
  }

  Kind kind = Kind::kPipe;
  std::string path;
  int descriptor = -1;
};

struct Invocation {
  std::vector<std::string> arguments;  // the program first
  std::string folder;                  // empty: the current one
  // Added to this process's environment; nullopt removes a variable.
  std::map<std::string, std::optional<std::string>> environment;
  Stream in = Stream::File("/dev/null");
  Stream out;
  Stream err;
  std::chrono::seconds limit{120};  // then it is killed
};

struct Outcome {
  int exit_code = -1;  // -1 if a signal ended it
  int signal = 0;      // 0 if it exited
  bool timed_out = false;
  std::string out;
  std::string err;
  long peak_kib = 0;  // resident memory
};

// A running child. Destroying it kills it. Single-threaded.
class Child {
 public:
  explicit Child(const Invocation& invocation);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // Reads until stdout contains `text`; false if the child ends or hangs first.
  bool ReadUntil(std::string_view text);

  void Send(int signal);
  // Goes away as the reader of stdout.
  void CloseOutput();
  // Reads what has come; false once the child has ended.
  bool Poll();
  // Reads both streams to their ends and waits.
  Outcome Finish();

 private:
  void ReadPipes(int wait_milliseconds);
  void KillIfLate();

  pid_t process_ = -1;
  bool ended_ = false;
  std::array<int, 2> pipes_ = {-1, -1};  // stdout, stderr; -1: at its end
  std::chrono::steady_clock::time_point deadline_;
  Outcome outcome_;
};

Outcome RunProgram(const Invocation& invocation);

}  // namespace microgpt

#endif  // MICROGPT_TESTS_CLI_SUBPROCESS_H_
