// The program of the build, run in an empty folder of the test's own.
#ifndef MICROGPT_TESTS_CLI_CLI_FIXTURE_H_
#define MICROGPT_TESTS_CLI_CLI_FIXTURE_H_

#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"
#include "tests/cli/subprocess.h"

namespace microgpt {

using Arguments = std::vector<std::string>;

Arguments operator+(Arguments left, const Arguments& right);

// Removed with everything in it.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

class CliTest : public testing::Test {
 protected:
  // The program with these arguments, in folder(), without a terminal's
  // variables.
  Invocation Prepare(const Arguments& arguments) const;
  Outcome Run(const Arguments& arguments) const;
  // As Run, for a run that must end with 0 and say nothing on stderr but what
  // IsAdviceOnInput is.
  std::string Output(const Arguments& arguments) const;

  const std::string& folder() const { return folder_.path(); }
  std::string PathOf(const std::string& name) const;
  void Write(const std::string& name, std::string_view content) const;
  std::string Read(const std::string& name) const;

 private:
  TemporaryFolder folder_;
};

std::vector<std::string> Lines(const std::string& text);

// Whether a line of stderr says how much of long documents is not used, or that
// the input looks like a binary file.
bool IsAdviceOnInput(const std::string& line);

// The hexadecimal digits of the last line, "digest: ...".
std::string DigestOf(const std::string& output);

// Whether a file in an output folder is one that describes the run, and no
// part of a checkpoint.
bool IsRunFile(const std::string& name);

// Values of the lines "sample N: ...".
std::vector<std::string> SamplesOf(const std::string& output);

// Exit code `code`, nothing on stdout, and one line on stderr that begins as
// errors do and contains every one of `words`.
testing::AssertionResult IsError(const Outcome& outcome, int code,
                                 const std::vector<std::string>& words);

// As IsError, whatever is on stdout, for a run that may have begun: a line
// about documents that are not used in full may come before.
testing::AssertionResult EndsWithError(const Outcome& outcome, int code,
                                       const std::vector<std::string>& words);

}  // namespace microgpt

#endif  // MICROGPT_TESTS_CLI_CLI_FIXTURE_H_
