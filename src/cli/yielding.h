// Settings that a nearer source makes void.
#ifndef MICROGPT_CLI_YIELDING_H_
#define MICROGPT_CLI_YIELDING_H_

#include "cli/options.h"
#include "cli/settings.h"

namespace microgpt::cli {

// Flags that exclude each other are refused when they come from one source.
// From several, the nearer one is taken: --tokens on the command line makes
// `input` of a file void. What needs another flag, such as --save-every, is
// void where it was not typed and the other is missing. So a file or an
// environment may hold more than a run uses.
void DropYielding(Command command, Settings& settings);

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_YIELDING_H_
