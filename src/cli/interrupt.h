// SIGINT and SIGTERM end the process at once, except while training: there the
// first asks to stop after the running step.
#ifndef MICROGPT_CLI_INTERRUPT_H_
#define MICROGPT_CLI_INTERRUPT_H_

namespace microgpt::cli {

// Installs the handlers. Ignores SIGPIPE and SIGXFSZ: writes fail instead.
void CatchSignals();

// While one exists, the first signal is only noted.
class GracefulStop {
 public:
  GracefulStop();
  ~GracefulStop();
  GracefulStop(const GracefulStop&) = delete;
  GracefulStop& operator=(const GracefulStop&) = delete;
};

// Number of the signal that asked to stop, or 0.
int PendingSignal();

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_INTERRUPT_H_
