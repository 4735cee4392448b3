// Whether colour and animation are welcome, and the one-line messages.
#ifndef MICROGPT_CLI_TERMINAL_H_
#define MICROGPT_CLI_TERMINAL_H_

#include <string_view>

namespace microgpt::cli {

// stderr is a terminal that knows escapes, NO_COLOR is not set, --no-color not
// given.
bool FancyStderr();
void ForbidColor();

// "microgpt: error: ..." / "microgpt: warning: ..." on stderr, one line each.
void PrintError(std::string_view message);
void PrintWarning(std::string_view message);
void PrintNote(std::string_view message);

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_TERMINAL_H_
