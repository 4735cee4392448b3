// Runs whose system calls are listed, or made to fail, by strace.
#ifndef MICROGPT_TESTS_CRASH_TRACED_RUN_H_
#define MICROGPT_TESTS_CRASH_TRACED_RUN_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "tests/crash/crash_fixture.h"

namespace microgpt {

struct SystemCall {
  std::string name;
  std::size_t ordinal = 0;  // among those of its name, from 1
  std::string text;         // with paths of descriptors and the result
  std::size_t saves = 0;    // generations complete before it

  bool Mentions(std::string_view part) const {
    return text.find(part) != std::string::npos;
  }
};

class TracedTest : public CrashTest {
 protected:
  // The system calls of the scenario's run, from the first that touches its
  // folder to the last. Expects them to be the same each time.
  std::vector<SystemCall> CallsOf(const Scenario& scenario) const;

  enum class Calls { kThis, kThisAndLater };

  // Runs the scenario with `effect` ("signal=KILL", "error=EIO") on that very
  // call, or on those of its name that follow too. All calls named alike, and
  // those in `more`, are in LastTrace after.
  Outcome RunWithFault(const Scenario& scenario, const SystemCall& call,
                       const std::string& effect, const std::string& more = "",
                       Calls calls = Calls::kThis) const;
  std::vector<SystemCall> LastTrace() const;

 private:
  Outcome Trace(const Scenario& scenario, const Arguments& options) const;
};

}  // namespace microgpt

#endif  // MICROGPT_TESTS_CRASH_TRACED_RUN_H_
