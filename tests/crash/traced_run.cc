#include "tests/crash/traced_run.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <map>
#include <stdexcept>

namespace microgpt {
namespace {

constexpr const char* kTraceFile = "trace";

// "123 name(...) = 0" to the part from the name on; "" for other lines.
std::string WithoutProcess(const std::string& line) {
  const std::size_t begin = line.find_first_not_of("0123456789 ");
  const std::size_t end = line.find('(');
  if (begin == std::string::npos || end == std::string::npos) return "";
  for (std::size_t i = begin; i < end; ++i) {
    const auto letter = static_cast<unsigned char>(line[i]);
    if (std::isalnum(letter) == 0 && letter != '_') return "";
  }
  return line.substr(begin);
}

std::vector<std::string> NamesOf(const std::vector<SystemCall>& calls) {
  std::vector<std::string> names;
  for (const SystemCall& call : calls) names.push_back(call.name);
  return names;
}

std::vector<SystemCall> ParseTrace(const std::string& trace) {
  std::vector<SystemCall> calls;
  std::map<std::string, std::size_t> ordinals;
  std::size_t saves = 0;
  for (const std::string& line : Lines(trace)) {
    const std::string text = WithoutProcess(line);
    if (text.empty()) continue;
    const std::string name = text.substr(0, text.find('('));
    calls.push_back({name, ++ordinals[name], text, saves});
    const SystemCall& call = calls.back();
    if (name.starts_with("rename") && call.Mentions("/.partial-") &&
        call.Mentions("/generation-") && text.ends_with(" = 0")) {
      ++saves;
    }
  }
  return calls;
}

}  // namespace

Outcome TracedTest::Trace(const Scenario& scenario,
                          const Arguments& options) const {
  const char* strace = std::getenv("STRACE_EXE");
  if (strace == nullptr) throw std::runtime_error("STRACE_EXE names strace");
  Reset(scenario);
  Invocation invocation = Prepare(scenario.run);
  invocation.arguments = Arguments{strace, "-f", "-y", "-o", kTraceFile} +
                         options + invocation.arguments;
  return RunProgram(invocation);
}

std::vector<SystemCall> TracedTest::LastTrace() const {
  return ParseTrace(Read(kTraceFile));
}

std::vector<SystemCall> TracedTest::CallsOf(const Scenario& scenario) const {
  const auto calls_of_a_run = [&] {
    const Outcome outcome = Trace(scenario, {});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_EQ(DigestOf(outcome.out), scenario.states.back());
    return LastTrace();
  };
  std::vector<SystemCall> calls = calls_of_a_run();
  EXPECT_EQ(NamesOf(calls), NamesOf(calls_of_a_run()));
  EXPECT_EQ(calls.back().saves, scenario.states.size() - 1);
  // Of a run that goes on, what it only reads comes first.
  const std::string first = scenario.states.front().empty()
                                ? '"' + std::string(kSaved) + '"'
                                : '"' + std::string(kSaved) + "/lock\"";
  calls.erase(calls.begin(), std::find_if(calls.begin() + 1, calls.end(),
                                          [&](const SystemCall& call) {
                                            return call.Mentions(first);
                                          }));
  return calls;
}

Outcome TracedTest::RunWithFault(const Scenario& scenario,
                                 const SystemCall& call,
                                 const std::string& effect,
                                 const std::string& more, Calls calls) const {
  return Trace(scenario, {"-e", "trace=" + call.name + more, "-e",
                          "inject=" + call.name + ":" + effect +
                              ":when=" + std::to_string(call.ordinal) +
                              (calls == Calls::kThis ? "" : "+")});
}

}  // namespace microgpt
