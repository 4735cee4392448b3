// Exit codes beyond those of microgpt::ErrorKind.
#ifndef MICROGPT_CLI_EXIT_CODE_H_
#define MICROGPT_CLI_EXIT_CODE_H_

namespace microgpt::cli {

inline constexpr int kExitOk = 0;
inline constexpr int kExitSignalBase = 128;  // plus the signal's number

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_EXIT_CODE_H_
