#include "tests/cli/cli_fixture.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <sstream>
#include <stdexcept>

namespace microgpt {
namespace {

std::string ProgramPath() {
  const char* path = std::getenv("MICROGPT_EXE");
  if (path == nullptr || *path == '\0') {
    throw std::runtime_error("MICROGPT_EXE must name the program to test");
  }
  return std::filesystem::absolute(path).string();
}

// Whoever runs the tests may have settings in the environment.
void RemoveSettings(Invocation& invocation) {
  for (const char* const* entry = environ; *entry != nullptr; ++entry) {
    const std::string_view variable = *entry;
    const std::string name(variable.substr(0, variable.find('=')));
    if (name.starts_with("MICROGPT_")) {
      invocation.environment[name] = std::nullopt;
    }
  }
}

}  // namespace

Arguments operator+(Arguments left, const Arguments& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

TemporaryFolder::TemporaryFolder() {
  path_ = (std::filesystem::temp_directory_path() / "microgpt-XXXXXX").string();
  if (::mkdtemp(path_.data()) == nullptr) {
    throw std::runtime_error("no temporary folder");
  }
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

Invocation CliTest::Prepare(const Arguments& arguments) const {
  Invocation invocation;
  invocation.arguments = Arguments{ProgramPath()} + arguments;
  invocation.folder = folder();
  for (const char* name :
       {"NO_COLOR", "TERM", "LC_ALL", "LC_NUMERIC", "LANG"}) {
    invocation.environment[name] = std::nullopt;
  }
  RemoveSettings(invocation);
  return invocation;
}

Outcome CliTest::Run(const Arguments& arguments) const {
  return RunProgram(Prepare(arguments));
}

std::string CliTest::Output(const Arguments& arguments) const {
  const Outcome outcome = Run(arguments);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  for (const std::string& line : Lines(outcome.err)) {
    EXPECT_TRUE(IsAdviceOnInput(line)) << line;
  }
  return outcome.out;
}

std::string CliTest::PathOf(const std::string& name) const {
  return folder() + "/" + name;
}

void CliTest::Write(const std::string& name, std::string_view content) const {
  std::ofstream file(PathOf(name), std::ios::binary);
  file << content;
  file.close();
  if (!file) throw std::runtime_error("cannot write " + name);
}

std::string CliTest::Read(const std::string& name) const {
  std::ifstream file(PathOf(name), std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + name);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

bool IsAdviceOnInput(const std::string& line) {
  static const std::regex kNote(
      "microgpt: (warning: )?[0-9]+ of [0-9]+ documents are longer than "
      "--block-size [0-9]+, their last [0-9]+ tokens are not used; --long-docs "
      "chunk would use them(, --block-size [0-9]+ all of [0-9]+%)?|"
      "microgpt: warning: the input holds control characters .*");
  return std::regex_match(line, kNote);
}

std::string DigestOf(const std::string& output) {
  static const std::regex kDigest("digest: ([0-9a-f]{32})\n$");
  std::smatch match;
  const bool found = std::regex_search(output, match, kDigest);
  EXPECT_TRUE(found) << output;
  return found ? match[1].str() : "";
}

bool IsRunFile(const std::string& name) {
  return name == "metrics.jsonl" || name == "samples.jsonl" ||
         name == "report.html";
}

std::vector<std::string> SamplesOf(const std::string& output) {
  static const std::regex kSample("sample ([0-9]+): (.*)");
  std::vector<std::string> samples;
  for (const std::string& line : Lines(output)) {
    std::smatch match;
    if (!std::regex_match(line, match, kSample)) continue;
    samples.push_back(match[2]);
    EXPECT_EQ(match[1], std::to_string(samples.size()));
  }
  return samples;
}

testing::AssertionResult EndsWithError(const Outcome& outcome, int code,
                                       const std::vector<std::string>& words) {
  const auto fail = [&](const std::string& why) {
    return testing::AssertionFailure()
           << why << "; exit code " << outcome.exit_code << ", signal "
           << outcome.signal << ", stderr: " << outcome.err;
  };
  if (outcome.timed_out) return fail("hangs");
  if (outcome.exit_code != code) {
    return fail("exit code should be " + std::to_string(code));
  }
  std::string line = outcome.err;
  const std::size_t first = line.find('\n');
  if (first != std::string::npos && IsAdviceOnInput(line.substr(0, first))) {
    line.erase(0, first + 1);
  }
  if (!line.starts_with("microgpt: error: ")) return fail("not an error line");
  if (line.find('\n') + 1 != line.size()) return fail("not one line");
  for (const std::string& word : words) {
    if (line.find(word) == std::string::npos) return fail("no '" + word + "'");
  }
  return testing::AssertionSuccess();
}

testing::AssertionResult IsError(const Outcome& outcome, int code,
                                 const std::vector<std::string>& words) {
  if (!outcome.out.empty()) {
    return testing::AssertionFailure() << "stdout: " << outcome.out;
  }
  if (!outcome.err.starts_with("microgpt: error: ")) {
    return testing::AssertionFailure() << "stderr: " << outcome.err;
  }
  return EndsWithError(outcome, code, words);
}

}  // namespace microgpt
