// Prints the man page or a completion script; the build runs it.
#include <unistd.h>

#include <string>

#include "cli/reference/completions.h"
#include "cli/reference/man_page.h"
#include "cli/terminal.h"
#include "cli/writer.h"
#include "microgpt/error.h"

int main(int argc, char** argv) {
  using namespace microgpt::cli;
  try {
    const std::string what = argc == 2 ? argv[1] : "";
    Writer out(STDOUT_FILENO, "standard output");
    if (what == "man") {
      out.Append(ManPage());
    } else if (what == "bash") {
      out.Append(BashCompletion());
    } else if (what == "zsh") {
      out.Append(ZshCompletion());
    } else if (what == "fish") {
      out.Append(FishCompletion());
    } else {
      PrintError("give man, bash, zsh or fish");
      return 2;
    }
    out.Flush();
  } catch (const microgpt::Error& error) {
    PrintError(error.what());
    return static_cast<int>(error.kind());
  }
  return 0;
}
