// SIGINT and SIGTERM: the first asks to stop after the running step, the second
// ends the process at once.
#ifndef MICROGPT_CLI_INTERRUPT_H_
#define MICROGPT_CLI_INTERRUPT_H_

namespace microgpt::cli {

// Installs the handlers and ignores SIGPIPE.
void CatchSignals();

// Number of the signal that asked to stop, or 0.
int PendingSignal();

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_INTERRUPT_H_
