// The text of --help.
#ifndef MICROGPT_CLI_HELP_TEXT_H_
#define MICROGPT_CLI_HELP_TEXT_H_

#include <string>
#include <vector>

#include "cli/command_list.h"
#include "cli/flag_table.h"

namespace microgpt::cli {

// At most 80 columns, without escapes.
std::string HelpText(const CommandInfo& command, const FlagTable& flags);

// Names of the groups of flags, in order of their first flags.
std::vector<std::string> GroupsOf(const std::vector<Flag>& flags);

// "-t, --threads N".
std::string NamesOf(const Flag& flag);

// What files, environment and presets do, for help and man page.
std::string SourcesText();

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_HELP_TEXT_H_
