// The manual page, from the definitions of commands and flags.
#ifndef MICROGPT_CLI_REFERENCE_MAN_PAGE_H_
#define MICROGPT_CLI_REFERENCE_MAN_PAGE_H_

#include <string>

namespace microgpt::cli {

// microgpt.1 in the language of man(7). The same for every build of a version.
std::string ManPage();

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_REFERENCE_MAN_PAGE_H_
