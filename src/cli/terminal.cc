#include "cli/terminal.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "cli/writer.h"

namespace microgpt::cli {
namespace {

bool color_forbidden = false;

void PrintLine(std::string_view color, std::string_view kind,
               std::string_view message) {
  std::string line = "microgpt: ";
  if (!kind.empty()) {
    const bool fancy = FancyStderr();
    if (fancy) line += color;
    line += kind;
    if (fancy) line += "\033[0m";
    line += ": ";
  }
  const std::size_t begin = line.size();
  line += message;
  // One line that cannot drive the terminal, whatever an argument held.
  std::replace_if(
      line.begin() + static_cast<std::ptrdiff_t>(begin), line.end(),
      [](unsigned char c) { return c < 0x20 || c == 0x7F; }, ' ');
  line += '\n';
  WriteAll(STDERR_FILENO, line);  // nowhere to report a failure
}

}  // namespace

bool FancyStderr() {
  const char* no_color = std::getenv("NO_COLOR");
  if (color_forbidden || (no_color != nullptr && *no_color != '\0')) {
    return false;
  }
  const char* term = std::getenv("TERM");
  return isatty(STDERR_FILENO) != 0 && term != nullptr &&
         std::string_view(term) != "dumb";
}

void ForbidColor() { color_forbidden = true; }

void PrintError(std::string_view message) {
  PrintLine("\033[1;31m", "error", message);
}

void PrintWarning(std::string_view message) {
  PrintLine("\033[1;33m", "warning", message);
}

void PrintNote(std::string_view message) { PrintLine("", "", message); }

}  // namespace microgpt::cli
