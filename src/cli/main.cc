#include <fcntl.h>
#include <unistd.h>

#include <exception>
#include <new>
#include <string>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/interrupt.h"
#include "cli/options.h"
#include "cli/terminal.h"
#include "cli/writer.h"
#include "microgpt/error.h"
#include "microgpt/system.h"

namespace microgpt::cli {
namespace {

// Started with a closed stdin, stdout or stderr, the next file opened would
// take its place and receive what is printed.
void OccupyStandardDescriptors() {
  int descriptor = 0;
  do {
    descriptor = ::open("/dev/null", O_RDWR);
  } while (descriptor >= 0 && descriptor <= STDERR_FILENO);
  if (descriptor > STDERR_FILENO) ::close(descriptor);
}

int RunCommand(const Options& options) {
  if (!options.simd.empty()) SetSimdTarget(options.simd);
  switch (options.command) {
    case Command::kTrain:
      return RunTrain(options);
    case Command::kSample:
      return RunSample(options);
    case Command::kEval:
      return RunEval(options);
    case Command::kBench:
      return RunBench(options);
    case Command::kInfo:
      return RunInfo(options);
    case Command::kReport:
      return RunReportPage(options);
    case Command::kPrintText:
      break;
  }
  Writer out(STDOUT_FILENO, "standard output");
  out.Append(options.text);
  out.Flush();
  return kExitOk;
}

int Run(int argc, const char* const* argv) {
  const Options options = ParseOptions(argc, argv, environ);
  if (options.no_color) ForbidColor();
  for (const std::string& warning : options.warnings) PrintWarning(warning);
  try {
    return RunCommand(options);
  } catch (const Error& error) {
    throw Error(error.kind(), NamePlaces(error.what(), options));
  }
}

}  // namespace
}  // namespace microgpt::cli

int main(int argc, char** argv) {
  using microgpt::ErrorKind;
  microgpt::cli::OccupyStandardDescriptors();
  microgpt::cli::CatchSignals();
  try {
    return microgpt::cli::Run(argc, argv);
  } catch (const microgpt::Error& error) {
    microgpt::cli::PrintError(error.what());
    return static_cast<int>(error.kind());
  } catch (const std::bad_alloc&) {
    microgpt::cli::PrintError(
        "out of memory; use a smaller model or --threads");
    return static_cast<int>(ErrorKind::kResources);
  } catch (const std::exception& error) {
    microgpt::cli::PrintError(error.what());
    return static_cast<int>(ErrorKind::kIo);
  }
}
