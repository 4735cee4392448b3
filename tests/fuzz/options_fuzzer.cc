// The command line: one argument per line of the input.
#include "cli/options.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "microgpt/config.h"
#include "microgpt/error.h"
#include "microgpt/generator.h"
#include "tests/fuzz/harness.h"

namespace microgpt::fuzz {
namespace {

// With the name of the program. As in a real argv, a NUL ends an argument.
std::vector<std::string> Split(std::string_view text) {
  std::vector<std::string> arguments = {"microgpt"};
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = text.substr(begin, end - begin);
    arguments.emplace_back(line.substr(0, line.find('\0')));
    begin = end + 1;
  }
  return arguments;
}

void CheckOptions(const cli::Options& options) {
  const bool prints = options.command == cli::Command::kPrintText;
  Require(prints == !options.text.empty(), "nothing to print, or no command");
  if (prints) return;
  if (options.resume.empty()) Validate(options.train);
  Validate(options.sample);
  Require(options.log_every >= 0 && options.save_every >= 0,
          "a wrong interval");
}

}  // namespace
}  // namespace microgpt::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  using namespace microgpt;
  using namespace microgpt::fuzz;
  const std::vector<std::string> arguments = Split(AsText(data, size));
  std::vector<const char*> argv;
  for (const std::string& argument : arguments) {
    argv.push_back(argument.c_str());
  }
  const int argc = static_cast<int>(argv.size());
  argv.push_back(nullptr);
  cli::Options options;
  try {
    options = cli::ParseOptions(argc, argv.data());
  } catch (const Error& error) {
    // The file of --config may be unreadable.
    Require(
        error.kind() == ErrorKind::kUsage || error.kind() == ErrorKind::kInput,
        std::string("not kUsage: ") + error.what());
    Require(std::string_view(error.what()).find('\n') == std::string_view::npos,
            std::string("more than one line: ") + error.what());
    return 0;
  }
  ++accepted_inputs;
  CheckOptions(options);
  return 0;
}
