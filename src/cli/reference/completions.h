// Completion scripts of shells, from the definitions of commands and flags.
#ifndef MICROGPT_CLI_REFERENCE_COMPLETIONS_H_
#define MICROGPT_CLI_REFERENCE_COMPLETIONS_H_

#include <string>

namespace microgpt::cli {

// They complete commands, flags of the command, choices, files and folders.
std::string BashCompletion();  // to be named "microgpt"
std::string ZshCompletion();   // "_microgpt"
std::string FishCompletion();  // "microgpt.fish"

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_REFERENCE_COMPLETIONS_H_
