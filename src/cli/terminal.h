// Whether colour and animation are welcome, the moving line, and the one-line
// messages. Single-threaded.
#ifndef MICROGPT_CLI_TERMINAL_H_
#define MICROGPT_CLI_TERMINAL_H_

#include <string_view>

namespace microgpt::cli {

// stderr is a terminal that knows escapes, NO_COLOR is not set, --no-color not
// given.
bool FancyStderr();
void ForbidColor();

// Columns of the terminal on stderr; 80 where they are not known.
int StderrColumns();

// LC_ALL, LC_CTYPE or LANG, the first that is set, names UTF-8.
bool Utf8Locale();

// A line on stderr that is rewritten in place, without line end. All other
// functions here remove it before they write. REQUIRES: FancyStderr().
void ShowStatus(std::string_view line);
// Removes the line, if there is one. Async-signal-safe.
void ClearStatus();

// "microgpt: error: ..." / "microgpt: warning: ..." on stderr, one line each.
void PrintError(std::string_view message);
void PrintWarning(std::string_view message);
void PrintNote(std::string_view message);

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_TERMINAL_H_
