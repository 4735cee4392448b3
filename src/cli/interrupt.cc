#include "cli/interrupt.h"

#include <csignal>

#include <unistd.h>

#include "cli/exit_code.h"
#include "cli/terminal.h"

namespace microgpt::cli {
namespace {

volatile std::sig_atomic_t graceful = 0;
volatile std::sig_atomic_t pending_signal = 0;

extern "C" void HandleSignal(int number) {
  if (graceful == 0 || pending_signal != 0) {
    ClearStatus();
    _exit(kExitSignalBase + number);
  }
  pending_signal = number;
}

}  // namespace

void CatchSignals() {
  struct sigaction action = {};
  action.sa_handler = HandleSignal;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  action.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &action, nullptr);
  sigaction(SIGXFSZ, &action, nullptr);
}

GracefulStop::GracefulStop() { graceful = 1; }
GracefulStop::~GracefulStop() { graceful = 0; }

int PendingSignal() { return pending_signal; }

}  // namespace microgpt::cli
