#include "cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <string>

#include "cli/writer.h"

namespace microgpt::cli {
namespace {

constexpr std::string_view kClearLine = "\r\033[K";

bool color_forbidden = false;
volatile std::sig_atomic_t status_shown = 0;

void PrintLine(std::string_view color, std::string_view kind,
               std::string_view message) {
  ClearStatus();
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

int StderrColumns() {
  constexpr int kUsual = 80;
  winsize size = {};
  const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0;
  return known && size.ws_col > 0 ? size.ws_col : kUsual;
}

bool Utf8Locale() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* value = std::getenv(name);
    if (value == nullptr || *value == '\0') continue;
    std::string letters;
    for (const char* at = value; *at != '\0'; ++at) {
      if (*at == '-') continue;
      letters += *at >= 'A' && *at <= 'Z' ? static_cast<char>(*at | 0x20) : *at;
    }
    return letters.find("utf8") != std::string::npos;
  }
  return false;
}

void ShowStatus(std::string_view line) {
  std::string text(kClearLine);
  text += line;
  // Before the write, which a signal may cut short.
  status_shown = 1;
  WriteAll(STDERR_FILENO, text);
}

void ClearStatus() {
  if (status_shown == 0) return;
  status_shown = 0;
  WriteAll(STDERR_FILENO, kClearLine);
}

void PrintError(std::string_view message) {
  PrintLine("\033[1;31m", "error", message);
}

void PrintWarning(std::string_view message) {
  PrintLine("\033[1;33m", "warning", message);
}

void PrintNote(std::string_view message) { PrintLine("", "", message); }

}  // namespace microgpt::cli
